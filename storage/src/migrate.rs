//! Bringing the schema up and down. The scripts are part of the program; all that is pending runs in one transaction.

mod scripts;

use crate::database::Tx;
use crate::error::carries_faults;
use crate::{Database, StorageError, catalogue};
use scripts::Migration;

/// One migration, and whether this database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    pub version: i64,
    pub name: String,
    pub applied: bool,
}

/// Why this program must not serve from this database.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("the database has schema {database}, this program knows only {binary}: start the newer program")]
    Newer { database: i64, binary: i64 },
    #[error(
        "PostgreSQL has no extension {name}: install its contrib package, then have a superuser run \
         `create extension {name}` in this database"
    )]
    ExtensionMissing { name: &'static str },
    #[error("{pending} migrations are pending: run `bulq migrate up`")]
    Pending { pending: usize },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(SchemaError);

/// Applies what is pending and brings up to date what only the program can; returns how many that were. Several servers starting together wait for each other.
///
/// # Errors
/// [`SchemaError::Newer`] and faults; then nothing has changed.
pub async fn up(db: &Database) -> Result<usize, SchemaError> {
    let known = scripts::of(db);
    let mut tx = begin_alone(db).await?;
    let applied = applied(&mut tx).await?;
    refuse_newer(&applied, known)?;
    let pending: Vec<_> = known.iter().filter(|m| !applied.contains(&m.version)).collect();
    for migration in &pending {
        run(&mut tx, migration.up).await.map_err(name_the_extension)?;
        note(&mut tx, migration).await?;
    }
    tx.commit().await?;
    catalogue::refresh_search(db).await?;
    Ok(pending.len())
}

/// Takes the latest `steps` migrations back, with everything they hold; returns how many that were.
///
/// # Errors
/// [`SchemaError::Newer`] and faults; then nothing has changed.
pub async fn down(db: &Database, steps: usize) -> Result<usize, SchemaError> {
    let known = scripts::of(db);
    let mut tx = begin_alone(db).await?;
    let applied = applied(&mut tx).await?;
    refuse_newer(&applied, known)?;
    let last: Vec<_> = known.iter().rev().filter(|m| applied.contains(&m.version)).take(steps).collect();
    for migration in &last {
        run(&mut tx, migration.down).await?;
        forget(&mut tx, migration.version).await?;
    }
    tx.commit().await?;
    Ok(last.len())
}

/// Every migration this program knows, in order.
///
/// # Errors
/// Faults only.
pub async fn status(db: &Database) -> Result<Vec<MigrationStatus>, StorageError> {
    let applied = applied_if_any(db).await?;
    let status = |m: &Migration| MigrationStatus {
        version: m.version,
        name: m.name.to_owned(),
        applied: applied.contains(&m.version),
    };
    Ok(scripts::of(db).iter().map(status).collect())
}

/// Whether this program and this database fit together.
///
/// # Errors
/// [`SchemaError::Newer`], [`SchemaError::Pending`], faults.
pub async fn check(db: &Database) -> Result<(), SchemaError> {
    let applied = applied_if_any(db).await?;
    let known = scripts::of(db);
    refuse_newer(&applied, known)?;
    match known.iter().filter(|m| !applied.contains(&m.version)).count() {
        0 => Ok(()),
        pending => Err(SchemaError::Pending { pending }),
    }
}

fn refuse_newer(applied: &[i64], known: &[Migration]) -> Result<(), SchemaError> {
    let newest = known.last().map_or(0, |m| m.version);
    match applied.iter().max() {
        Some(&database) if database > newest => Err(SchemaError::Newer { database, binary: newest }),
        _ => Ok(()),
    }
}

/// A transaction no other migration runs beside. SQLite has one writer anyway.
async fn begin_alone(db: &Database) -> Result<Tx, StorageError> {
    let mut tx = db.begin().await?;
    if let Tx::Postgres(pg) = &mut tx {
        sqlx::query("select pg_advisory_xact_lock(42656170)").execute(&mut **pg).await?;
    }
    create_register(&mut tx).await?;
    Ok(tx)
}

async fn create_register(tx: &mut Tx) -> Result<(), StorageError> {
    run(tx, "create table if not exists schema_migrations (version bigint not null primary key, name text not null)")
        .await
}

/// Not installed (an undefined file, or a feature that is not there), or this user may not create it.
fn name_the_extension(fault: StorageError) -> SchemaError {
    let StorageError::Database(sqlx::Error::Database(refusal)) = &fault else { return fault.into() };
    let sort = refusal.code().unwrap_or_default();
    if matches!(&*sort, "58P01" | "0A000" | "42501") && refusal.message().contains("extension \"pg_trgm\"") {
        return SchemaError::ExtensionMissing { name: "pg_trgm" };
    }
    fault.into()
}

async fn run(tx: &mut Tx, script: &'static str) -> Result<(), StorageError> {
    on_tx!(tx, |c| sqlx::raw_sql(script).execute(c).await.map(drop))?;
    Ok(())
}

async fn applied(tx: &mut Tx) -> Result<Vec<i64>, StorageError> {
    let sql = "select version from schema_migrations order by version";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).fetch_all(c).await)?)
}

async fn note(tx: &mut Tx, migration: &Migration) -> Result<(), StorageError> {
    let sql = "insert into schema_migrations (version, name) values ($1, $2)";
    on_tx!(tx, |c| {
        sqlx::query(sql).bind(migration.version).bind(migration.name).execute(c).await.map(drop)
    })?;
    Ok(())
}

async fn forget(tx: &mut Tx, version: i64) -> Result<(), StorageError> {
    let sql = "delete from schema_migrations where version = $1";
    on_tx!(tx, |c| sqlx::query(sql).bind(version).execute(c).await.map(drop))?;
    Ok(())
}

/// Nothing is applied to a database without a register.
async fn applied_if_any(db: &Database) -> Result<Vec<i64>, StorageError> {
    let mut tx = db.begin_read().await?;
    let exists: bool = match &mut tx {
        Tx::Postgres(pg) => {
            sqlx::query_scalar("select to_regclass('schema_migrations') is not null")
                .fetch_one(&mut **pg)
                .await?
        }
        Tx::Sqlite(lite) => {
            sqlx::query_scalar("select exists (select 1 from sqlite_schema where name = 'schema_migrations')")
                .fetch_one(&mut **lite)
                .await?
        }
    };
    if exists { applied(&mut tx).await } else { Ok(Vec::new()) }
}
