//! The schema goes up and down, and what would lose data is refused.

use crate::world::{World, run_sql};
use bulq_storage::migrate::{self, SchemaError};
use bulq_storage::{ConnectError, Database, DatabaseConfig};
use bulq_testkit::{Kind, TestDatabase};

on_both! {
    migrations_go_up_and_down_and_up,
    a_newer_schema_is_refused,
    servers_starting_together_migrate_once,
    a_database_answers_until_it_is_closed,
}

async fn migrations_go_up_and_down_and_up(world: World) {
    let all = migrate::status(&world.db).await.unwrap();
    assert!(all.iter().all(|migration| migration.applied));
    migrate::check(&world.db).await.unwrap();

    assert_eq!(migrate::down(&world.db, 1).await.unwrap(), 1);
    assert!(matches!(migrate::check(&world.db).await, Err(SchemaError::Pending { pending: 1 })));
    assert_eq!(migrate::down(&world.db, 99).await.unwrap(), all.len() - 1);
    assert!(migrate::status(&world.db).await.unwrap().iter().all(|migration| !migration.applied));

    assert_eq!(migrate::up(&world.db).await.unwrap(), all.len());
    assert_eq!(migrate::up(&world.db).await.unwrap(), 0);
    assert_eq!(world.count("users").await, 0);
}

async fn a_newer_schema_is_refused(world: World) {
    world.sql("insert into schema_migrations (version, name) values (9999, 'from the future')").await;

    let answer = Database::connect(&DatabaseConfig::new(world.url())).await;
    assert!(matches!(answer, Err(ConnectError::NewerSchema { database: 9999, .. })), "{answer:?}");
    assert!(matches!(migrate::check(&world.db).await, Err(SchemaError::Newer { .. })));
    assert!(matches!(migrate::up(&world.db).await, Err(SchemaError::Newer { .. })));
    assert!(matches!(migrate::down(&world.db, 1).await, Err(SchemaError::Newer { .. })));
}

async fn servers_starting_together_migrate_once(world: World) {
    migrate::down(&world.db, 99).await.unwrap();

    let starting: Vec<_> = (0..4)
        .map(|_| {
            let config = DatabaseConfig::new(world.url());
            tokio::spawn(
                async move { migrate::up(&Database::connect(&config).await.unwrap()).await.unwrap() },
            )
        })
        .collect();
    let mut applied = 0;
    for server in starting {
        applied += server.await.unwrap();
    }

    assert_eq!(applied, migrate::status(&world.db).await.unwrap().len());
}

async fn a_database_answers_until_it_is_closed(world: World) {
    world.db.ping().await.unwrap();
    assert!(world.url().starts_with(world.db.kind()));

    world.db.close().await;

    assert!(world.db.ping().await.is_err());
}

async fn refusal(url: &str) -> ConnectError {
    Database::connect(&DatabaseConfig::new(url)).await.unwrap_err()
}

#[tokio::test]
async fn a_postgres_that_may_lose_changes_is_refused() {
    let fresh = bulq_testkit::database(Kind::Postgres).await;
    let name = fresh.url().rsplit('/').next().unwrap().to_owned();
    run_sql(fresh.url(), &format!("alter database {name} set synchronous_commit = off")).await;

    let error = refusal(fresh.url()).await;
    assert!(
        matches!(error, ConnectError::UnsafeDurability { ref setting } if setting == "synchronous_commit")
    );
    let config = DatabaseConfig { allow_unsafe_durability: true, ..DatabaseConfig::new(fresh.url()) };
    Database::connect(&config).await.unwrap();
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named() {
    let fresh = bulq_testkit::database(Kind::Postgres).await;
    let missing = format!("{}_not", fresh.url());
    assert!(matches!(refusal(&missing).await, ConnectError::DatabaseMissing { .. }));

    let nobody = refusal("postgres://user:password@127.0.0.1:1/bulq").await;
    assert!(matches!(nobody, ConnectError::Unreachable { port: 1, .. }), "{nobody:?}");
    assert!(!nobody.to_string().contains("password@"));

    for url in ["mysql://x", "bulq", "sqlite:", "sqlite::memory:", "postgres://[", ""] {
        let error = refusal(url).await;
        assert!(matches!(error, ConnectError::BadUrl { .. }), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named() {
    let folder = refusal("sqlite:/dev/null/data/bulq.db").await;
    assert!(matches!(folder, ConnectError::FolderNotWritable { .. }), "{folder:?}");

    let fresh: TestDatabase = bulq_testkit::database(Kind::Sqlite).await;
    std::fs::write(fresh.url().strip_prefix("sqlite:").unwrap(), "x".repeat(5000)).unwrap();
    let text = refusal(fresh.url()).await;
    assert!(matches!(text, ConnectError::NotADatabase { .. }), "{text:?}");
}
