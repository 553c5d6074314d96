//! Lists: `?limit=&cursor=`, and queries in general.

use super::problem::Failure;
use actix_web::dev::Payload;
use actix_web::error::QueryPayloadError;
use actix_web::{FromRequest, HttpRequest, web};
use bulq_protocol::list::Listing;
use bulq_storage::{Cursor, Page, Paged};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

const DEFAULT_LIMIT: u32 = 50;
/// What is looked for, in characters: no name is longer, and each letter costs the databases something.
pub const LONGEST_SEARCH: usize = 100;

/// The query of a request; wrong values are a 422.
#[derive(Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // No text of ours holds one, and PostgreSQL takes none.
        if request.query_string().contains("%00") {
            return ready(Err(Failure::invalid("the query: must not hold control characters")));
        }
        let query = web::Query::<T>::from_query(request.query_string());
        ready(query.map(|query| Self(query.into_inner())).map_err(|error| wrong(&error)))
    }
}

fn wrong(error: &QueryPayloadError) -> Failure {
    match error {
        QueryPayloadError::Deserialize(why) => Failure::invalid(format!("the query: {why}")),
        other => Failure::invalid(other.to_string()),
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    pub(super) limit: Option<u32>,
    pub(super) cursor: Option<String>,
}

/// The same, with a text to look for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    pub(super) q: Option<String>,
    pub(super) limit: Option<u32>,
    pub(super) cursor: Option<String>,
}

impl PageQuery {
    pub(super) fn page(&self) -> Result<Page, Failure> {
        page(self.limit, self.cursor.as_deref())
    }
}

/// Something to look for, not too long.
pub(super) fn searched(q: &str) -> Result<&str, Failure> {
    if q.chars().count() <= LONGEST_SEARCH {
        return Ok(q);
    }
    Err(Failure::field("q", "TOO_LONG", format!("at most {LONGEST_SEARCH} characters")))
}

impl SearchQuery {
    /// What the names of admins' lists begin with.
    pub(super) fn beginning(&self) -> &str {
        self.q.as_deref().unwrap_or_default().trim()
    }

    pub(super) fn page(&self) -> Result<Page, Failure> {
        self.q.as_deref().map(searched).transpose()?;
        page(self.limit, self.cursor.as_deref())
    }
}

/// 1 to 100 rows, from the cursor on.
pub(super) fn page(limit: Option<u32>, cursor: Option<&str>) -> Result<Page, Failure> {
    let limit = limit_of(limit)?;
    Ok(Page { limit, after: cursor.map(Cursor::parse).transpose()? })
}

pub(super) fn limit_of(limit: Option<u32>) -> Result<u32, Failure> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if (1..=Page::MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Failure::field("limit", "OUT_OF_RANGE", format!("1 to {}", Page::MAX)))
}

pub(super) fn listing<Row, T>(paged: Paged<Row>, item: impl Fn(Row) -> T) -> Listing<T> {
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    Listing { items: paged.items.into_iter().map(item).collect(), next_cursor }
}
