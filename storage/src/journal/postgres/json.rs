//! Rows of what is rare, as one JSON array.

use super::Done;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::postgres::PgQueryResult;

/// Runs a statement that takes its rows as `$1`; nothing is sent for no rows.
pub(super) async fn write_all<R: Serialize>(c: &mut PgConnection, sql: &'static str, rows: &[R]) -> Done {
    if rows.is_empty() {
        return Ok(PgQueryResult::default());
    }
    sqlx::query(sql).bind(text(rows)).execute(c).await
}

pub(super) fn text<R: Serialize>(rows: &[R]) -> String {
    serde_json::to_string(rows).expect("rows of plain values make JSON")
}
