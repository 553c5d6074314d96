//! A batch on PostgreSQL: each statement has a constant text and takes its rows as arrays.

mod books;
mod goods;
mod json;
mod notices;

use super::Failure;
use super::batch::{Batch, NewRun, Notices};
use crate::database::PgStore;
use crate::projection::{BidRow, Changed, Joined, ProductRow, Projection};
use sqlx::postgres::PgQueryResult;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// See [`super::tell`].
pub(super) async fn tell(c: &mut PgConnection, notices: &Notices) -> Result<(), sqlx::Error> {
    notices::write(c, notices).await.map(drop)
}

type Done = Result<PgQueryResult, sqlx::Error>;

/// What most batches are – bids and whoever and whatever joins a run by them – is one statement and so one round trip;
/// everything else takes a transaction of several.
pub(super) async fn write(store: &PgStore, batch: &Batch) -> Result<(), Failure> {
    let mut connection = store.log.take().await.map_err(Failure::Begin)?;
    let written = if is_one_statement(batch) {
        write_at_once(connection.get(), batch).await
    } else {
        write_in_steps(connection.get(), batch).await
    };
    if written.as_ref().is_err_and(Failure::is_of_the_connection) {
        connection.discard();
    }
    written
}

fn is_one_statement(batch: &Batch) -> bool {
    let rows = &batch.projection;
    batch.created.is_empty()
        && rows.unready_runs.is_empty()
        && rows.deleted_bids.is_empty()
        && rows.deleted_products.is_empty()
        && !batch.is_more_than_bids()
}

/// The statement commits by itself: when its answer is lost, so is the answer to the commit.
async fn write_at_once(c: &mut PgConnection, batch: &Batch) -> Result<(), Failure> {
    let rows = &batch.projection;
    let rows = AtOnce {
        changed: values(&rows.changed),
        bids: values(&rows.bids),
        joined: values(&rows.joined),
        products: values(&rows.products),
    };
    match advance_and_log(c, batch, &rows).await {
        Ok(()) => Ok(()),
        Err(error) if is_fence(&error) => Err(Failure::Fence),
        Err(error) if error.as_database_error().is_some() => Err(Failure::Statement(error)),
        Err(error) => Err(Failure::Commit(error)),
    }
}

async fn write_in_steps(c: &mut PgConnection, batch: &Batch) -> Result<(), Failure> {
    let mut tx = c.begin().await.map_err(Failure::Begin)?;
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

/// Rows that are written by the same statement as the log. No row of one kind touches a row of another.
#[derive(Default)]
struct AtOnce<'a> {
    changed: Vec<&'a Changed>,
    bids: Vec<&'a BidRow>,
    joined: Vec<&'a Joined>,
    products: Vec<&'a ProductRow>,
}

/// False if some run was not as expected.
async fn write_rows(c: &mut PgConnection, batch: &Batch) -> Result<bool, sqlx::Error> {
    if !batch.created.is_empty() {
        let done = insert_runs(c, &batch.created).await?;
        if done.rows_affected() != batch.created.len() as u64 {
            return Ok(false);
        }
    }
    match advance_and_log(c, batch, &AtOnce::default()).await {
        Err(error) if is_fence(&error) => return Ok(false),
        done => done?,
    }
    write_projection(c, &batch.projection).await?;
    if batch.is_more_than_bids() {
        goods::turn_runs(c, &batch.turns).await?;
        books::write(c, &batch.projection.books).await?;
        goods::write(c, &batch.projection.goods).await?;
        notices::write(c, &batch.notices).await?;
    }
    Ok(true)
}

/// See the last line of [`advance_and_log`].
fn is_fence(error: &sqlx::Error) -> bool {
    const DIVISION_BY_ZERO: &str = "22012";
    error.as_database_error().and_then(|refusal| refusal.code()).is_some_and(|code| code == DIVISION_BY_ZERO)
}

