//! Who may log in.

use crate::world::{T0, World, new_user};
use bulq_storage::accounts::{
    self, AccountError, AmountOfUser, EraseError, NewSession, ProfilePatch, Session, SessionKind,
};
use bulq_storage::admin::{self, AdminError, NewEntry};
use bulq_storage::catalogue::{self, NewObservation};
use bulq_storage::{Database, DatabaseConfig, migrate};
use bulq_testkit::Kind;
use uuid::Uuid;

on_both! {
    a_username_is_taken_in_any_case,
    users_are_found,
    a_secret_is_rotated_once,
    sessions_end_by_themselves_by_user_and_by_family,
    a_profile_changes_in_part,
    a_new_password_ends_the_other_sessions,
    disabling_ends_sessions_and_enabling_brings_none_back,
    nothing_of_an_erased_person_is_left_but_the_row,
    the_servers_last_admin_is_not_erased_while_others_are_here,
    what_was_saved_is_against_the_last_price_before_the_run,
}

async fn a_username_is_taken_in_any_case(world: World) {
    let answer = accounts::create_user(&world.db, new_user("ANNA")).await;

    assert!(
        matches!(answer, Err(AccountError::UsernameTaken { ref username }) if username == "anna"),
        "{answer:?}"
    );
}

async fn users_are_found(world: World) {
    let anna = accounts::user_by_username(&world.db, "Anna").await.unwrap().unwrap();
    let ids = [anna.id, world.leader, Uuid::now_v7()];

    assert_eq!(anna.id, world.members[0]);
    assert!(!anna.is_admin);
    assert!(accounts::user(&world.db, world.leader).await.unwrap().unwrap().is_admin);
    assert_eq!(accounts::users_by_ids(&world.db, &ids).await.unwrap().len(), 2);
    assert_eq!(accounts::user(&world.db, ids[2]).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_first_users_becomes_admin() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let fresh = bulq_testkit::database(kind).await;
        let db = Database::connect(&DatabaseConfig::new(fresh.url())).await.unwrap();
        migrate::up(&db).await.unwrap();

        let registrations: Vec<_> = (0..8)
            .map(|n| {
                let db = db.clone();
                tokio::spawn(async move { accounts::create_user(&db, new_user(&format!("user{n}"))).await })
            })
            .collect();
        let mut admins = 0;
        for registration in registrations {
            admins += i32::from(registration.await.unwrap().unwrap().is_admin);
        }

        assert_eq!(admins, 1, "{kind:?}");
        db.close().await;
    }
}

async fn login(world: &World, secret: &[u8], family: Uuid) -> Session {
    let new = NewSession {
        id: Uuid::now_v7(),
        user_id: world.leader,
        kind: SessionKind::Token,
        secret_hash: secret.to_vec(),
        family,
        expires_at: T0 + 100,
        user_agent: Some("curl".to_owned()),
        at: T0,
    };
    accounts::create_session(&world.db, new).await.unwrap()
}

async fn a_secret_is_rotated_once(world: World) {
    let session = login(&world, b"old", Uuid::now_v7()).await;
    let rotate = async |old: &[u8], new: &[u8], at| {
        accounts::rotate_session(&world.db, session.id, old, new, at + 100, at).await.unwrap()
    };

    assert!(rotate(b"old", b"new", T0 + 1).await);
    assert!(!rotate(b"old", b"other", T0 + 2).await);
    assert!(!rotate(b"new", b"late", T0 + 200).await);
    assert_eq!(accounts::session_by_secret(&world.db, b"old").await.unwrap(), None);
    let current = accounts::session_by_secret(&world.db, b"new").await.unwrap().unwrap();
    assert_eq!((current.id, current.expires_at, current.kind), (session.id, T0 + 101, SessionKind::Token));
}

async fn sessions_end_by_themselves_by_user_and_by_family(world: World) {
    let family = Uuid::now_v7();
    let first = login(&world, b"1", family).await;
    let second = login(&world, b"2", family).await;
    let third = login(&world, b"3", Uuid::now_v7()).await;
    accounts::touch_session(&world.db, third.id, T0 + 5).await.unwrap();

    let listed = accounts::sessions_of(&world.db, world.leader, T0 + 10).await.unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0].id, third.id);
    assert!(accounts::sessions_of(&world.db, world.leader, T0 + 100).await.unwrap().is_empty());

    assert!(accounts::revoke_session(&world.db, first.id, T0 + 1).await.unwrap());
    assert!(!accounts::revoke_session(&world.db, first.id, T0 + 1).await.unwrap());
    assert_eq!(accounts::revoke_family(&world.db, family, T0 + 2).await.unwrap(), [second.id]);
    assert_eq!(accounts::revoke_sessions_of(&world.db, world.leader, T0 + 3).await.unwrap(), [third.id]);
    assert_eq!(accounts::session(&world.db, first.id).await.unwrap().unwrap().revoked_at, Some(T0 + 1));
}

