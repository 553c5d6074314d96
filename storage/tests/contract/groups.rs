//! Who is in a group, and who may not go.

use crate::world::{T0, World};
use bulq_storage::groups::{self, CreateError, GroupPatch, MemberError, NewGroup, Role};
use bulq_storage::outbox::{self, Change};
use bulq_storage::{Cursor, Page, StorageError};
use uuid::Uuid;

on_both! {
    of_many_admins_leaving_at_once_one_stays,
    a_departure_leaves_word_for_live_runs,
    the_last_admin_cannot_step_down,
    of_fifty_admins_demoted_at_once_one_stays,
    whoever_is_no_admin_any_more_cannot_demote_or_remove,
    nobody_is_in_more_groups_than_allowed,
    a_group_is_changed_piece_by_piece,
    a_stranger_cannot_be_removed,
    members_are_listed_with_names,
    groups_are_paged_while_others_are_added,
    the_cursor_of_another_list_is_refused,
}

async fn of_many_admins_leaving_at_once_one_stays(world: World) {
    let mut admins = vec![world.leader];
    for n in 0..19 {
        let user = world.user(&format!("admin{n}")).await;
        world.join(user, "admin").await;
        admins.push(user);
    }

    let leaving: Vec<_> = admins
        .into_iter()
        .map(|user| {
            let (db, group) = (world.db.clone(), world.group);
            tokio::spawn(async move { groups::remove_member(&db, group, user, user, T0).await })
        })
        .collect();
    let mut refused = 0;
    for answer in leaving {
        match answer.await.unwrap() {
            Ok(()) => {}
            Err(MemberError::LastAdmin) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }

    assert_eq!(refused, 1);
    assert_eq!(groups::member_count(&world.db, world.group).await.unwrap(), 1);
    assert_eq!(outbox::pending(&world.db, 100).await.unwrap().len(), 19);
}

async fn a_departure_leaves_word_for_live_runs(world: World) {
    let anna = world.members[0];
    world.join(anna, "member").await;

    groups::remove_member(&world.db, world.group, world.leader, anna, T0 + 1).await.unwrap();

    assert_eq!(groups::membership(&world.db, world.group, anna).await.unwrap(), None);
    let [word] = &outbox::pending(&world.db, 10).await.unwrap()[..] else { panic!("not one message") };
    assert_eq!((word.message.group_id, word.message.user_id), (world.group, anna));
    assert_eq!((word.message.name.as_str(), word.message.change), ("The anna", Change::Removed));
    outbox::failed(&world.db, word.id).await.unwrap();
    assert_eq!(outbox::pending(&world.db, 10).await.unwrap()[0].attempts, 1);
    outbox::done(&world.db, word.id).await.unwrap();
    assert!(outbox::pending(&world.db, 10).await.unwrap().is_empty());
}

async fn the_last_admin_cannot_step_down(world: World) {
    let anna = world.members[0];
    world.join(anna, "member").await;
    let set = async |user, role| groups::set_role(&world.db, world.group, world.leader, user, role).await;

    assert!(matches!(set(world.leader, Role::Member).await, Err(MemberError::LastAdmin)));
    set(anna, Role::Admin).await.unwrap();
    set(world.leader, Role::Member).await.unwrap();
    let role = groups::membership(&world.db, world.group, world.leader).await.unwrap();
    assert_eq!(role, Some(Role::Member));
}

async fn of_fifty_admins_demoted_at_once_one_stays(world: World) {
    let mut admins = vec![world.leader];
    for n in 0..49 {
        let user = world.user(&format!("admin{n}")).await;
        world.join(user, "admin").await;
        admins.push(user);
    }

    let demotions: Vec<_> = (0..admins.len())
        .map(|n| {
            // Each is demoted by the next: who may not any more by then is refused.
            let (by, user) = (admins[(n + 1) % admins.len()], admins[n]);
            let (db, group) = (world.db.clone(), world.group);
            tokio::spawn(async move { groups::set_role(&db, group, by, user, Role::Member).await })
        })
        .collect();
    for answer in demotions {
        let answer = answer.await.unwrap();
        assert!(matches!(answer, Ok(()) | Err(MemberError::LastAdmin | MemberError::NotAdmin)), "{answer:?}");
    }
    let own: Vec<_> = admins
        .into_iter()
        .map(|user| {
            let (db, group) = (world.db.clone(), world.group);
            tokio::spawn(async move { groups::set_role(&db, group, user, user, Role::Member).await })
        })
        .collect();
    let mut last = 0;
    for answer in own {
        last += u32::from(matches!(answer.await.unwrap(), Err(MemberError::LastAdmin)));
    }

    assert_eq!(last, 1);
    let page = groups::members(&world.db, world.group, &Page::first(100)).await.unwrap();
    assert_eq!(page.items.iter().filter(|member| member.role == Role::Admin).count(), 1);
    assert_eq!(page.items.len(), 50);
}

async fn whoever_is_no_admin_any_more_cannot_demote_or_remove(world: World) {
    let anna = world.members[0];
    world.join(anna, "member").await;

    let demoted = groups::set_role(&world.db, world.group, anna, world.leader, Role::Member).await;
    let removed = groups::remove_member(&world.db, world.group, anna, world.leader, T0).await;

    assert!(matches!(demoted, Err(MemberError::NotAdmin)), "{demoted:?}");
    assert!(matches!(removed, Err(MemberError::NotAdmin)), "{removed:?}");
}

async fn nobody_is_in_more_groups_than_allowed(world: World) {
    let anna = world.members[0];

    let creating: Vec<_> = (0..8)
        .map(|n| {
            let db = world.db.clone();
            let new = new_group(anna, &format!("Group {n}"));
            tokio::spawn(async move { groups::create_group(&db, new, 3).await })
        })
        .collect();
    let mut refused = 0;
    for answer in creating {
        refused += u32::from(matches!(answer.await.unwrap(), Err(CreateError::TooManyGroups { limit: 3 })));
    }

    assert_eq!(refused, 5);
    let page = groups::groups_of(&world.db, anna, &Page::first(10)).await.unwrap();
    assert_eq!(page.items.len(), 3);
}

async fn a_group_is_changed_piece_by_piece(world: World) {
    let change = async |patch| groups::update_group(&world.db, world.group, patch).await.unwrap().unwrap();

    let costs = r#"[{"label":"Fuel","amount":900,"split":"equally"}]"#.to_owned();
    change(GroupPatch { default_costs: Some(costs.clone()), ..GroupPatch::default() }).await;
    change(GroupPatch { shortage_policy: Some("first_come".to_owned()), ..GroupPatch::default() }).await;
    let now = change(GroupPatch { joining_open: Some(false), ..GroupPatch::default() }).await;

    assert_eq!((now.name.as_str(), now.shortage_policy.as_str()), ("Sunday", "first_come"));
    assert_eq!((now.default_costs, now.joining_open), (costs, false));
}

async fn a_stranger_cannot_be_removed(world: World) {
    let stranger = world.members[2];
    let answer = groups::remove_member(&world.db, world.group, world.leader, stranger, T0).await;
    let nowhere = groups::remove_member(&world.db, Uuid::now_v7(), world.leader, stranger, T0).await;

    assert!(matches!(answer, Err(MemberError::NotAMember)), "{answer:?}");
    assert!(matches!(nowhere, Err(MemberError::NotAMember)), "{nowhere:?}");
}

async fn members_are_listed_with_names(world: World) {
    world.join(world.members[0], "member").await;

    let page = groups::members(&world.db, world.group, &Page::first(10)).await.unwrap();

    let names: Vec<_> = page.items.iter().map(|member| (member.name.as_str(), member.role)).collect();
    assert_eq!(names, [("The leader", Role::Admin), ("The anna", Role::Member)]);
}

fn new_group(by: Uuid, name: &str) -> NewGroup {
    NewGroup { id: Uuid::now_v7(), name: name.to_owned(), currency: "RSD".to_owned(), created_by: by, at: T0 }
}

async fn add_group(world: &World, name: &str) {
    groups::create_group(&world.db, new_group(world.members[0], name), 100).await.unwrap();
}

async fn groups_are_paged_while_others_are_added(world: World) {
    for name in ["Žito", "beans", "Apples", "apples"] {
        add_group(&world, name).await;
    }
    let anna = world.members[0];

    let first = groups::groups_of(&world.db, anna, &Page::first(2)).await.unwrap();
    add_group(&world, "aardvarks").await;
    let after = Cursor::parse(&first.next.unwrap().encode()).unwrap();
    let rest = groups::groups_of(&world.db, anna, &Page { limit: 2, after: Some(after) }).await.unwrap();

    let names = |items: &[groups::GroupOfUser]| items.iter().map(|g| g.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&first.items), ["Apples", "apples"]);
    assert_eq!(names(&rest.items), ["beans", "Žito"]);
    assert_eq!(rest.next, None);
    assert_eq!((rest.items[0].role, rest.items[0].members), (Role::Admin, 1));
}

async fn the_cursor_of_another_list_is_refused(world: World) {
    world.join(world.members[0], "member").await;
    let members = groups::members(&world.db, world.group, &Page::first(1)).await.unwrap();

    let answer = groups::groups_of(&world.db, world.leader, &Page { limit: 1, after: members.next }).await;

    assert!(matches!(answer, Err(StorageError::Cursor(_))), "{answer:?}");
}
