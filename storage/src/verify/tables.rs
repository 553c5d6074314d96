//! The rows of the projections, as stored and as they follow from a replayed run.

use crate::database::Tx;
use crate::journal::StoredEvent;
use bulq_domain::{Line, Participant, Run, State};
use uuid::Uuid;

record! {
    pub(super) struct RunTable {
        pub(super) group_id: Uuid,
        pub(super) store_id: Uuid,
        pub(super) leader_id: Uuid,
        pub(super) state: String,
        pub(super) seq: i64,
        pub(super) epoch: i64,
        pub(super) comment: Option<String>,
        pub(super) planned_on: Option<String>,
        pub(super) bidding_deadline_at: Option<i64>,
        pub(super) auto_confirm: bool,
        pub(super) shortage_policy: String,
        pub(super) handover_to: Option<Uuid>,
        pub(super) active_at: Option<i64>,
        pub(super) created_at: i64,
        pub(super) updated_at: i64,
    }
}

record! {
    pub(super) struct ParticipantTable {
        user_id: Uuid,
        ready: bool,
        helper: bool,
        removed: bool,
    }
}

record! {
    pub(super) struct ProductTable {
        product_id: Uuid,
        name: String,
        unit: String,
        step_thousandths: i64,
        pack_thousandths: Option<i64>,
        minimum_thousandths: i64,
        price: Option<i64>,
    }
}

record! {
    pub(super) struct BidTable {
        product_id: Uuid,
        user_id: Uuid,
        min_thousandths: i64,
        quantity_thousandths: i64,
        max_thousandths: i64,
        interested_only: bool,
        comment: Option<String>,
    }
}

pub(super) async fn run(tx: &mut Tx, run: Uuid) -> Result<Option<RunTable>, sqlx::Error> {
    let sql = "select * from runs where id = $1";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_optional(c).await)
}

pub(super) async fn participants(tx: &mut Tx, run: Uuid) -> Result<Vec<ParticipantTable>, sqlx::Error> {
    let sql = "select user_id, ready, helper, removed from participants where run_id = $1 order by position";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

pub(super) async fn products(tx: &mut Tx, run: Uuid) -> Result<Vec<ProductTable>, sqlx::Error> {
    let sql = "select product_id, name, unit, step_thousandths, pack_thousandths, minimum_thousandths, price
               from run_products where run_id = $1 order by position";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

/// In the order of the products, and of first placing.
pub(super) async fn bids(tx: &mut Tx, run: Uuid) -> Result<Vec<BidTable>, sqlx::Error> {
    let sql = "select b.product_id, b.user_id, b.min_thousandths, b.quantity_thousandths, b.max_thousandths,
                   b.interested_only, b.comment
               from bids b join run_products p on p.run_id = b.run_id and p.product_id = b.product_id
               where b.run_id = $1 order by p.position, b.position";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

impl RunTable {
    /// The epoch does not follow from the log: a takeover raises it without an event.
    pub(super) fn of(run: &Run, events: &[StoredEvent]) -> Self {
        Self {
            group_id: run.group_id.0,
            store_id: run.store_id.0,
            leader_id: run.leader_id.0,
            state: run.state.as_str().to_owned(),
            seq: run.seq as i64,
            epoch: 0,
            comment: run.comment.as_ref().map(|comment| comment.as_str().to_owned()),
            planned_on: run.planned_on.map(|date| date.to_string()),
            bidding_deadline_at: run.bidding_deadline.map(|at| at.timestamp_micros()),
            auto_confirm: run.auto_confirm,
            shortage_policy: run.shortage_policy.as_str().to_owned(),
            handover_to: run.handover.map(|user| user.0),
            active_at: run.times.get(&State::Active).map(|at| at.timestamp_micros()),
            created_at: events.first().map_or(0, |event| event.at),
            updated_at: events.last().map_or(0, |event| event.at),
        }
    }
}

impl ParticipantTable {
    pub(super) const fn of(participant: &Participant) -> Self {
        Self {
            user_id: participant.user_id.0,
            ready: participant.ready,
            helper: participant.helper,
            removed: participant.removed,
        }
    }
}

impl ProductTable {
    pub(super) fn of(line: &Line) -> Self {
        let product = &line.product;
        Self {
            product_id: product.id.0,
            name: product.name.to_string(),
            unit: crate::projection::word(&product.unit),
            step_thousandths: product.step.thousandths().into(),
            pack_thousandths: product.pack.map(|pack| pack.thousandths().into()),
            minimum_thousandths: product.minimum.thousandths().into(),
            price: product.price.map(|price| price.0),
        }
    }
}

impl BidTable {
    pub(super) fn of<'a>(run: &'a Run, line: &'a Line) -> impl Iterator<Item = Self> + 'a {
        line.bids.iter().map(|bid| Self {
            product_id: line.product.id.0,
            user_id: run.participants[bid.by as usize].user_id.0,
            min_thousandths: bid.min.thousandths().into(),
            quantity_thousandths: bid.quantity.thousandths().into(),
            max_thousandths: bid.max.thousandths().into(),
            interested_only: bid.interested_only,
            comment: bid.comment.as_ref().map(|comment| comment.as_str().to_owned()),
        })
    }
}
