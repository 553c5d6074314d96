//! What outlives a run: who owes what for it, and what things cost.

use super::Pair;
use crate::ids::id_at;
use crate::journal::EventRow;
use bulq_domain::Event;
use bulq_domain::event::{Balance, PurchasePart};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Rows in the order of the events.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) balances: Vec<BalanceRow>,
    pub(crate) entries: Vec<EntryRow>,
    /// Written before the parts of purchases are: a part that is known already is no news.
    pub(crate) prices: Vec<PriceRow>,
    /// The parts as the last event of this batch left them; by run and product.
    parts: BTreeMap<Pair, Vec<PurchasePart>>,
}

#[derive(Serialize)]
pub(crate) struct BalanceRow {
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    user_id: Uuid,
    paid: i64,
    owes: i64,
}

/// An entry of the ledger of the run's group.
#[derive(Serialize)]
pub(crate) struct EntryRow {
    #[serde(with = "uuid::serde::simple")]
    id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    user_id: Uuid,
    amount: i64,
    #[serde(serialize_with = "super::hex_opt")]
    recorded_by: Option<Uuid>,
    at: i64,
}

/// A price seen in the store of the run; kept if that day's latest differs.
#[derive(Serialize)]
pub(crate) struct PriceRow {
    #[serde(with = "uuid::serde::simple")]
    id: Uuid,
    /// Its place in the batch.
    place: i64,
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    product_id: Uuid,
    /// Per unit, in minor units.
    price: i64,
    #[serde(with = "uuid::serde::simple")]
    observed_by: Uuid,
    at: i64,
    /// When the day began, in UTC.
    day: i64,
    /// The part of which item it was paid for, unless it is news for certain.
    #[serde(serialize_with = "super::hex_opt")]
    item_id: Option<Uuid>,
    part: i64,
    quantity: i64,
    total: i64,
}

impl Books {
    pub(crate) const fn is_empty(&self) -> bool {
        self.balances.is_empty() && self.prices.is_empty()
    }

    pub(super) fn project(&mut self, run: Uuid, row: &EventRow) {
        match &row.event {
            Event::RunSettled { balances } => self.settle(run, row, balances),
            Event::PurchaseRecorded { product_id, parts } => self.see_parts(run, row, product_id.0, parts),
            Event::PurchaseUndone { product_id } => {
                self.parts.insert((run, product_id.0), Vec::new());
            }
            Event::PriceObserved { product_id, price } => {
                if let Some(by) = row.actor_id {
                    self.see(run, product_id.0, price.0, by, row.at);
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, run_id: Uuid, row: &EventRow, balances: &[Balance]) {
        for balance in balances {
            let (user_id, paid, owes) = (balance.user_id.0, balance.paid.0, balance.owes.0);
            self.balances.push(BalanceRow { run_id, user_id, paid, owes });
            if paid != owes {
                let id = id_at(row.at, self.entries.len());
                let amount = paid - owes;
                let (recorded_by, at) = (row.actor_id, row.at);
                self.entries.push(EntryRow { id, run_id, user_id, amount, recorded_by, at });
            }
        }
    }

    /// An event repeats the parts there were before. Within a batch those are told apart here, else by the database.
    fn see_parts(&mut self, run: Uuid, row: &EventRow, item: Uuid, parts: &[PurchasePart]) {
        let before = self.parts.insert((run, item), parts.to_vec());
        for (i, part) in parts.iter().enumerate() {
            if before.as_ref().is_some_and(|before| before.get(i) == Some(part)) {
                continue;
            }
            let product = part.picked.as_ref().map_or(item, |picked| picked.product_id.0);
            let by = row.actor_id.unwrap_or(part.payer_id.0);
            let seen = self.see(run, product, price_per_unit(part), by, row.at);
            if before.is_none() {
                seen.item_id = Some(item);
                seen.part = i as i64;
                seen.quantity = part.quantity.thousandths().into();
                seen.total = part.total.0;
            }
        }
    }

    fn see(
        &mut self,
        run_id: Uuid,
        product_id: Uuid,
        price: i64,
        observed_by: Uuid,
        at: i64,
    ) -> &mut PriceRow {
        let place = self.prices.len();
        self.prices.push(PriceRow {
            id: id_at(at, place),
            place: place as i64,
            run_id,
            product_id,
            price,
            observed_by,
            at,
            day: at - at.rem_euclid(DAY),
            item_id: None,
            part: 0,
            quantity: 0,
            total: 0,
        });
        &mut self.prices[place]
    }
}

/// Rounded half up to the minor unit.
fn price_per_unit(part: &PurchasePart) -> i64 {
    let quantity = i64::from(part.quantity.thousandths()).max(1);
    (2000 * part.total.0 + quantity) / (2 * quantity)
}
