//! What was bought in a run, who gets what of it, and what else was paid.

use super::{Pair, Triple, word};
use crate::journal::EventRow;
use bulq_domain::Event;
use bulq_domain::event::{CancelledItem, LineNow, PurchasePart, Share};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Rows in the order they have to be written in.
#[derive(Default)]
pub(crate) struct Goods {
    /// (run, product).
    pub(crate) items: BTreeMap<Pair, ItemRow>,
    /// Items whose parts are all written anew.
    pub(crate) bought: BTreeSet<Pair>,
    /// (run, product, part).
    pub(crate) parts: BTreeMap<(Uuid, Uuid, i64), PartRow>,
    /// Items of cancelled runs: whoever has no share among `shares` has none any more.
    pub(crate) disposed: BTreeMap<Pair, DisposedRow>,
    /// (run, product, user).
    pub(crate) shares: BTreeMap<Triple, ShareRow>,
    /// (run, product, user); allocations that are there by then.
    pub(crate) taken: BTreeMap<Triple, TakenRow>,
    /// (run, cost).
    pub(crate) deleted_costs: BTreeSet<(Uuid, i64)>,
    pub(crate) costs: BTreeMap<(Uuid, i64), CostRow>,
}

/// An item that was there before keeps what was requested.
#[derive(Serialize)]
pub(crate) struct ItemRow {
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    product_id: Uuid,
    requested: i64,
    bought: i64,
    total: i64,
    changed_seq: i64,
}

#[derive(Serialize)]
pub(crate) struct PartRow {
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    product_id: Uuid,
    part: i64,
    quantity: i64,
    total: i64,
    #[serde(with = "uuid::serde::simple")]
    payer_id: Uuid,
    #[serde(serialize_with = "super::hex_opt")]
    picked_product_id: Option<Uuid>,
}

#[derive(Serialize)]
pub(crate) struct DisposedRow {
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    product_id: Uuid,
    outcome: String,
}

/// An allocation that was there before stays taken, or not.
#[derive(Serialize)]
pub(crate) struct ShareRow {
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    product_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    user_id: Uuid,
    received: i64,
    share: i64,
}

#[derive(Serialize)]
pub(crate) struct TakenRow {
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    product_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    user_id: Uuid,
    taken: Option<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct CostRow {
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    id: i64,
    label: String,
    amount: i64,
    split: String,
    #[serde(with = "uuid::serde::simple")]
    payer_id: Uuid,
}

impl Goods {
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
            && self.disposed.is_empty()
            && self.shares.is_empty()
            && self.taken.is_empty()
            && self.deleted_costs.is_empty()
            && self.costs.is_empty()
    }

    pub(super) fn project(&mut self, run: Uuid, row: &EventRow) {
        match &row.event {
            Event::ShoppingStarted { items, .. } => self.freeze(run, items, row.seq),
            Event::ItemAdded { product, quantity, .. } => {
                self.list(run, product.id.0, quantity.thousandths().into(), row.seq);
            }
            Event::PurchaseRecorded { product_id, parts } => self.buy(run, product_id.0, parts, row.seq),
            Event::PurchaseUndone { product_id } => self.buy(run, product_id.0, &[], row.seq),
            Event::ShoppingFinished { shares, .. }
            | Event::AdjustingFinished { shares, .. }
            | Event::ReceivedSet { shares, .. } => self.share(run, shares),
            Event::PickedUp { .. } | Event::PickUpUndone { .. } | Event::LeftWithLeader { .. } => {
                self.take(run, &row.event);
            }
            Event::RunCancelled { items, shares, .. } => self.dispose(run, items, shares),
            Event::CostAdded { .. } => self.add_cost(run, row),
            Event::CostRemoved { cost } => {
                let cost = (run, cost.cast_signed());
                self.costs.remove(&cost);
                self.deleted_costs.insert(cost);
            }
            _ => {}
        }
    }

    fn freeze(&mut self, run: Uuid, items: &[LineNow], seq: i64) {
        for now in items {
            self.list(run, now.product_id.0, now.plan.planned.thousandths().cast_signed(), seq);
        }
    }

    fn list(&mut self, run: Uuid, product: Uuid, requested: i64, seq: i64) {
        let item =
            ItemRow { run_id: run, product_id: product, requested, bought: 0, total: 0, changed_seq: seq };
        self.items.insert((run, product), item);
    }

    /// Something that was not on the list joins it with its purchase.
    fn buy(&mut self, run: Uuid, product: Uuid, parts: &[PurchasePart], seq: i64) {
        let requested = self.items.get(&(run, product)).map_or(0, |item| item.requested);
        let bought = parts.iter().map(|part| i64::from(part.quantity.thousandths())).sum();
        let total = parts.iter().map(|part| part.total.0).sum();
        let item = ItemRow { run_id: run, product_id: product, requested, bought, total, changed_seq: seq };
        self.items.insert((run, product), item);
        self.bought.insert((run, product));
        self.parts.retain(|key, _| (key.0, key.1) != (run, product));
        let rows = (0..).zip(parts).map(|(part, bought)| PartRow::of(run, product, part, bought));
        self.parts.extend(rows.map(|row| ((run, product, row.part), row)));
    }

    fn share(&mut self, run: Uuid, shares: &[Share]) {
        for share in shares {
            let row = ShareRow {
                run_id: run,
                product_id: share.product_id.0,
                user_id: share.user_id.0,
                received: share.quantity.thousandths().into(),
                share: share.share.0,
            };
            self.shares.insert((run, row.product_id, row.user_id), row);
        }
    }

    fn take(&mut self, run: Uuid, event: &Event) {
        let (user, products, taken) = match event {
            Event::PickedUp { user_id, product_ids } => (user_id.0, product_ids, Some("picked_up")),
            Event::LeftWithLeader { user_id, product_ids } => {
                (user_id.0, product_ids, Some("left_with_leader"))
            }
            Event::PickUpUndone { user_id, product_ids } => (user_id.0, product_ids, None),
            _ => return,
        };
        for product in products {
            let row = TakenRow { run_id: run, product_id: product.0, user_id: user, taken };
            self.taken.insert((run, product.0, user), row);
        }
    }

    /// The shares of a cancelled run take the place of what was allocated before.
    fn dispose(&mut self, run: Uuid, items: &[CancelledItem], shares: &[Share]) {
        for item in items {
            let product_id = item.product_id.0;
            self.shares.retain(|key, _| (key.0, key.1) != (run, product_id));
            let row = DisposedRow { run_id: run, product_id, outcome: word(&item.outcome) };
            self.disposed.insert((run, product_id), row);
        }
        self.share(run, shares);
    }

    fn add_cost(&mut self, run: Uuid, row: &EventRow) {
        let Event::CostAdded { label, amount, split, payer_id } = &row.event else { return };
        let cost = CostRow {
            run_id: run,
            id: row.seq,
            label: label.as_str().to_owned(),
            amount: amount.0,
            split: word(split),
            payer_id: payer_id.0,
        };
        self.costs.insert((run, row.seq), cost);
    }
}

impl PartRow {
    fn of(run_id: Uuid, product_id: Uuid, part: i64, bought: &PurchasePart) -> Self {
        Self {
            run_id,
            product_id,
            part,
            quantity: bought.quantity.thousandths().into(),
            total: bought.total.0,
            payer_id: bought.payer_id.0,
            picked_product_id: bought.picked.as_ref().map(|picked| picked.product_id.0),
        }
    }
}