async fn write_projection(c: &mut PgConnection, rows: &Projection) -> Result<(), sqlx::Error> {
    if !rows.unready_runs.is_empty() {
        clear_ready(c, rows.unready_runs.iter().copied().collect()).await?;
    }
    if !rows.joined.is_empty() {
        put_participants(c, &values(&rows.joined)).await?;
    }
    if !rows.changed.is_empty() {
        change_participants(c, &values(&rows.changed)).await?;
    }
    if !rows.deleted_bids.is_empty() {
        delete_bids(c, rows).await?;
    }
    if !rows.deleted_products.is_empty() {
        delete_products(c, rows).await?;
    }
    if !rows.products.is_empty() {
        insert_products(c, &values(&rows.products)).await?;
    }
    if !rows.bids.is_empty() {
        put_bids(c, &values(&rows.bids)).await?;
    }
    Ok(())
}

fn values<K, R>(map: &std::collections::BTreeMap<K, R>) -> Vec<&R> {
    map.values().collect()
}

/// One column of the rows, as an array.
fn column<'a, R, T>(rows: impl IntoIterator<Item = &'a R>, pick: impl Fn(&'a R) -> T) -> Vec<T>
where
    R: 'a,
{
    rows.into_iter().map(pick).collect()
}

fn each<'a, R, T>(rows: &[&'a R], pick: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(|row| pick(row)).collect()
}

async fn insert_runs(c: &mut PgConnection, runs: &[NewRun]) -> Done {
    let sql = "insert into runs (id, group_id, store_id, leader_id, state, seq, epoch, comment, planned_on,
                   bidding_deadline_at, auto_confirm, created_at, updated_at, shortage_policy)
               select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[],
                   $7::bigint[], $8::text[], $9::text[], $10::bigint[], $11::boolean[], $12::bigint[], $13::bigint[],
                   $14::text[])
               on conflict (id) do nothing";
    sqlx::query(sql)
        .bind(column(runs, |r| r.run_id))
        .bind(column(runs, |r| r.group_id))
        .bind(column(runs, |r| r.store_id))
        .bind(column(runs, |r| r.leader_id))
        .bind(column(runs, |r| r.state))
        .bind(column(runs, |r| r.seq))
        .bind(column(runs, |r| r.epoch))
        .bind(column(runs, |r| r.comment.as_deref()))
        .bind(column(runs, |r| r.planned_on.as_deref()))
        .bind(column(runs, |r| r.bidding_deadline_at))
        .bind(column(runs, |r| r.auto_confirm))
        .bind(column(runs, |r| r.created_at))
        .bind(column(runs, |r| r.updated_at))
        .bind(column(runs, |r| r.shortage_policy))
        .execute(c)
        .await
}

