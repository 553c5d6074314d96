//! Finding stores and products by what people type. Every row of either has a row in `search_entries`, written in
//! the same transaction; both databases index its trigrams.

mod alike;

use crate::database::{Tx, hex_list};
use crate::fold::{containing, fold, similarity};
use crate::record::Row;
use crate::{Database, Page, StorageError};
use uuid::Uuid;

/// Shorter texts have no trigram: they are looked for at the beginning of names.
const GRAM: usize = 3;
/// How alike a name must be to be worth a warning.
const SIMILAR: f64 = 0.4;
const MOST_SIMILAR: usize = 10;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Product,
    Store,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Store => "store",
        }
    }
}

/// The statements of one table: each of its rows has `id` and `name_key`, and is gone when `merged_into` or `disabled_at` is set.
///
/// What is found is cut to a page before its rows are looked up: 101 is one more than the largest page has, and a number
/// the databases plan by. On SQLite a cross join keeps its order.
pub(super) struct Statements {
    pub(super) kind: Kind,
    pub(super) all: &'static str,
    pub(super) beginning: &'static str,
    pub(super) holding_postgres: &'static str,
    pub(super) holding_sqlite: &'static str,
    pub(super) similar_postgres: &'static str,
    pub(super) by_ids_sqlite: &'static str,
}

macro_rules! statements {
    ($table:literal, $kind:literal, $of:expr) => {
        $crate::catalogue::search::Statements {
            kind: $of,
            all: concat!(
                "select t.* from ",
                $table,
                " t
                 where t.merged_into is null and t.disabled_at is null and (t.name_key, t.id) > ($1, $2)
                 order by t.name_key, t.id limit $3"
            ),
            beginning: concat!(
                "with found as materialized (
                     select e.id, e.name_key from search_entries e
                     where e.kind = '",
                $kind,
                "' and e.name >= $3 and e.name < $4 and (e.name_key, e.id) > ($1, $2)
                     order by e.name_key, e.id limit 101
                 )
                 select t.* from found cross join ",
                $table,
                " t where t.id = found.id
                 order by t.name_key, t.id limit $5"
            ),
            holding_postgres: concat!(
                "with found as materialized (
                     select e.id, e.name_key from search_entries e
                     where e.kind = '",
                $kind,
                "' and e.words like $3 escape '\\' and (e.name_key, e.id) > ($1, $2)
                     order by e.name_key, e.id limit 101
                 )
                 select t.* from found cross join ",
                $table,
                " t where t.id = found.id
                 order by t.name_key, t.id limit $4"
            ),
            holding_sqlite: concat!(
                "with found as materialized (
                     select e.id, e.name_key
                     from search_index i cross join search_entries e on e.entry = i.rowid
                     where search_index match $3 and e.kind = '",
                $kind,
                "' and (e.name_key, e.id) > ($1, $2)
                     order by e.name_key, e.id limit 101
                 )
                 select t.* from found cross join ",
                $table,
                " t where t.id = found.id
                 order by t.name_key, t.id limit $4"
            ),
            similar_postgres: concat!(
                "with found as materialized (
                     select e.id from search_entries e
                     where e.kind = '",
                $kind,
                "' and e.name % $1 order by similarity(e.name, $1) desc, e.id limit 50
                 )
                 select t.* from found cross join ",
                $table,
                " t where t.id = found.id"
            ),
            by_ids_sqlite: concat!(
                "select t.* from ",
                $table,
                " t where t.id in (select unhex(value) from json_each($1))"
            ),
        }
    };
}
pub(super) use statements;

/// By name, from the page's cursor on; with `query`, those that are found by it.
pub(super) async fn list<T: Row>(
    db: &Database,
    statements: &Statements,
    page: &Page,
    query: Option<&str>,
) -> Result<Vec<T>, StorageError> {
    let query = fold(query.unwrap_or_default());
    if query.is_empty() {
        all(db, statements, page).await
    } else if query.chars().count() < GRAM {
        beginning(db, statements, page, &query).await
    } else {
        holding(db, statements, page, &query).await
    }
}

