//! A batch on SQLite: each statement takes its rows as one JSON array, so that a batch costs few trips to the
//! connection's thread. Ids travel as hex.

use super::Failure;
use super::batch::{Advance, AskedRow, Batch, LogRow, NewRun, SnapshotOf};
use crate::database::{SqliteStore, hex_list};
use crate::projection::{BidRow, Changed, Joined, ProductRow, Projection};
use serde::Serialize;
use sqlx::SqliteConnection;
use std::collections::BTreeMap;
use uuid::Uuid;
use uuid::fmt::Simple;

type Done = Result<u64, sqlx::Error>;

pub(super) async fn write(store: &SqliteStore, batch: &Batch) -> Result<(), Failure> {
    let mut tx = store.begin().await.map_err(Failure::Begin)?;
    match write_rows(&mut tx, batch).await {
        Ok(true) => tx.commit().await.map_err(Failure::Commit),
        Ok(false) => {
            // What is written is undone in any case.
            let _ = tx.rollback().await;
            Err(Failure::Fence)
        }
        Err(error) => {
            let _ = tx.rollback().await;
            Err(Failure::Statement(error))
        }
    }
}

/// False if some run was not as expected.
async fn write_rows(c: &mut SqliteConnection, batch: &Batch) -> Result<bool, sqlx::Error> {
    if insert_runs(c, &batch.created).await? != batch.created.len() as u64
        || advance_runs(c, &batch.advanced).await? != batch.advanced.len() as u64
    {
        return Ok(false);
    }
    insert_events(c, &batch.events).await?;
    insert_commands(c, &batch.commands).await?;
    write_projection(c, &batch.projection).await?;
    put_snapshots(c, &batch.snapshots).await?;
    Ok(true)
}

async fn write_projection(c: &mut SqliteConnection, rows: &Projection) -> Result<(), sqlx::Error> {
    clear_ready(c, &rows.unready_runs.iter().copied().collect::<Vec<_>>()).await?;
    put_participants(c, &values(&rows.joined)).await?;
    change_participants(c, &values(&rows.changed)).await?;
    let deleted: Vec<_> = rows.deleted_bids.iter().map(|(r, p, u)| [*r, *p, *u].map(Uuid::simple)).collect();
    delete_bids(c, &deleted).await?;
    let deleted: Vec<_> = rows.deleted_products.iter().map(|(r, p)| [*r, *p].map(Uuid::simple)).collect();
    delete_products(c, &deleted).await?;
    insert_products(c, &values(&rows.products)).await?;
    put_bids(c, &values(&rows.bids)).await?;
    Ok(())
}

fn values<K, R>(map: &BTreeMap<K, R>) -> Vec<&R> {
    map.values().collect()
}

/// Runs a statement that takes its rows as `$1`; returns how many rows it wrote.
async fn write_all<R: Serialize>(c: &mut SqliteConnection, sql: &'static str, rows: &[R]) -> Done {
    if rows.is_empty() {
        return Ok(0);
    }
    let json = serde_json::to_string(rows).expect("rows of plain values make JSON");
    Ok(sqlx::query(sql).bind(json).execute(c).await?.rows_affected())
}

async fn insert_runs(c: &mut SqliteConnection, rows: &[NewRun]) -> Done {
    let sql = "insert into runs (id, group_id, store_id, leader_id, state, seq, epoch, comment, planned_on,
                   bidding_deadline_at, auto_confirm, created_at, updated_at)
               select unhex(value ->> 'run_id'), unhex(value ->> 'group_id'), unhex(value ->> 'store_id'),
                   unhex(value ->> 'leader_id'), value ->> 'state', value ->> 'seq', value ->> 'epoch',
                   value ->> 'comment', value ->> 'planned_on', value ->> 'bidding_deadline_at',
                   value ->> 'auto_confirm', value ->> 'created_at', value ->> 'updated_at'
               from json_each($1) where true
               on conflict (id) do nothing";
    write_all(c, sql, rows).await
}

/// The fence: writes only runs that are as expected.
async fn advance_runs(c: &mut SqliteConnection, rows: &[Advance]) -> Done {
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
    write_all(c, sql, rows).await
}