/// The fence, the log, the command ids, and what bids change. A run that is not as expected makes the last line divide
/// by zero: the statement fails as a whole, and nothing of it is written.
macro_rules! log_and {
    ($more:literal) => {
        concat!(
            "with moved as (
               update runs r set seq = n.seq, epoch = n.epoch,
                   state = coalesce(n.state, r.state),
                   leader_id = coalesce(n.leader_id, r.leader_id),
                   comment = case when n.comment_set then n.comment else r.comment end,
                   planned_on = case when n.planned_on_set then n.planned_on else r.planned_on end,
                   bidding_deadline_at =
                       case when n.deadline_set then n.bidding_deadline_at else r.bidding_deadline_at end,
                   updated_at = coalesce(n.updated_at, r.updated_at)
               from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
                       $7::uuid[], $8::boolean[], $9::text[], $10::boolean[], $11::text[], $12::boolean[],
                       $13::bigint[], $14::bigint[])
                   as n (run_id, expected_epoch, expected_seq, epoch, seq, state, leader_id, comment_set,
                       comment, planned_on_set, planned_on, deadline_set, bidding_deadline_at, updated_at)
               where r.id = n.run_id and r.epoch = n.expected_epoch and r.seq = n.expected_seq
               returning 1
           ), logged as (
               insert into run_events (run_id, seq, command_id, actor_id, at, kind, body, epoch)
               select * from unnest($15::uuid[], $16::bigint[], $17::uuid[], $18::uuid[], $19::bigint[],
                   $20::text[], $21::text[], $22::bigint[])
           ), asked as (
               insert into run_commands (run_id, command_id, actor_id, fingerprint, first_seq, seq, outcome)
               select * from unnest($23::uuid[], $24::uuid[], $25::uuid[], $26::bigint[], $27::bigint[],
                   $28::bigint[], $29::text[])
           ), readied as (
               update participants p set ready = coalesce(n.ready, p.ready), helper = coalesce(n.helper, p.helper),
                   removed = coalesce(n.removed, p.removed)
               from unnest($30::uuid[], $31::uuid[], $32::boolean[], $33::boolean[], $34::boolean[])
                   as n (run_id, user_id, ready, helper, removed)
               where p.run_id = n.run_id and p.user_id = n.user_id
                   and (p.ready <> n.ready or p.helper <> n.helper or p.removed <> n.removed)
           ), placed as (
               insert into bids (run_id, product_id, user_id, position, min_thousandths, quantity_thousandths,
                   max_thousandths, interested_only, comment, updated_seq)
               select * from unnest($35::uuid[], $36::uuid[], $37::uuid[], $38::bigint[], $39::bigint[],
                   $40::bigint[], $41::bigint[], $42::boolean[], $43::text[], $44::bigint[])
               on conflict (run_id, product_id, user_id) do update
               set min_thousandths = excluded.min_thousandths,
                   quantity_thousandths = excluded.quantity_thousandths,
                   max_thousandths = excluded.max_thousandths,
                   interested_only = excluded.interested_only,
                   comment = excluded.comment, updated_seq = excluded.updated_seq
           )",
            $more,
            "
            select 1 / case when (select count(*) from moved) = $45::bigint then 1 else 0 end"
        )
    };
}

const LOG: &str = log_and!("");

/// Whoever comes back keeps their position.
const LOG_AND_JOIN: &str = log_and!(
    ", come as (
                insert into participants (run_id, user_id, position, ready, helper, removed)
                select * from unnest($46::uuid[], $47::uuid[], $48::bigint[], $49::boolean[], $50::boolean[],
                    $51::boolean[])
                on conflict (run_id, user_id) do update
                set ready = excluded.ready, helper = excluded.helper, removed = excluded.removed
            ), listed as (
                insert into run_products (run_id, product_id, position, name, unit, step_thousandths,
                    pack_thousandths, minimum_thousandths, price)
                select * from unnest($52::uuid[], $53::uuid[], $54::bigint[], $55::text[], $56::text[],
                    $57::bigint[], $58::bigint[], $59::bigint[], $60::bigint[])
            )"
);

