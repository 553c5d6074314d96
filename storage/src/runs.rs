//! What lists show of runs. Only the journal writes these tables.

use crate::database::hex_list;
use crate::{Cursor, Database, Page, Paged, StorageError};
use bulq_domain::plan::{self, Wants};
use bulq_domain::{Money, Quantity, State, Total};
use std::collections::HashMap;
use uuid::Uuid;

/// A run in the list of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    pub id: Uuid,
    pub group_id: Uuid,
    pub store_id: Uuid,
    pub store_name: String,
    pub leader_id: Uuid,
    pub state: State,
    pub seq: i64,
    pub comment: Option<String>,
    /// `YYYY-MM-DD`.
    pub planned_on: Option<String>,
    pub created_at: i64,
    /// Without those who were removed.
    pub participants: i64,
    /// What the planned purchases would cost, as far as prices are known; minor units.
    pub estimate: i64,
}

record! {
    struct Listed {
        id: Uuid,
        group_id: Uuid,
        store_id: Uuid,
        store_name: String,
        leader_id: Uuid,
        state: String,
        seq: i64,
        comment: Option<String>,
        planned_on: Option<String>,
        created_at: i64,
        participants: i64,
    }
}

record! {
    /// What the bids on one product of a run add up to, and the terms it is sold under.
    struct Summed {
        run_id: Uuid,
        min: i64,
        quantity: i64,
        max: i64,
        step: i64,
        pack: Option<i64>,
        minimum: i64,
        price: i64,
    }
}

/// # Errors
/// Faults only.
pub async fn group_of_run(db: &Database, run: Uuid) -> Result<Option<Uuid>, StorageError> {
    let sql = "select group_id from runs where id = $1";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(run).fetch_optional(c).await)?)
}

/// A group's runs, or those in one state; latest first.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn runs_of_group(
    db: &Database,
    group: Uuid,
    state: Option<State>,
    page: &Page,
) -> Result<Paged<RunRow>, StorageError> {
    let rows = listed(db, group, state, page).await?;
    let page = page.cut(rows, |run| Cursor::number(run.created_at, run.id));
    let ids: Vec<_> = page.items.iter().map(|run| run.id).collect();
    let estimates = estimates(db, &ids).await?;
    let items = page.items.into_iter().map(|run| RunRow::from(run, &estimates)).collect::<Result<_, _>>()?;
    Ok(Paged { items, next: page.next })
}

async fn listed(
    db: &Database,
    group: Uuid,
    state: Option<State>,
    page: &Page,
) -> Result<Vec<Listed>, StorageError> {
    macro_rules! runs_that {
        ($are:literal) => {
            concat!(
                "select r.id, r.group_id, r.store_id, s.name as store_name, r.leader_id, r.state, r.seq, r.comment,
                    r.planned_on, r.created_at,
                    (select count(*) from participants p where p.run_id = r.id and not p.removed) as participants
                 from runs r join stores s on s.id = r.store_id
                 where r.group_id = $1 and (r.created_at, r.id) < ($2, $3) and ",
                $are,
                " order by r.created_at desc, r.id desc limit $5"
            )
        };
    }
    // Two texts: with one that takes both, no index on the state is of use.
    let sql = if state.is_some() { runs_that!("r.state = $4") } else { runs_that!("$4 = ''") };
    let (created_at, id) = page.below_number()?;
    let state = state.map_or("", State::as_str);
    Ok(on_db!(
        db,
        read | c | {
            sqlx::query_as(sql)
                .bind(group)
                .bind(created_at)
                .bind(id)
                .bind(state)
                .bind(page.rows())
                .fetch_all(c)
                .await
        }
    )?)
}

impl RunRow {
    fn from(run: Listed, estimates: &HashMap<Uuid, Money>) -> Result<Self, StorageError> {
        Ok(Self {
            state: run.state.parse().map_err(StorageError::Corrupt)?,
            estimate: estimates.get(&run.id).map_or(0, |estimate| estimate.0),
            id: run.id,
            group_id: run.group_id,
            store_id: run.store_id,
            store_name: run.store_name,
            leader_id: run.leader_id,
            seq: run.seq,
            comment: run.comment,
            planned_on: run.planned_on,
            created_at: run.created_at,
            participants: run.participants,
        })
    }
}

