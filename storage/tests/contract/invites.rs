//! How one gets into a group, at most as often as allowed.

use crate::world::{T0, World};
use bulq_storage::Page;
use bulq_storage::groups::{self, AcceptError, GroupPatch, MembershipLimits, NewInvite, Role};
use bulq_storage::outbox::{self, Change};
use uuid::Uuid;

on_both! {
    an_invitation_is_never_used_more_often_than_allowed,
    a_group_never_grows_beyond_its_limit,
    an_invitation_says_why_it_is_no_good,
    an_invitation_is_previewed,
    whoever_comes_back_is_a_member_again_and_runs_are_told,
}

const HASH: &[u8] = b"hash of a token";

async fn invite(world: &World, max_uses: Option<i64>, expires_at: Option<i64>) -> groups::Invite {
    let new = NewInvite {
        id: Uuid::now_v7(),
        group_id: world.group,
        token_hash: HASH.to_vec(),
        created_by: world.leader,
        expires_at,
        max_uses,
        at: T0,
    };
    groups::create_invite(&world.db, new).await.unwrap()
}

async fn listed(world: &World) -> Vec<groups::Invite> {
    groups::invites(&world.db, world.group, &Page::first(10)).await.unwrap().items
}

const fn limits(members_per_group: i64) -> MembershipLimits {
    MembershipLimits { members_per_group, groups_per_user: 100 }
}

/// Twelve people at once; returns how many got in, and the errors.
async fn rush(world: &World, limit: i64) -> (usize, Vec<AcceptError>) {
    let mut guests = Vec::new();
    for n in 0..12 {
        guests.push(world.user(&format!("guest{n}")).await);
    }
    let accepting: Vec<_> = guests
        .into_iter()
        .map(|user| {
            let db = world.db.clone();
            tokio::spawn(async move { groups::accept_invite(&db, HASH, user, T0, limits(limit)).await })
        })
        .collect();
    let mut errors = Vec::new();
    let mut joined = 0;
    for answer in accepting {
        match answer.await.unwrap() {
            Ok(_) => joined += 1,
            Err(error) => errors.push(error),
        }
    }
    (joined, errors)
}

async fn an_invitation_is_never_used_more_often_than_allowed(world: World) {
    invite(&world, Some(5), None).await;

    let (joined, errors) = rush(&world, 100).await;

    assert_eq!(joined, 5);
    assert!(errors.iter().all(|e| matches!(e, AcceptError::UsedUp)), "{errors:?}");
    assert_eq!(groups::member_count(&world.db, world.group).await.unwrap(), 6);
    assert_eq!(listed(&world).await[0].uses, 5);
}

async fn a_group_never_grows_beyond_its_limit(world: World) {
    invite(&world, None, None).await;

    let (joined, errors) = rush(&world, 4).await;

    assert_eq!(joined, 3);
    assert!(errors.iter().all(|e| matches!(e, AcceptError::GroupFull { limit: 4 })), "{errors:?}");
    assert_eq!(listed(&world).await[0].uses, 3);
}

async fn an_invitation_says_why_it_is_no_good(world: World) {
    let anna = world.members[0];
    let accept = async |user, at| groups::accept_invite(&world.db, HASH, user, at, limits(100)).await;

    assert!(matches!(accept(anna, T0).await, Err(AcceptError::NotFound)));
    let invite = invite(&world, None, Some(T0 + 10)).await;
    assert!(matches!(accept(anna, T0 + 10).await, Err(AcceptError::Expired)));
    assert!(matches!(accept(world.leader, T0).await, Err(AcceptError::AlreadyMember { .. })));
    open_joining(&world, false).await;
    assert!(matches!(accept(anna, T0).await, Err(AcceptError::JoiningClosed)));
    open_joining(&world, true).await;
    assert!(groups::revoke_invite(&world.db, world.group, invite.id, T0).await.unwrap());
    assert!(!groups::revoke_invite(&world.db, world.group, invite.id, T0).await.unwrap());
    assert!(matches!(accept(anna, T0).await, Err(AcceptError::Revoked)));
    let inside = accept(world.leader, T0).await;
    assert!(
        matches!(inside, Err(AcceptError::AlreadyMember { group }) if group == world.group),
        "{inside:?}"
    );
    assert!(listed(&world).await.is_empty());
    assert_eq!(world.count("group_invites where uses > 0").await, 0);
}

async fn open_joining(world: &World, open: bool) {
    let patch = GroupPatch { joining_open: Some(open), ..GroupPatch::default() };
    let group = groups::update_group(&world.db, world.group, patch).await.unwrap().unwrap();
    assert_eq!((group.joining_open, group.name.as_str()), (open, "Sunday"));
}

async fn an_invitation_is_previewed(world: World) {
    invite(&world, Some(2), None).await;

    let preview = groups::invite_by_token(&world.db, HASH).await.unwrap().unwrap();

    assert_eq!((preview.group_name.as_str(), preview.inviter_name.as_str()), ("Sunday", "The leader"));
    assert_eq!((preview.members, preview.joining_open, preview.max_uses), (1, true, Some(2)));
    assert_eq!(groups::invite_by_token(&world.db, b"other").await.unwrap(), None);
}

async fn whoever_comes_back_is_a_member_again_and_runs_are_told(world: World) {
    let anna = world.members[0];
    invite(&world, None, None).await;
    let accept = async |at| groups::accept_invite(&world.db, HASH, anna, at, limits(100)).await.unwrap();

    assert!(!accept(T0).await.returned);
    groups::remove_member(&world.db, world.group, anna, anna, T0 + 1).await.unwrap();
    assert!(accept(T0 + 2).await.returned);

    assert_eq!(groups::membership(&world.db, world.group, anna).await.unwrap(), Some(Role::Member));
    let words = outbox::pending(&world.db, 10).await.unwrap();
    let changes: Vec<_> = words.iter().map(|word| word.message.change).collect();
    assert_eq!(changes, [Change::Left, Change::Returned]);
}
