//! A batch on SQLite: each statement takes its rows as one JSON array, and all of them are one trip to the connection's
//! thread. Ids travel as hex.

mod books;
mod goods;
mod notices;

use super::Failure;
use super::batch::{Advance, AskedRow, Batch, LogRow, NewRun, Notices};
use crate::database::{SqliteStore, hex_list};
use crate::error::Sort;
use crate::projection::{BidRow, Changed, Joined, ProductRow, Projection};
use serde::Serialize;
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::collections::BTreeMap;
use uuid::Uuid;
use uuid::fmt::Simple;

/// A whole transaction, as one text: each trip to the connection's thread costs more than most statements.
struct Script {
    text: String,
    /// What the statements take, in order: rows as JSON, or a number.
    values: Vec<String>,
}

/// See [`super::tell`].
pub(super) async fn tell(c: &mut SqliteConnection, notices: &Notices) -> Result<(), sqlx::Error> {
    notices::tell(c, notices).await
}

pub(super) async fn write(store: &SqliteStore, batch: &Batch) -> Result<(), Failure> {
    let mut connection = store.writer.acquire().await.map_err(Failure::Begin)?;
    let Err(error) = script_of(batch).run(&mut connection).await else { return Ok(()) };
    // What is written is undone. If nothing was, there is nothing to undo, and that is said as an error.
    let _ = sqlx::query("rollback").execute(&mut *connection).await;
    Err(failure_of(error))
}

/// A refusal by a statement is told from a fault, which may have come at the commit.
fn failure_of(error: sqlx::Error) -> Failure {
    let Some(refusal) = error.as_database_error() else { return Failure::Commit(error) };
    match Sort::of(refusal) {
        _ if refusal.message() == NOT_AS_EXPECTED => Failure::Fence,
        Sort::Contended => Failure::Begin(error),
        Sort::Data | Sort::Other => Failure::Statement(error),
        Sort::Away => Failure::Commit(error),
    }
}

fn script_of(batch: &Batch) -> Script {
    let mut script = Script::begin();
    insert_runs(&mut script, &batch.created);
    advance_runs(&mut script, &batch.advanced);
    insert_events(&mut script, &batch.events);
    insert_commands(&mut script, &batch.commands);
    write_projection(&mut script, &batch.projection);
    if batch.is_more_than_bids() {
        goods::turn_runs(&mut script, &batch.turns);
        books::write(&mut script, &batch.projection.books);
        goods::write(&mut script, &batch.projection.goods);
        notices::write(&mut script, &batch.notices);
    }
    script
}

fn write_projection(script: &mut Script, rows: &Projection) {
    clear_ready(script, &rows.unready_runs.iter().copied().collect::<Vec<_>>());
    put_participants(script, &values(&rows.joined));
    change_participants(script, &values(&rows.changed));
    let deleted: Vec<_> = rows.deleted_bids.iter().map(|(r, p, u)| [*r, *p, *u].map(Uuid::simple)).collect();
    delete_bids(script, &deleted);
    let deleted: Vec<_> = rows.deleted_products.iter().map(|(r, p)| [*r, *p].map(Uuid::simple)).collect();
    delete_products(script, &deleted);
    insert_products(script, &values(&rows.products));
    put_bids(script, &values(&rows.bids));
}

/// How SQLite puts it that [`Script::expect`] was disappointed.
const NOT_AS_EXPECTED: &str = "malformed JSON";

impl Script {
    fn begin() -> Self {
        Self { text: "begin immediate".to_owned(), values: Vec::new() }
    }

    /// Adds a statement that takes its rows as `$1`; without rows, nothing.
    fn write<R: Serialize>(&mut self, sql: &'static str, rows: &[R]) {
        if !rows.is_empty() {
            self.add(sql, serde_json::to_string(rows).expect("rows of plain values make JSON"));
        }
    }

    /// The statement before must have written so many rows, or all of this is undone.
    fn expect(&mut self, rows: usize) {
        if rows > 0 {
            let sql = "select 1 where json(iif(changes() = cast($1 as integer), '1', '')) is null";
            self.add(sql, rows.to_string());
        }
    }

    /// The texts are constant and few of them come in many orders: each whole is prepared once.
    fn add(&mut self, sql: &'static str, value: String) {
        self.values.push(value);
        self.text.push_str("; ");
        self.text.push_str(&sql.replace("$1", &format!("${}", self.values.len())));
    }

    async fn run(mut self, c: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.text.push_str("; commit");
        let query = sqlx::query(AssertSqlSafe(self.text));
        let query = self.values.into_iter().fold(query, |query, value| query.bind(value));
        query.execute(c).await.map(drop)
    }
}

fn values<K, R>(map: &BTreeMap<K, R>) -> Vec<&R> {
    map.values().collect()
}

fn insert_runs(script: &mut Script, rows: &[NewRun]) {
    let sql = "insert into runs (id, group_id, store_id, leader_id, state, seq, epoch, comment, planned_on,
                   bidding_deadline_at, auto_confirm, shortage_policy, created_at, updated_at)
               select unhex(value ->> 'run_id'), unhex(value ->> 'group_id'), unhex(value ->> 'store_id'),
                   unhex(value ->> 'leader_id'), value ->> 'state', value ->> 'seq', value ->> 'epoch',
                   value ->> 'comment', value ->> 'planned_on', value ->> 'bidding_deadline_at',
                   value ->> 'auto_confirm', value ->> 'shortage_policy', value ->> 'created_at',
                   value ->> 'updated_at'
               from json_each($1) where true
               on conflict (id) do nothing";
    script.write(sql, rows);
    script.expect(rows.len());
}

