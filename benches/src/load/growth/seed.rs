//! Many runs, quickly: copies of one that was made through the server, row by row, under new ids.
//!
//! What a table's columns are is asked of the database, so that a column added later is copied too.

use super::super::Failure;
use bulq_domain::{GroupId, ProductId, RunId, StoreId};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, SqliteConnection};
use uuid::Uuid;

/// Tables that hold a run, and the column that names it. Parents come before children.
const OF_A_RUN: [(&str, &str); 6] = [
    ("runs", "id"),
    ("participants", "run_id"),
    ("run_products", "run_id"),
    ("bids", "run_id"),
    ("run_events", "run_id"),
    ("run_commands", "run_id"),
];
/// So many copies in one statement.
const STEP: u64 = 100_000;

/// Writes past the server, into its database.
pub(super) enum Seeder {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// What is copied.
#[derive(Clone, Copy)]
pub(super) struct Template {
    pub(super) group: GroupId,
    pub(super) store: StoreId,
    pub(super) product: ProductId,
    pub(super) run: RunId,
}

/// Kinds of ids; the rest of an id is the number of the copy.
#[derive(Clone, Copy)]
enum Kind {
    Run,
    Group,
    Store,
    Product,
}

/// The id of the copy of a run with this number.
pub(super) fn run_id(number: u64) -> RunId {
    RunId(Uuid::from_u128(prefix(Kind::Run) | u128::from(number)))
}

fn prefix(kind: Kind) -> u128 {
    0x0190_0000_0000_7000_8000_0000_0000_0000 | ((kind as u128 + 1) << 48)
}

impl Seeder {
    /// `url` as the server takes it: `sqlite:PATH` or `postgres://…`.
    pub(super) async fn open(url: &str) -> Result<Self, Failure> {
        Ok(match url.strip_prefix("sqlite:") {
            Some(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                Self::Sqlite(options.busy_timeout(std::time::Duration::from_secs(60)).connect().await?)
            }
            None => Self::Postgres(PgConnection::connect(url).await?),
        })
    }

    /// Runs `from..to`, and about a tenth as many groups and products and a hundredth as many stores.
    pub(super) async fn grow(&mut self, of: Template, from: u64, to: u64) -> Result<(), Failure> {
        for begin in (from..to).step_by(usize::try_from(STEP)?) {
            let end = to.min(begin + STEP);
            for (table, key) in OF_A_RUN {
                self.copy(table, key, of.run.0, Kind::Run, begin, end).await?;
            }
        }
        self.copy("groups", "id", of.group.0, Kind::Group, from / 10, to / 10).await?;
        self.copy("group_members", "group_id", of.group.0, Kind::Group, from / 10, to / 10).await?;
        self.copy("products", "id", of.product.0, Kind::Product, from / 10, to / 10).await?;
        self.copy("stores", "id", of.store.0, Kind::Store, from / 100, to / 100).await?;
        // As a database does by itself after a while.
        self.run("analyze").await
    }

    async fn copy(
        &mut self,
        table: &str,
        key: &str,
        id: Uuid,
        kind: Kind,
        from: u64,
        to: u64,
    ) -> Result<(), Failure> {
        if from >= to {
            return Ok(());
        }
        let columns = self.columns(table).await?;
        let values: Vec<_> = columns.iter().map(|column| self.value(table, column, key, kind)).collect();
        let (numbers, id) = (self.numbers(from, to), self.literal(id));
        let sql = format!(
            "insert into {table} ({}) select {} from {table} t cross join {numbers} where t.{key} = {id}",
            columns.join(", "),
            values.join(", "),
        );
        self.run(&sql).await
    }

    fn value(&self, table: &str, column: &str, key: &str, kind: Kind) -> String {
        match column {
            _ if column == key => self.new_id(kind),
            // Copies are older than what is made through the server, each by another second; names differ.
            "created_at" if table == "runs" => "t.created_at - (n.i + 1) * 1000000".to_owned(),
            "name" | "name_key" => format!("t.{column} || ' ' || n.i"),
            // The people of the copied groups are others than those who measure.
            "left_at" if table == "group_members" => "t.joined_at".to_owned(),
            _ => format!("t.{column}"),
        }
    }

    fn new_id(&self, kind: Kind) -> String {
        let prefix = format!("{:020x}", prefix(kind) >> 48);
        match self {
            Self::Postgres(_) => format!("('{prefix}' || lpad(to_hex(n.i), 12, '0'))::uuid"),
            Self::Sqlite(_) => format!("unhex('{prefix}' || printf('%012x', n.i))"),
        }
    }

    fn literal(&self, id: Uuid) -> String {
        match self {
            Self::Postgres(_) => format!("'{id}'::uuid"),
            Self::Sqlite(_) => format!("x'{}'", id.simple()),
        }
    }

    fn numbers(&self, from: u64, to: u64) -> String {
        match self {
            Self::Postgres(_) => format!("generate_series({from}::bigint, {to}::bigint - 1) as n(i)"),
            Self::Sqlite(_) => format!(
                "(with recursive c(i) as (select {from} union all select i + 1 from c where i + 1 < {to})
                  select i from c) as n"
            ),
        }
    }

    async fn columns(&mut self, table: &str) -> Result<Vec<String>, Failure> {
        let names = |rows: Vec<String>| if rows.is_empty() { Err("no such table") } else { Ok(rows) };
        Ok(names(match self {
            Self::Postgres(c) => {
                let sql = "select column_name::text from information_schema.columns
                           where table_schema = current_schema() and table_name = $1 order by ordinal_position";
                sqlx::query_scalar(sql).bind(table).fetch_all(c).await?
            }
            Self::Sqlite(c) => {
                let rows = sqlx::query("select name from pragma_table_info($1)").bind(table).fetch_all(c);
                rows.await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?
            }
        })?)
    }

    async fn run(&mut self, sql: &str) -> Result<(), Failure> {
        match self {
            Self::Postgres(c) => sqlx::query(AssertSqlSafe(sql)).execute(c).await.map(drop)?,
            Self::Sqlite(c) => sqlx::query(AssertSqlSafe(sql)).execute(c).await.map(drop)?,
        }
        Ok(())
    }
}