/// One round trip. Fails with a [fence](is_fence) if some run is not as expected.
async fn advance_and_log(c: &mut PgConnection, batch: &Batch, rows: &AtOnce<'_>) -> Result<(), sqlx::Error> {
    let joins = !rows.joined.is_empty() || !rows.products.is_empty();
    let (runs, events, commands) = (&batch.advanced, &batch.events, &batch.commands);
    let query = sqlx::query(if joins { LOG_AND_JOIN } else { LOG })
        .bind(column(runs, |r| r.run_id))
        .bind(column(runs, |r| r.expected_epoch))
        .bind(column(runs, |r| r.expected_seq))
        .bind(column(runs, |r| r.epoch))
        .bind(column(runs, |r| r.seq))
        .bind(column(runs, |r| r.state))
        .bind(column(runs, |r| r.leader_id))
        .bind(column(runs, |r| r.comment_set))
        .bind(column(runs, |r| r.comment.as_deref()))
        .bind(column(runs, |r| r.planned_on_set))
        .bind(column(runs, |r| r.planned_on.as_deref()))
        .bind(column(runs, |r| r.deadline_set))
        .bind(column(runs, |r| r.bidding_deadline_at))
        .bind(column(runs, |r| r.updated_at))
        .bind(column(events, |e| e.run_id))
        .bind(column(events, |e| e.seq))
        .bind(column(events, |e| e.command_id))
        .bind(column(events, |e| e.actor_id))
        .bind(column(events, |e| e.at))
        .bind(column(events, |e| e.kind))
        .bind(column(events, |e| &*e.body))
        .bind(column(events, |e| e.epoch))
        .bind(column(commands, |a| a.run_id))
        .bind(column(commands, |a| a.command_id))
        .bind(column(commands, |a| a.actor_id))
        .bind(column(commands, |a| a.fingerprint))
        .bind(column(commands, |a| a.first_seq))
        .bind(column(commands, |a| a.seq))
        .bind(column(commands, |a| a.outcome.as_deref()))
        .bind(each(&rows.changed, |p| p.run_id))
        .bind(each(&rows.changed, |p| p.user_id))
        .bind(each(&rows.changed, |p| p.ready))
        .bind(each(&rows.changed, |p| p.helper))
        .bind(each(&rows.changed, |p| p.removed))
        .bind(each(&rows.bids, |b| b.run_id))
        .bind(each(&rows.bids, |b| b.product_id))
        .bind(each(&rows.bids, |b| b.user_id))
        .bind(each(&rows.bids, |b| b.position))
        .bind(each(&rows.bids, |b| b.min))
        .bind(each(&rows.bids, |b| b.quantity))
        .bind(each(&rows.bids, |b| b.max))
        .bind(each(&rows.bids, |b| b.interested_only))
        .bind(each(&rows.bids, |b| b.comment.as_deref()))
        .bind(each(&rows.bids, |b| b.updated_seq))
        .bind(runs.len() as i64);
    let query = if joins {
        query
            .bind(each(&rows.joined, |j| j.run_id))
            .bind(each(&rows.joined, |j| j.user_id))
            .bind(each(&rows.joined, |j| j.position))
            .bind(each(&rows.joined, |j| j.ready))
            .bind(each(&rows.joined, |j| j.helper))
            .bind(each(&rows.joined, |j| j.removed))
            .bind(each(&rows.products, |p| p.run_id))
            .bind(each(&rows.products, |p| p.product_id))
            .bind(each(&rows.products, |p| p.position))
            .bind(each(&rows.products, |p| p.name.as_str()))
            .bind(each(&rows.products, |p| p.unit.as_str()))
            .bind(each(&rows.products, |p| p.step))
            .bind(each(&rows.products, |p| p.pack))
            .bind(each(&rows.products, |p| p.minimum))
            .bind(each(&rows.products, |p| p.price))
    } else {
        query
    };
    query.execute(c).await.map(drop)
}

async fn clear_ready(c: &mut PgConnection, runs: Vec<Uuid>) -> Done {
    let sql = "update participants set ready = false where run_id = any($1) and ready";
    sqlx::query(sql).bind(runs).execute(c).await
}

/// Whoever comes back keeps their position.
async fn put_participants(c: &mut PgConnection, rows: &[&Joined]) -> Done {
    let sql = "insert into participants (run_id, user_id, position, ready, helper, removed)
               select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::boolean[], $5::boolean[], $6::boolean[])
               on conflict (run_id, user_id) do update
               set ready = excluded.ready, helper = excluded.helper, removed = excluded.removed";
    sqlx::query(sql)
        .bind(each(rows, |j| j.run_id))
        .bind(each(rows, |j| j.user_id))
        .bind(each(rows, |j| j.position))
        .bind(each(rows, |j| j.ready))
        .bind(each(rows, |j| j.helper))
        .bind(each(rows, |j| j.removed))
        .execute(c)
        .await
}