/// The fence: writes only runs that are as expected.
fn advance_runs(script: &mut Script, rows: &[Advance]) {
    let sql = "update runs set seq = n.value ->> 'seq', epoch = n.value ->> 'epoch',
                   state = coalesce(n.value ->> 'state', state),
                   leader_id = coalesce(unhex(n.value ->> 'leader_id'), leader_id),
                   comment = iif(n.value ->> 'comment_set', n.value ->> 'comment', comment),
                   planned_on = iif(n.value ->> 'planned_on_set', n.value ->> 'planned_on', planned_on),
                   bidding_deadline_at =
                       iif(n.value ->> 'deadline_set', n.value ->> 'bidding_deadline_at', bidding_deadline_at),
                   updated_at = coalesce(n.value ->> 'updated_at', updated_at)
               from json_each($1) n
               where runs.id = unhex(n.value ->> 'run_id') and runs.epoch = n.value ->> 'expected_epoch'
                   and runs.seq = n.value ->> 'expected_seq'";
    script.write(sql, rows);
    script.expect(rows.len());
}

fn insert_events(script: &mut Script, rows: &[LogRow]) {
    let sql = "insert into run_events (run_id, seq, command_id, actor_id, at, kind, body, epoch)
               select unhex(value ->> 'run_id'), value ->> 'seq', unhex(value ->> 'command_id'),
                   unhex(value ->> 'actor_id'), value ->> 'at', value ->> 'kind', value ->> 'body',
                   value ->> 'epoch'
               from json_each($1)";
    script.write(sql, rows);
}

fn insert_commands(script: &mut Script, rows: &[AskedRow]) {
    let sql = "insert into run_commands (run_id, command_id, actor_id, fingerprint, first_seq, seq, outcome)
               select unhex(value ->> 'run_id'), unhex(value ->> 'command_id'), unhex(value ->> 'actor_id'),
                   value ->> 'fingerprint', value ->> 'first_seq', value ->> 'seq', value ->> 'outcome'
               from json_each($1)";
    script.write(sql, rows);
}

fn clear_ready(script: &mut Script, runs: &[Uuid]) {
    let sql = "update participants set ready = 0
               where run_id in (select unhex(value) from json_each($1)) and ready";
    if !runs.is_empty() {
        script.add(sql, hex_list(runs));
    }
}

/// Whoever comes back keeps their position.
fn put_participants(script: &mut Script, rows: &[&Joined]) {
    let sql = "insert into participants (run_id, user_id, position, ready, helper, removed)
               select unhex(value ->> 'run_id'), unhex(value ->> 'user_id'), value ->> 'position',
                   value ->> 'ready', value ->> 'helper', value ->> 'removed'
               from json_each($1) where true
               on conflict (run_id, user_id) do update
               set ready = excluded.ready, helper = excluded.helper, removed = excluded.removed";
    script.write(sql, rows);
}

/// Touches only rows that change: most bids find their bidder not ready as before.
fn change_participants(script: &mut Script, rows: &[&Changed]) {
    let sql = "update participants set ready = coalesce(n.value ->> 'ready', ready),
                   helper = coalesce(n.value ->> 'helper', helper), removed = coalesce(n.value ->> 'removed', removed)
               from json_each($1) n
               where run_id = unhex(n.value ->> 'run_id') and user_id = unhex(n.value ->> 'user_id')
                   and (ready <> n.value ->> 'ready' or helper <> n.value ->> 'helper'
                       or removed <> n.value ->> 'removed')";
    script.write(sql, rows);
}

fn delete_bids(script: &mut Script, rows: &[[Simple; 3]]) {
    let sql = "delete from bids where (run_id, product_id, user_id) in
                   (select unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2) from json_each($1))";
    script.write(sql, rows);
}

fn delete_products(script: &mut Script, rows: &[[Simple; 2]]) {
    let sql = "delete from run_products where (run_id, product_id) in
                   (select unhex(value ->> 0), unhex(value ->> 1) from json_each($1))";
    script.write(sql, rows);
}

fn insert_products(script: &mut Script, rows: &[&ProductRow]) {
    let sql = "insert into run_products (run_id, product_id, position, name, unit, step_thousandths,
                   pack_thousandths, minimum_thousandths, price)
               select unhex(value ->> 'run_id'), unhex(value ->> 'product_id'), value ->> 'position',
                   value ->> 'name', value ->> 'unit', value ->> 'step', value ->> 'pack', value ->> 'minimum',
                   value ->> 'price'
               from json_each($1)";
    script.write(sql, rows);
}

/// A bid that was there keeps its position.
fn put_bids(script: &mut Script, rows: &[&BidRow]) {
    let sql =
        "insert into bids (run_id, product_id, user_id, position, min_thousandths, quantity_thousandths,
                   max_thousandths, interested_only, comment, updated_seq)
               select unhex(value ->> 'run_id'), unhex(value ->> 'product_id'), unhex(value ->> 'user_id'),
                   value ->> 'position', value ->> 'min', value ->> 'quantity', value ->> 'max',
                   value ->> 'interested_only', value ->> 'comment', value ->> 'updated_seq'
               from json_each($1) where true
               on conflict (run_id, product_id, user_id) do update
               set min_thousandths = excluded.min_thousandths,
                   quantity_thousandths = excluded.quantity_thousandths,
                   max_thousandths = excluded.max_thousandths,
                   interested_only = excluded.interested_only,
                   comment = excluded.comment, updated_seq = excluded.updated_seq";
    script.write(sql, rows);
}