async fn insert_events(c: &mut SqliteConnection, rows: &[LogRow]) -> Done {
    let sql = "insert into run_events (run_id, seq, command_id, actor_id, at, kind, body, epoch)
               select unhex(value ->> 'run_id'), value ->> 'seq', unhex(value ->> 'command_id'),
                   unhex(value ->> 'actor_id'), value ->> 'at', value ->> 'kind', value ->> 'body',
                   value ->> 'epoch'
               from json_each($1)";
    write_all(c, sql, rows).await
}

async fn insert_commands(c: &mut SqliteConnection, rows: &[AskedRow]) -> Done {
    let sql = "insert into run_commands (run_id, command_id, actor_id, fingerprint, first_seq, seq, outcome)
               select unhex(value ->> 'run_id'), unhex(value ->> 'command_id'), unhex(value ->> 'actor_id'),
                   value ->> 'fingerprint', value ->> 'first_seq', value ->> 'seq', value ->> 'outcome'
               from json_each($1)";
    write_all(c, sql, rows).await
}

async fn clear_ready(c: &mut SqliteConnection, runs: &[Uuid]) -> Done {
    let sql = "update participants set ready = 0
               where run_id in (select unhex(value) from json_each($1)) and ready";
    if runs.is_empty() {
        return Ok(0);
    }
    Ok(sqlx::query(sql).bind(hex_list(runs)).execute(c).await?.rows_affected())
}

/// Whoever comes back keeps their position.
async fn put_participants(c: &mut SqliteConnection, rows: &[&Joined]) -> Done {
    let sql = "insert into participants (run_id, user_id, position, ready, helper, removed)
               select unhex(value ->> 'run_id'), unhex(value ->> 'user_id'), value ->> 'position',
                   value ->> 'ready', value ->> 'helper', value ->> 'removed'
               from json_each($1) where true
               on conflict (run_id, user_id) do update
               set ready = excluded.ready, helper = excluded.helper, removed = excluded.removed";
    write_all(c, sql, rows).await
}

/// Touches only rows that change: most bids find their bidder not ready as before.
async fn change_participants(c: &mut SqliteConnection, rows: &[&Changed]) -> Done {
    let sql = "update participants set ready = coalesce(n.value ->> 'ready', ready),
                   helper = coalesce(n.value ->> 'helper', helper), removed = coalesce(n.value ->> 'removed', removed)
               from json_each($1) n
               where run_id = unhex(n.value ->> 'run_id') and user_id = unhex(n.value ->> 'user_id')
                   and (ready <> n.value ->> 'ready' or helper <> n.value ->> 'helper'
                       or removed <> n.value ->> 'removed')";
    write_all(c, sql, rows).await
}

async fn delete_bids(c: &mut SqliteConnection, rows: &[[Simple; 3]]) -> Done {
    let sql = "delete from bids where (run_id, product_id, user_id) in
                   (select unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2) from json_each($1))";
    write_all(c, sql, rows).await
}

async fn delete_products(c: &mut SqliteConnection, rows: &[[Simple; 2]]) -> Done {
    let sql = "delete from run_products where (run_id, product_id) in
                   (select unhex(value ->> 0), unhex(value ->> 1) from json_each($1))";
    write_all(c, sql, rows).await
}

async fn insert_products(c: &mut SqliteConnection, rows: &[&ProductRow]) -> Done {
    let sql = "insert into run_products (run_id, product_id, position, name, unit, step_thousandths,
                   pack_thousandths, minimum_thousandths, price)
               select unhex(value ->> 'run_id'), unhex(value ->> 'product_id'), value ->> 'position',
                   value ->> 'name', value ->> 'unit', value ->> 'step', value ->> 'pack', value ->> 'minimum',
                   value ->> 'price'
               from json_each($1)";
    write_all(c, sql, rows).await
}

/// A bid that was there keeps its position.
async fn put_bids(c: &mut SqliteConnection, rows: &[&BidRow]) -> Done {
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
    write_all(c, sql, rows).await
}

/// Never puts an older one in the place of a newer one.
async fn put_snapshots(c: &mut SqliteConnection, rows: &[SnapshotOf]) -> Done {
    let sql = "insert into run_snapshots (run_id, seq, body, at)
               select unhex(value ->> 'run_id'), value ->> 'seq', value ->> 'body', value ->> 'at'
               from json_each($1) where true
               on conflict (run_id) do update set seq = excluded.seq, body = excluded.body, at = excluded.at
               where run_snapshots.seq < excluded.seq";
    write_all(c, sql, rows).await
}