async fn a_profile_changes_in_part(world: World) {
    let patch = |username: Option<&str>, theme: Option<&str>| ProfilePatch {
        username: username.map(str::to_owned),
        theme: theme.map(str::to_owned),
        ..ProfilePatch::default()
    };
    let anna = world.members[0];

    let renamed =
        accounts::update_profile(&world.db, anna, patch(Some("Anya"), None)).await.unwrap().unwrap();
    let dark = accounts::update_profile(&world.db, anna, patch(None, Some("dark"))).await.unwrap().unwrap();
    let taken = accounts::update_profile(&world.db, anna, patch(Some("BORIS"), None)).await;

    assert_eq!((renamed.username.as_str(), renamed.theme.as_str()), ("anya", "system"));
    assert_eq!((dark.username.as_str(), dark.theme.as_str()), ("anya", "dark"));
    assert!(matches!(taken, Err(AccountError::UsernameTaken { ref username }) if username == "boris"));
    let nobody = accounts::update_profile(&world.db, Uuid::now_v7(), patch(None, None)).await.unwrap();
    assert_eq!(nobody, None);
}

async fn a_new_password_ends_the_other_sessions(world: World) {
    let keep = login(&world, b"1", Uuid::now_v7()).await;
    let other = login(&world, b"2", Uuid::now_v7()).await;
    let old = accounts::user(&world.db, world.leader).await.unwrap().unwrap().password_hash;
    let set = async |old: &str| {
        accounts::set_password(&world.db, world.leader, old, "new", keep.id, T0 + 1).await.unwrap()
    };

    assert_eq!(set(&old).await, Some(vec![other.id]));
    assert_eq!(set(&old).await, None, "the old hash is not the current one any more");
    accounts::replace_password_hash(&world.db, world.leader, &old, "late").await.unwrap();
    accounts::replace_password_hash(&world.db, world.leader, "new", "better").await.unwrap();
    let now = accounts::user(&world.db, world.leader).await.unwrap().unwrap();
    assert_eq!(now.password_hash, "better");
}

async fn disabling_ends_sessions_and_enabling_brings_none_back(world: World) {
    let session = login(&world, b"1", Uuid::now_v7()).await;
    let anna = world.members[0];
    admin::set_admin(&world.db, anna, true, &entry(world.leader, 0)).await.unwrap();

    assert_eq!(admin::disable(&world.db, world.leader, &entry(anna, 1)).await.unwrap(), [session.id]);
    assert!(admin::disable(&world.db, world.leader, &entry(anna, 2)).await.unwrap().is_empty());
    let disabled = accounts::user(&world.db, world.leader).await.unwrap().unwrap();
    assert_eq!(disabled.disabled_at, Some(T0 + 1));
    admin::enable(&world.db, world.leader, &entry(anna, 3)).await.unwrap();
    assert_eq!(accounts::user(&world.db, world.leader).await.unwrap().unwrap().disabled_at, None);
    assert!(accounts::sessions_of(&world.db, world.leader, T0 + 3).await.unwrap().is_empty());
    let nobody = admin::disable(&world.db, Uuid::now_v7(), &entry(anna, 4)).await;
    assert!(matches!(nobody, Err(AdminError::NoSuchUser)), "{nobody:?}");
    assert_eq!(world.count("admin_log").await, 4);
}

fn entry(admin_id: Uuid, after: i64) -> NewEntry {
    let (target, target_id, detail) = ("user", None, "{}".to_owned());
    NewEntry { id: Uuid::now_v7(), admin_id, action: "did", target, target_id, detail, at: T0 + after }
}