async fn all<T: Row>(db: &Database, statements: &Statements, page: &Page) -> Result<Vec<T>, StorageError> {
    let (name_key, id) = page.above_text()?;
    Ok(on_db!(
        db,
        read | c | {
            sqlx::query_as(statements.all).bind(name_key).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?)
}

async fn beginning<T: Row>(
    db: &Database,
    statements: &Statements,
    page: &Page,
    query: &str,
) -> Result<Vec<T>, StorageError> {
    let (name_key, id) = page.above_text()?;
    Ok(on_db!(
        db,
        read | c | {
            sqlx::query_as(statements.beginning)
                .bind(name_key)
                .bind(id)
                .bind(query)
                .bind(format!("{query}\u{10ffff}"))
                .bind(page.rows())
                .fetch_all(c)
                .await
        }
    )?)
}

async fn holding<T: Row>(
    db: &Database,
    statements: &Statements,
    page: &Page,
    query: &str,
) -> Result<Vec<T>, StorageError> {
    let (name_key, id) = page.above_text()?;
    let (sql, pattern) = match db {
        Database::Postgres(_) => (statements.holding_postgres, containing(query)),
        Database::Sqlite(_) => (statements.holding_sqlite, format!("words : {}", phrase(query))),
    };
    Ok(on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(name_key).bind(id).bind(pattern).bind(page.rows()).fetch_all(c).await
        }
    )?)
}

/// Those whose name is alike, most alike first. `name` of a row is what it is compared by.
pub(super) async fn similar<T: Row>(
    db: &Database,
    statements: &Statements,
    name: &str,
    name_of: impl Fn(&T) -> &str,
) -> Result<Vec<T>, StorageError> {
    let name = fold(name);
    let rows: Vec<T> = match db {
        Database::Postgres(store) => {
            sqlx::query_as(statements.similar_postgres).bind(&name).fetch_all(&store.pool).await?
        }
        Database::Sqlite(store) => {
            let ids = alike::ids(&store.readers, statements.kind, &name).await?;
            sqlx::query_as(statements.by_ids_sqlite).bind(hex_list(&ids)).fetch_all(&store.readers).await?
        }
    };
    let scored = rows.into_iter().map(|row| (similarity(&name, &fold(name_of(&row))), row));
    let mut alike: Vec<(f64, T)> = scored.filter(|(score, _)| *score >= SIMILAR).collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alike.truncate(MOST_SIMILAR);
    Ok(alike.into_iter().map(|(_, row)| row).collect())
}

/// A text as FTS5 looks for it letter by letter.
fn phrase(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Makes a row findable by its name and by other words.
pub(super) async fn put(
    tx: &mut Tx,
    kind: Kind,
    id: Uuid,
    name: &str,
    more: impl Iterator<Item = &str>,
) -> Result<(), sqlx::Error> {
    let (name, name_key) = (fold(name), name.to_lowercase());
    let words = more.fold(name.clone(), |words, more| words + " \u{b7} " + &fold(more));
    let sql =
        "insert into search_entries (kind, id, name, words, stale, name_key) values ($1, $2, $3, $4, $5, $6)
               on conflict (kind, id) do update set name = excluded.name, words = excluded.words, stale = $5,
                   name_key = excluded.name_key";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(kind.as_str())
            .bind(id)
            .bind(name)
            .bind(words)
            .bind(false)
            .bind(name_key)
            .execute(c)
            .await
            .map(drop)
    })
}

/// Nobody finds it any more.
pub(super) async fn remove(tx: &mut Tx, kind: Kind, id: Uuid) -> Result<(), sqlx::Error> {
    let sql = "delete from search_entries where kind = $1 and id = $2";
    on_tx!(tx, |c| sqlx::query(sql).bind(kind.as_str()).bind(id).execute(c).await.map(drop))
}

/// The rows that were written by another version, a few at a time.
pub(super) async fn stale(tx: &mut Tx) -> Result<Vec<(Kind, Uuid)>, sqlx::Error> {
    let sql = "select kind, id from search_entries where stale order by entry limit 500";
    let rows: Vec<(String, Uuid)> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await)?;
    let kind = |kind: &str| if kind == Kind::Store.as_str() { Kind::Store } else { Kind::Product };
    Ok(rows.into_iter().map(|(k, id)| (kind(&k), id)).collect())
}
