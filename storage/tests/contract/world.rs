//! A database with a few people, a group, a store and products.

use bulq_storage::accounts::{self, NewUser};
use bulq_storage::catalogue::{self, NewProduct, NewStore, ProductFields, StoreFields};
use bulq_storage::groups::{self, NewGroup};
use bulq_storage::{Database, DatabaseConfig, migrate};
use bulq_testkit::{Kind, TestDatabase};
use sqlx::{AssertSqlSafe, ConnectOptions};
use uuid::Uuid;

/// 2026-01-01T00:00:00Z in microseconds.
pub(crate) const T0: i64 = 1_767_225_600_000_000;

pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) leader: Uuid,
    pub(crate) members: Vec<Uuid>,
    pub(crate) group: Uuid,
    pub(crate) store: Uuid,
    pub(crate) products: Vec<Uuid>,
    fresh: TestDatabase,
}

impl World {
    pub(crate) async fn new(kind: Kind) -> Self {
        Self::in_database(bulq_testkit::database(kind).await).await
    }

    pub(crate) async fn in_database(fresh: TestDatabase) -> Self {
        let db = Database::connect(&DatabaseConfig::new(fresh.url())).await.unwrap();
        migrate::up(&db).await.unwrap();
        let leader = add_user(&db, "leader").await;
        let mut members = Vec::new();
        for name in ["anna", "boris", "cveta"] {
            members.push(add_user(&db, name).await);
        }
        let group = add_group(&db, leader).await;
        let (store, products) = add_catalogue(&db, leader).await;
        Self { db, leader, members, group, store, products, fresh }
    }

    /// As a server is started after a migration: connections from before know the tables as they were, and a `select *` of theirs
    /// gets more columns than they expect.
    pub(crate) async fn reopen(&mut self) {
        self.db.close().await;
        self.db = Database::connect(&DatabaseConfig::new(self.url())).await.unwrap();
    }

    pub(crate) fn url(&self) -> &str {
        self.fresh.url()
    }

    pub(crate) async fn user(&self, name: &str) -> Uuid {
        add_user(&self.db, name).await
    }

    /// Somebody who is in the group without an invitation.
    pub(crate) async fn join(&self, user: Uuid, role: &str) {
        let (group, user) = (self.id(self.group), self.id(user));
        self.sql(&format!(
            "insert into group_members (group_id, user_id, role, joined_at) values ({group}, {user}, '{role}', {T0})"
        ))
        .await;
    }

    /// An id as a literal of this database.
    pub(crate) fn id(&self, id: Uuid) -> String {
        match self.fresh.kind() {
            Kind::Sqlite => format!("x'{}'", id.simple()),
            Kind::Postgres => format!("'{id}'"),
        }
    }

    /// Behind the back of everybody.
    pub(crate) async fn sql(&self, sql: &str) -> u64 {
        run_sql(self.fresh.url(), sql).await
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        match self.fresh.kind() {
            Kind::Sqlite => {
                let options: sqlx::sqlite::SqliteConnectOptions = self.url().parse().unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut options.connect().await.unwrap()).await.unwrap()
            }
            Kind::Postgres => {
                let options: sqlx::postgres::PgConnectOptions = self.url().parse().unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut options.connect().await.unwrap()).await.unwrap()
            }
        }
    }
}

pub(crate) async fn run_sql(url: &str, sql: &str) -> u64 {
    let statement = AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite") {
        let options: sqlx::sqlite::SqliteConnectOptions = url.parse().unwrap();
        let mut connection = options.foreign_keys(false).connect().await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap().rows_affected()
    } else {
        let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap().rows_affected()
    }
}

pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser {
        id: Uuid::now_v7(),
        username: name.to_owned(),
        name: format!("The {name}"),
        password_hash: "$argon2id$…".to_owned(),
        language: "en".to_owned(),
        at: T0,
    }
}

async fn add_user(db: &Database, name: &str) -> Uuid {
    accounts::create_user(db, new_user(name)).await.unwrap().id
}

async fn add_group(db: &Database, admin: Uuid) -> Uuid {
    let new = NewGroup {
        id: Uuid::now_v7(),
        name: "Sunday".to_owned(),
        currency: "EUR".to_owned(),
        created_by: admin,
        at: T0,
    };
    groups::create_group(db, new, 100).await.unwrap().id
}

async fn add_catalogue(db: &Database, by: Uuid) -> (Uuid, Vec<Uuid>) {
    let store = NewStore { id: Uuid::now_v7(), fields: store_fields("Wholesale"), created_by: by, at: T0 };
    let product =
        |name: &str| NewProduct { id: Uuid::now_v7(), fields: product_fields(name), created_by: by, at: T0 };
    let products = ["Rice", "Lentils", "Olive oil"].map(product);
    let ids = products.iter().map(|product| product.id).collect();
    catalogue::insert_catalogue(db, std::slice::from_ref(&store), &products, &[]).await.unwrap();
    (store.id, ids)
}

pub(crate) fn store_fields(name: &str) -> StoreFields {
    StoreFields { name: name.to_owned(), ..StoreFields::default() }
}

pub(crate) fn product_fields(name: &str) -> ProductFields {
    let (name, unit) = (name.to_owned(), "piece".to_owned());
    ProductFields { name, unit, step_thousandths: 1000, ..ProductFields::default() }
}
