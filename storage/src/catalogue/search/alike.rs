//! Names that may be alike, on SQLite. It has no index by likeness, and to rank all that share a trigram takes seconds when
//! the trigram is a common one. So trigrams are counted first, each no further than to see that it is common; candidates are
//! the names with a rare one, and some of those that share one of each word.

use super::{GRAM, Kind, MOST_SIMILAR, SIMILAR, phrase};
use crate::fold::similarity;
use sqlx::SqlitePool;
use std::collections::BTreeSet;
use uuid::Uuid;

/// More names than this have a common trigram.
const COMMON: i64 = 1000;
/// So many names are compared, of either sort.
const COMPARED: i64 = 5000;

/// The most alike, in no particular order.
pub(super) async fn ids(db: &SqlitePool, kind: Kind, name: &str) -> Result<Vec<Uuid>, sqlx::Error> {
    let mut known = count(db, &grams(name)).await?;
    known.retain(|(_, names)| *names > 0);
    let mut candidates = BTreeSet::new();
    for asked in [any_rare(&mut known), one_of_each_word(name, &known)].into_iter().flatten() {
        candidates.extend(named(db, kind, &asked).await?);
    }
    let scored = candidates.into_iter().map(|(id, other)| (similarity(name, &other), id));
    let mut alike: Vec<(f64, Uuid)> = scored.filter(|(score, _)| *score >= SIMILAR).collect();
    alike.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.cmp(y)));
    alike.truncate(MOST_SIMILAR);
    Ok(alike.into_iter().map(|(_, id)| id).collect())
}

fn grams(text: &str) -> BTreeSet<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.windows(GRAM).map(|gram| phrase(&gram.iter().collect::<String>())).collect()
}

/// In how many names each is, up to [`COMMON`] and one.
async fn count(db: &SqlitePool, grams: &BTreeSet<String>) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let sql = "select g.value, (
                   select count(*) from (
                       select 1 from search_index where search_index match 'name : ' || g.value limit $2
                   )
               ) from json_each($1) g";
    let grams = serde_json::to_string(grams).expect("texts are plain data");
    sqlx::query_as(sql).bind(grams).bind(COMMON + 1).fetch_all(db).await
}

/// The rarest first, as many as are worth comparing.
fn any_rare(known: &mut [(String, i64)]) -> Option<String> {
    known.sort_by_key(|(_, names)| *names);
    let mut sum = 0;
    let rare = known.iter().take_while(|(_, names)| {
        sum += names;
        *names <= COMMON && sum <= COMPARED
    });
    any(rare.map(|(gram, _)| gram.as_str()))
}

/// Words without a trigram that is known do not count.
fn one_of_each_word(name: &str, known: &[(String, i64)]) -> Option<String> {
    let words = name.split(' ').filter_map(|word| {
        let grams = grams(word);
        any(known.iter().map(|(gram, _)| gram.as_str()).filter(|gram| grams.contains(*gram)))
    });
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

fn any<'a>(grams: impl Iterator<Item = &'a str>) -> Option<String> {
    let grams: Vec<_> = grams.collect();
    (!grams.is_empty()).then(|| format!("name : ({})", grams.join(" OR ")))
}

async fn named(db: &SqlitePool, kind: Kind, asked: &str) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let sql = "select e.id, e.name from search_index i cross join search_entries e on e.entry = i.rowid
               where search_index match $1 and e.kind = $2 limit $3";
    sqlx::query_as(sql).bind(asked).bind(kind.as_str()).bind(COMPARED).fetch_all(db).await
}
