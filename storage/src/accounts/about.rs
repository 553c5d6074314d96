//! Everything that is kept about somebody, for themselves to look at.

use crate::receipts::Receipt;
use crate::{Database, StorageError};
use uuid::Uuid;

record! {
    /// How much somebody took part.
    pub struct CountsOfUser {
        /// Runs they took part in, and of these:
        pub runs: i64,
        pub led: i64,
        pub helped: i64,
        pub completed: i64,
        pub bids: i64,
    }
}

record! {
    /// A run as somebody who took part in it finds it.
    pub struct RunOfUser {
        pub id: Uuid,
        pub group_id: Uuid,
        pub store_name: String,
        pub leader_id: Uuid,
        pub state: String,
        pub helper: bool,
        pub removed: bool,
        pub created_at: i64,
    }
}

record! {
    pub struct BidOfUser {
        pub run_id: Uuid,
        pub product_id: Uuid,
        pub product_name: String,
        pub min_thousandths: i64,
        pub quantity_thousandths: i64,
        pub max_thousandths: i64,
        pub interested_only: bool,
        pub comment: Option<String>,
    }
}

record! {
    /// Something somebody did in a run.
    pub struct EventOfUser {
        pub run_id: Uuid,
        pub seq: i64,
        pub at: i64,
        /// JSON.
        pub body: String,
    }
}

record! {
    /// Something somebody was told.
    pub struct NoteOfUser {
        pub run_id: Uuid,
        pub kind: String,
        /// JSON.
        pub body: String,
        pub created_at: i64,
        pub read_at: Option<i64>,
    }
}

record! {
    /// Something somebody said.
    pub struct MessageOfUser {
        pub id: Uuid,
        pub run_id: Uuid,
        pub text: String,
        pub created_at: i64,
    }
}

record! {
    /// An amount of the groups with one currency, in minor units.
    pub struct AmountOfUser {
        pub currency: String,
        pub amount: i64,
    }
}

/// # Errors
/// Faults only.
pub async fn counts_of(db: &Database, user: Uuid) -> Result<CountsOfUser, StorageError> {
    let sql = "select count(*) as runs,
                      count(*) filter (where r.leader_id = p.user_id) as led,
                      count(*) filter (where p.helper) as helped,
                      count(*) filter (where r.state = 'completed') as completed,
                      (select count(*) from participants q
                       join bids b on b.run_id = q.run_id and b.user_id = q.user_id
                       where q.user_id = $1) as bids
               from participants p join runs r on r.id = p.run_id where p.user_id = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_one(c).await)?)
}

/// The runs somebody took part in, latest first.
///
/// # Errors
/// Faults only.
pub async fn runs_with(db: &Database, user: Uuid) -> Result<Vec<RunOfUser>, StorageError> {
    let sql = "select r.id, r.group_id, s.name as store_name, r.leader_id, r.state, p.helper, p.removed, r.created_at
               from participants p join runs r on r.id = p.run_id join stores s on s.id = r.store_id
               where p.user_id = $1 order by r.created_at desc, r.id desc";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}

/// The bids somebody has, run by run.
///
/// # Errors
/// Faults only.
pub async fn bids_of(db: &Database, user: Uuid) -> Result<Vec<BidOfUser>, StorageError> {
    let sql =
        "select b.run_id, b.product_id, l.name as product_name, b.min_thousandths, b.quantity_thousandths,
                      b.max_thousandths, b.interested_only, b.comment
               from participants p
               join bids b on b.run_id = p.run_id and b.user_id = p.user_id
               join run_products l on l.run_id = b.run_id and l.product_id = b.product_id
               where p.user_id = $1 order by b.run_id, b.position";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}

/// What somebody did in runs, in the order of each run's log.
///
/// # Errors
/// Faults only.
pub async fn events_by(db: &Database, user: Uuid) -> Result<Vec<EventOfUser>, StorageError> {
    let sql = "select e.run_id, e.seq, e.at, e.body
               from participants p join run_events e on e.run_id = p.run_id
               where p.user_id = $1 and e.actor_id = $1 order by e.run_id, e.seq";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}

/// What somebody was told, latest first.
///
/// # Errors
/// Faults only.
pub async fn notes_to(db: &Database, user: Uuid) -> Result<Vec<NoteOfUser>, StorageError> {
    let sql = "select run_id, kind, body, created_at, read_at from notifications
               where user_id = $1 order by created_at desc, id desc";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}

/// What somebody said, run by run.
///
/// # Errors
/// Faults only.
pub async fn messages_by(db: &Database, user: Uuid) -> Result<Vec<MessageOfUser>, StorageError> {
    let sql = "select id, run_id, text, created_at from run_messages
               where author_id = $1 order by run_id, created_at, id";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}

/// What somebody photographed, run by run.
///
/// # Errors
/// Faults only.
pub async fn receipts_by(db: &Database, user: Uuid) -> Result<Vec<Receipt>, StorageError> {
    let sql = "select * from run_receipts where uploaded_by = $1 order by run_id, created_at, id";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}

/// What somebody owed for goods and costs in all settled runs, by currency.
///
/// # Errors
/// Faults only.
pub async fn spent(db: &Database, user: Uuid) -> Result<Vec<AmountOfUser>, StorageError> {
    let sql = "select g.currency, cast(sum(b.owes) as bigint) as amount
               from run_balances b join runs r on r.id = b.run_id join groups g on g.id = r.group_id
               where b.user_id = $1
               group by g.currency order by g.currency";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}

/// How much less that was for goods than at the last price seen in the same store before each run, by currency. What no
/// price was known for does not count. Prices of what was merged stand with what it is now.
///
/// # Errors
/// Faults only.
pub async fn saved(db: &Database, user: Uuid) -> Result<Vec<AmountOfUser>, StorageError> {
    let sql =
        "select n.currency, cast(sum((n.price * n.received + 500) / 1000 - n.share) as bigint) as amount
               from (
                   select g.currency, a.received_thousandths as received, a.share,
                       (select o.price from price_observations o
                        where o.product_id = coalesce(i.merged_into, i.id)
                            and o.store_id = coalesce(s.merged_into, s.id)
                            and o.observed_at < r.created_at
                        order by o.observed_at desc, o.id desc limit 1) as price
                   from participants p
                       join runs r on r.id = p.run_id
                       join groups g on g.id = r.group_id
                       join allocations a on a.run_id = p.run_id and a.user_id = p.user_id
                       join products i on i.id = a.product_id
                       join stores s on s.id = r.store_id
                   where p.user_id = $1 and r.state = 'completed'
               ) n
               where n.price is not null
               group by n.currency order by n.currency";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}
