//! Finding stores and products by what people type. Every row of either has a row in `search_entries`, written in
//! the same transaction; both databases index its trigrams.

use crate::database::Tx;
use crate::fold::{containing, fold, similarity};
use crate::{Database, Page, StorageError};
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
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

/// A row of either database.
pub(super) trait Row:
    for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin {}

/// The statements of one table: each of its rows has `id` and `name_key`, and is gone when `merged_into` is set.
///
/// On SQLite a cross join keeps its order: first what the index finds, then the rows of that.
pub(super) struct Statements {
    pub(super) all: &'static str,
    pub(super) beginning: &'static str,
    pub(super) holding_postgres: &'static str,
    pub(super) holding_sqlite: &'static str,
    pub(super) similar_postgres: &'static str,
    pub(super) similar_sqlite: &'static str,
}

macro_rules! statements {
    ($table:literal, $kind:literal) => {
        $crate::catalogue::search::Statements {
            all: concat!(
                "select t.* from ", $table, " t
                 where t.merged_into is null and (t.name_key, t.id) > ($1, $2) order by t.name_key, t.id limit $3"
            ),
            beginning: concat!(
                "select t.* from search_entries e join ", $table, " t on t.id = e.id
                 where e.kind = '", $kind, "' and e.name >= $3 and e.name < $4 and (t.name_key, t.id) > ($1, $2)
                 order by t.name_key, t.id limit $5"
            ),
            holding_postgres: concat!(
                "select t.* from search_entries e join ", $table, " t on t.id = e.id
                 where e.kind = '", $kind, "' and e.words like $3 escape '\\' and (t.name_key, t.id) > ($1, $2)
                 order by t.name_key, t.id limit $4"
            ),
            holding_sqlite: concat!(
                "select t.* from search_index i cross join search_entries e on e.entry = i.rowid
                     cross join ", $table, " t on t.id = e.id
                 where search_index match $3 and e.kind = '", $kind, "' and (t.name_key, t.id) > ($1, $2)
                 order by t.name_key, t.id limit $4"
            ),
            similar_postgres: concat!(
                "select t.* from search_entries e join ", $table, " t on t.id = e.id
                 where e.kind = '", $kind, "' and e.name % $1 order by similarity(e.name, $1) desc, e.id limit 50"
            ),
            similar_sqlite: concat!(
                "select t.* from search_index i cross join search_entries e on e.entry = i.rowid
                     cross join ", $table, " t on t.id = e.id
                 where search_index match $1 and e.kind = '", $kind, "' order by i.rank limit 50"
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
    let Some(grams) = phrases(&name) else { return Ok(Vec::new()) };
    let (sql, asked) = match db {
        Database::Postgres(_) => (statements.similar_postgres, name.clone()),
        Database::Sqlite(_) => (statements.similar_sqlite, format!("name : ({grams})")),
    };
    let rows: Vec<T> = on_db!(db, read | c | sqlx::query_as(sql).bind(asked).fetch_all(c).await)?;
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

/// Any of the name's trigrams; None if it has none.
fn phrases(name: &str) -> Option<String> {
    let letters: Vec<char> = name.chars().collect();
    let grams: Vec<String> = letters.windows(GRAM).map(|w| phrase(&w.iter().collect::<String>())).collect();
    (!grams.is_empty()).then(|| grams.join(" OR "))
}

/// Makes a row findable by its name and by other words.
pub(super) async fn put(
    tx: &mut Tx,
    kind: Kind,
    id: Uuid,
    name: &str,
    more: impl Iterator<Item = &str>,
) -> Result<(), sqlx::Error> {
    let name = fold(name);
    let words = more.fold(name.clone(), |words, more| words + " \u{b7} " + &fold(more));
    let sql = "insert into search_entries (kind, id, name, words, stale) values ($1, $2, $3, $4, $5)
               on conflict (kind, id) do update set name = excluded.name, words = excluded.words, stale = $5";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(kind.as_str())
            .bind(id)
            .bind(name)
            .bind(words)
            .bind(false)
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