async fn the_servers_last_admin_is_not_erased_while_others_are_here(world: World) {
    let erase = async |user| accounts::erase_user(&world.db, user, T0 + 1).await;

    assert!(matches!(erase(world.leader).await, Err(EraseError::LastAdmin)));
    assert_eq!(accounts::user(&world.db, world.leader).await.unwrap().unwrap().erased_at, None);
    for anybody in &world.members {
        erase(*anybody).await.unwrap().unwrap();
    }
    erase(world.leader).await.unwrap().unwrap();
    let next = accounts::create_user(&world.db, new_user("next")).await.unwrap();
    assert!(next.is_admin, "nobody else is here");
}

async fn nothing_of_an_erased_person_is_left_but_the_row(world: World) {
    let [anna, boris] = [world.members[0], world.members[1]];
    admin::set_admin(&world.db, anna, true, &entry(world.leader, 0)).await.unwrap();
    world.join(anna, "member").await;
    world.join(boris, "member").await;
    let session = login(&world, b"1", Uuid::now_v7()).await;

    let erased = accounts::erase_user(&world.db, world.leader, T0 + 1).await.unwrap().unwrap();

    assert_eq!(erased.sessions, [session.id]);
    assert_eq!(erased.groups.len(), 1);
    assert_eq!(erased.groups[0].group, world.group);
    assert!(erased.groups[0].heir == Some(anna.min(boris)), "both joined at the same moment");
    let row = accounts::user(&world.db, world.leader).await.unwrap().unwrap();
    assert!(row.username.starts_with('~') && row.name == "(deleted)" && !row.is_admin);
    assert_eq!((row.disabled_at, row.erased_at), (Some(T0 + 1), Some(T0 + 1)));
    assert_eq!(world.count("sessions").await, 0);
    assert_eq!(accounts::erase_user(&world.db, world.leader, T0 + 2).await.unwrap(), None, "once");
    let back = admin::enable(&world.db, world.leader, &entry(anna, 3)).await;
    assert!(matches!(back, Err(AdminError::NoSuchUser)), "for good: {back:?}");
    assert_eq!(accounts::counts_of(&world.db, anna).await.unwrap().runs, 0);
}

async fn what_was_saved_is_against_the_last_price_before_the_run(world: World) {
    let run = Uuid::now_v7();
    let (leader, rice, lentils) = (world.leader, world.products[0], world.products[1]);
    for (product, price, at) in
        [(rice, 300, T0 - 9), (rice, 200, T0 - 5), (rice, 50, T0 + 1), (lentils, 100, T0 + 1)]
    {
        let (id, store_id, by) = (Uuid::now_v7(), world.store, leader);
        let seen = NewObservation {
            id,
            product_id: product,
            store_id,
            price,
            pack_thousandths: None,
            run_id: None,
            by,
            at,
        };
        catalogue::observe_price(&world.db, &seen).await.unwrap();
    }
    let [id, group, store, leader_id, rice, lentils] =
        [run, world.group, world.store, leader, rice, lentils].map(|id| world.id(id));
    let no = if world.url().starts_with("sqlite") { "0" } else { "false" };
    world
        .sql(&format!(
            "insert into runs (id, group_id, store_id, leader_id, state, seq, epoch, created_at, updated_at)
                 values ({id}, {group}, {store}, {leader_id}, 'distributing', 1, 1, {T0}, {T0});
             insert into participants (run_id, user_id, position, ready, helper, removed)
                 values ({id}, {leader_id}, 1, {no}, {no}, {no});
             insert into run_products (run_id, product_id, position, name, unit, step_thousandths, minimum_thousandths)
                 values ({id}, {rice}, 1, 'Rice', 'kg', 1, 0), ({id}, {lentils}, 2, 'Lentils', 'kg', 1, 0);
             insert into run_items (run_id, product_id, requested_thousandths, bought_thousandths, total, changed_seq)
                 values ({id}, {rice}, 1500, 1500, 260, 1), ({id}, {lentils}, 1000, 1000, 90, 1);
             insert into allocations (run_id, product_id, user_id, received_thousandths, share)
                 values ({id}, {rice}, {leader_id}, 1500, 260), ({id}, {lentils}, {leader_id}, 1000, 90);"
        ))
        .await;
    let saved = async || accounts::saved(&world.db, leader).await.unwrap();

    assert_eq!(saved().await, [], "it is not over");
    world.sql(&format!("update runs set state = 'completed' where id = {id}")).await;

    // 1.5 kg at 200 is 300; nobody knew what lentils cost.
    assert_eq!(saved().await, [AmountOfUser { currency: "EUR".to_owned(), amount: 40 }]);
}