async fn estimates(db: &Database, runs: &[Uuid]) -> Result<HashMap<Uuid, Money>, StorageError> {
    let mut estimates: HashMap<Uuid, Money> = HashMap::new();
    for line in sums(db, runs).await? {
        let estimate = estimates.entry(line.run_id).or_default();
        *estimate = estimate.saturating_add(line.estimate()?);
    }
    Ok(estimates)
}

async fn sums(db: &Database, runs: &[Uuid]) -> Result<Vec<Summed>, StorageError> {
    macro_rules! sums_where {
        ($these:literal) => {
            concat!(
                "select b.run_id, cast(sum(b.min_thousandths) as bigint) as min,
                    cast(sum(b.quantity_thousandths) as bigint) as quantity,
                    cast(sum(b.max_thousandths) as bigint) as max,
                    p.step_thousandths as step, p.pack_thousandths as pack, p.minimum_thousandths as minimum, p.price
                 from bids b join run_products p on p.run_id = b.run_id and p.product_id = b.product_id
                 where p.price is not null and b.run_id ",
                $these,
                " group by b.run_id, p.product_id, p.step_thousandths, p.pack_thousandths, p.minimum_thousandths, p.price"
            )
        };
    }
    Ok(match db {
        Database::Postgres(store) => {
            sqlx::query_as(sums_where!("= any($1)")).bind(runs).fetch_all(&store.pool).await?
        }
        Database::Sqlite(store) => {
            let sql = sums_where!("in (select unhex(value) from json_each($1))");
            sqlx::query_as(sql).bind(hex_list(runs)).fetch_all(&store.readers).await?
        }
    })
}

impl Summed {
    fn estimate(&self) -> Result<Money, StorageError> {
        let wants = Wants { min: total(self.min)?, quantity: total(self.quantity)?, max: total(self.max)? };
        let pack = quantity(self.pack.unwrap_or(self.step))?;
        let plan = plan::plan(wants, pack, quantity(self.minimum)?);
        Ok(Money(self.price).times_thousandths(plan.planned.thousandths()))
    }
}

fn total(thousandths: i64) -> Result<Total, StorageError> {
    u64::try_from(thousandths).map(Total::from_thousandths).map_err(|e| StorageError::Corrupt(e.to_string()))
}

fn quantity(thousandths: i64) -> Result<Quantity, StorageError> {
    let thousandths = u64::try_from(thousandths).map_err(|e| StorageError::Corrupt(e.to_string()))?;
    Quantity::from_thousandths(thousandths).map_err(|e| StorageError::Corrupt(e.to_string()))
}

/// Those that can still change.
///
/// # Errors
/// Faults only.
pub async fn live_run_ids_of_group(db: &Database, group: Uuid) -> Result<Vec<Uuid>, StorageError> {
    let sql =
        "select id from runs where group_id = $1 and state not in ('completed', 'cancelled') order by id";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(group).fetch_all(c).await)?)
}

/// # Errors
/// Faults only.
pub async fn live_run_count(db: &Database, group: Uuid) -> Result<i64, StorageError> {
    let sql = "select count(*) from runs where group_id = $1 and state not in ('completed', 'cancelled')";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(group).fetch_one(c).await)?)
}

/// Every run there is, in the order of the ids.
///
/// # Errors
/// Faults only.
pub async fn all_run_ids(db: &Database, after: Option<Uuid>, limit: i64) -> Result<Vec<Uuid>, StorageError> {
    let sql = "select id from runs where id > $1 order by id limit $2";
    let after = after.unwrap_or(Uuid::nil());
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Runs whose bidding is over by `now`, the longest overdue first. One that was opened again after its deadline is not
/// due.
///
/// # Errors
/// Faults only.
pub async fn due_deadlines(db: &Database, now: i64, limit: i64) -> Result<Vec<Uuid>, StorageError> {
    let sql = "select id from runs
               where state = 'active' and active_at <= bidding_deadline_at and bidding_deadline_at <= $1
               order by bidding_deadline_at, id limit $2";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(now).bind(limit).fetch_all(c).await)?)
}

/// When the next run is due, if one is; always after `now`.
///
/// # Errors
/// Faults only.
pub async fn next_deadline(db: &Database, now: i64) -> Result<Option<i64>, StorageError> {
    let sql = "select bidding_deadline_at from runs
               where state = 'active' and active_at <= bidding_deadline_at and bidding_deadline_at > $1
               order by bidding_deadline_at limit 1";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(now).fetch_optional(c).await)?)
}
