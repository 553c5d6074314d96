//! A batch on SQLite: all its statements are one trip to the connection's thread. Each takes its rows as one JSON array,
//! in which ids are hex; a few rows of what bids write are bound as they are.

mod books;
mod goods;
mod notices;
mod script;

use super::Failure;
use super::batch::{Advance, AskedRow, Batch, LogRow, NewRun, Notices};
use crate::database::{SqliteStore, hex_list};
use crate::error::Sort;
use crate::projection::{BidRow, Changed, Joined, ProductRow, Projection};
use script::{Script, Value, columns};
use sqlx::SqliteConnection;
use std::collections::BTreeMap;
use uuid::Uuid;
use uuid::fmt::Simple;

/// See [`super::tell`].
pub(super) async fn tell(c: &mut SqliteConnection, notices: &Notices) -> Result<(), sqlx::Error> {
    notices::tell(c, notices).await
}

pub(super) async fn write(store: &SqliteStore, batch: &Batch) -> Result<(), Failure> {
    let mut writing = store.writer.take().await.map_err(Failure::Begin)?;
    match script_of(batch).run(writing.unfinished()).await {
        Ok(()) => {
            writing.finished();
            Ok(())
        }
        Err(error) => {
            writing.settle().await;
            Err(failure_of(error))
        }
    }
}

/// A refusal by a statement is told from a fault, which may have come at the commit.
fn failure_of(error: sqlx::Error) -> Failure {
    let Some(refusal) = error.as_database_error() else { return Failure::Commit(error) };
    match Sort::of(refusal) {
        _ if refusal.message() == script::NOT_AS_EXPECTED => Failure::Fence,
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

columns!(Advance: run_id, expected_epoch, expected_seq, epoch, seq, updated_at);

/// The fence: writes only runs that are as expected. Names no column that is indexed, for SQLite writes the entries of every
/// index anew whose columns are named, whether they change or not.
fn advance_runs(script: &mut Script, rows: &[Advance]) {
    let sql =
        "update runs set seq = n.seq, epoch = n.epoch, updated_at = coalesce(n.updated_at, runs.updated_at)
               from n
               where runs.id = n.run_id and runs.epoch = n.expected_epoch and runs.seq = n.expected_seq";
    script.write_columns(sql, rows);
    script.expect(rows.len());
    let changed: Vec<_> = rows.iter().filter(|row| row.changes_details()).collect();
    change_runs(script, &changed);
}

fn change_runs(script: &mut Script, rows: &[&Advance]) {
    let sql = "update runs
               set state = coalesce(n.value ->> 'state', runs.state),
                   leader_id = coalesce(unhex(n.value ->> 'leader_id'), runs.leader_id),
                   comment = iif(n.value ->> 'comment_set', n.value ->> 'comment', runs.comment),
                   planned_on = iif(n.value ->> 'planned_on_set', n.value ->> 'planned_on', runs.planned_on),
                   bidding_deadline_at = iif(n.value ->> 'deadline_set', n.value ->> 'bidding_deadline_at',
                       runs.bidding_deadline_at)
               from json_each($1) n
               where runs.id = unhex(n.value ->> 'run_id')";
    script.write(sql, rows);
}

columns!(LogRow: run_id, seq, command_id, actor_id, at, kind, body, epoch);

fn insert_events(script: &mut Script, rows: &[LogRow]) {
    let sql =
        "insert into run_events (run_id, seq, command_id, actor_id, at, kind, body, epoch) select * from n";
    script.write_columns(sql, rows);
}

columns!(AskedRow: run_id, command_id, actor_id, fingerprint, first_seq, seq, outcome);

fn insert_commands(script: &mut Script, rows: &[AskedRow]) {
    let sql = "insert into run_commands (run_id, command_id, actor_id, fingerprint, first_seq, seq, outcome)
               select * from n";
    script.write_columns(sql, rows);
}

fn clear_ready(script: &mut Script, runs: &[Uuid]) {
    let sql = "update participants set ready = 0
               where run_id in (select unhex(value) from json_each($1)) and ready";
    if !runs.is_empty() {
        script.add(sql, Value::Text(hex_list(runs)));
    }
}

columns!(Joined: run_id, user_id, position, ready, helper, removed);

/// Whoever comes back keeps their position.
fn put_participants(script: &mut Script, rows: &[&Joined]) {
    let sql = "insert into participants (run_id, user_id, position, ready, helper, removed)
               select * from n where true
               on conflict (run_id, user_id) do update
               set ready = excluded.ready, helper = excluded.helper, removed = excluded.removed";
    script.write_columns(sql, rows);
}

columns!(Changed: run_id, user_id, ready, helper, removed);

/// Touches only rows that change: most bids find their bidder not ready as before.
fn change_participants(script: &mut Script, rows: &[&Changed]) {
    let sql = "update participants set ready = coalesce(n.ready, participants.ready),
                   helper = coalesce(n.helper, participants.helper),
                   removed = coalesce(n.removed, participants.removed)
               from n
               where participants.run_id = n.run_id and participants.user_id = n.user_id
                   and (participants.ready <> n.ready or participants.helper <> n.helper
                       or participants.removed <> n.removed)";
    script.write_columns(sql, rows);
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

columns!(ProductRow: run_id, product_id, position, name, unit, step, pack, minimum, price);

fn insert_products(script: &mut Script, rows: &[&ProductRow]) {
    let sql = "insert into run_products (run_id, product_id, position, name, unit, step_thousandths,
                   pack_thousandths, minimum_thousandths, price)
               select * from n";
    script.write_columns(sql, rows);
}

columns!(BidRow: run_id, product_id, user_id, position, min, quantity, max, interested_only, comment, updated_seq);

/// A bid that was there keeps its position.
fn put_bids(script: &mut Script, rows: &[&BidRow]) {
    let sql =
        "insert into bids (run_id, product_id, user_id, position, min_thousandths, quantity_thousandths,
                   max_thousandths, interested_only, comment, updated_seq)
               select * from n where true
               on conflict (run_id, product_id, user_id) do update
               set min_thousandths = excluded.min_thousandths,
                   quantity_thousandths = excluded.quantity_thousandths,
                   max_thousandths = excluded.max_thousandths,
                   interested_only = excluded.interested_only,
                   comment = excluded.comment, updated_seq = excluded.updated_seq";
    script.write_columns(sql, rows);
}