/// Touches only rows that change: most bids find their bidder not ready as before.
async fn change_participants(c: &mut PgConnection, rows: &[&Changed]) -> Done {
    let sql =
        "update participants p set ready = coalesce(n.ready, p.ready), helper = coalesce(n.helper, p.helper),
                   removed = coalesce(n.removed, p.removed)
               from unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::boolean[], $5::boolean[])
                   as n (run_id, user_id, ready, helper, removed)
               where p.run_id = n.run_id and p.user_id = n.user_id
                   and (p.ready <> n.ready or p.helper <> n.helper or p.removed <> n.removed)";
    sqlx::query(sql)
        .bind(each(rows, |c| c.run_id))
        .bind(each(rows, |c| c.user_id))
        .bind(each(rows, |c| c.ready))
        .bind(each(rows, |c| c.helper))
        .bind(each(rows, |c| c.removed))
        .execute(c)
        .await
}

async fn delete_bids(c: &mut PgConnection, rows: &Projection) -> Done {
    let sql = "delete from bids b using unnest($1::uuid[], $2::uuid[], $3::uuid[]) as n (run_id, product_id, user_id)
               where b.run_id = n.run_id and b.product_id = n.product_id and b.user_id = n.user_id";
    sqlx::query(sql)
        .bind(column(&rows.deleted_bids, |key| key.0))
        .bind(column(&rows.deleted_bids, |key| key.1))
        .bind(column(&rows.deleted_bids, |key| key.2))
        .execute(c)
        .await
}

async fn delete_products(c: &mut PgConnection, rows: &Projection) -> Done {
    let sql = "delete from run_products p using unnest($1::uuid[], $2::uuid[]) as n (run_id, product_id)
               where p.run_id = n.run_id and p.product_id = n.product_id";
    sqlx::query(sql)
        .bind(column(&rows.deleted_products, |key| key.0))
        .bind(column(&rows.deleted_products, |key| key.1))
        .execute(c)
        .await
}

async fn insert_products(c: &mut PgConnection, rows: &[&ProductRow]) -> Done {
    let sql = "insert into run_products (run_id, product_id, position, name, unit, step_thousandths,
                   pack_thousandths, minimum_thousandths, price)
               select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[],
                   $7::bigint[], $8::bigint[], $9::bigint[])";
    sqlx::query(sql)
        .bind(each(rows, |p| p.run_id))
        .bind(each(rows, |p| p.product_id))
        .bind(each(rows, |p| p.position))
        .bind(each(rows, |p| p.name.as_str()))
        .bind(each(rows, |p| p.unit.as_str()))
        .bind(each(rows, |p| p.step))
        .bind(each(rows, |p| p.pack))
        .bind(each(rows, |p| p.minimum))
        .bind(each(rows, |p| p.price))
        .execute(c)
        .await
}

/// A bid that was there keeps its position.
async fn put_bids(c: &mut PgConnection, rows: &[&BidRow]) -> Done {
    let sql = "insert into bids (run_id, product_id, user_id, position, min_thousandths, quantity_thousandths,
                   max_thousandths, interested_only, comment, updated_seq)
               select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[],
                   $7::bigint[], $8::boolean[], $9::text[], $10::bigint[])
               on conflict (run_id, product_id, user_id) do update
               set min_thousandths = excluded.min_thousandths,
                   quantity_thousandths = excluded.quantity_thousandths,
                   max_thousandths = excluded.max_thousandths,
                   interested_only = excluded.interested_only,
                   comment = excluded.comment, updated_seq = excluded.updated_seq";
    sqlx::query(sql)
        .bind(each(rows, |b| b.run_id))
        .bind(each(rows, |b| b.product_id))
        .bind(each(rows, |b| b.user_id))
        .bind(each(rows, |b| b.position))
        .bind(each(rows, |b| b.min))
        .bind(each(rows, |b| b.quantity))
        .bind(each(rows, |b| b.max))
        .bind(each(rows, |b| b.interested_only))
        .bind(each(rows, |b| b.comment.as_deref()))
        .bind(each(rows, |b| b.updated_seq))
        .execute(c)
        .await
}
