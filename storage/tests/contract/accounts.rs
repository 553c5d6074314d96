//! Who may log in.

use crate::world::{T0, World, new_user};
use bulq_storage::accounts::{self, AccountError, NewSession, Session, SessionKind};
use bulq_storage::{Database, DatabaseConfig, migrate};
use bulq_testkit::Kind;
use uuid::Uuid;

on_both! {
    a_username_is_taken_in_any_case,
    users_are_found,
    a_secret_is_rotated_once,
    sessions_end_by_themselves_by_user_and_by_family,
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
