//! What the tables derived from the log look like after an event.
//!
//! This follows from the events alone and not from `Run::apply`, so that comparing the two means something. Within a
//! batch every row is collapsed to its last value; deletions come before insertions.

pub(crate) mod books;
pub(crate) mod goods;

use crate::journal::EventRow;
use books::Books;
use bulq_domain::event::LineNow;
use bulq_domain::{Comment, Event, Product, State};
use goods::Goods;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

type Pair = (Uuid, Uuid);
type Triple = (Uuid, Uuid, Uuid);

/// The rows a batch writes, by key.
#[derive(Default)]
pub(crate) struct Projection {
    runs: BTreeMap<Uuid, RunColumns>,
    /// Runs in which nobody is ready any more; goes before everything about participants.
    pub(crate) unready_runs: BTreeSet<Uuid>,
    /// (run, user): those who joined, or came back.
    pub(crate) joined: BTreeMap<Pair, Joined>,
    /// (run, user): what changed about the others.
    pub(crate) changed: BTreeMap<Pair, Changed>,
    /// (run, product, user).
    pub(crate) deleted_bids: BTreeSet<Triple>,
    /// (run, product).
    pub(crate) deleted_products: BTreeSet<Pair>,
    pub(crate) products: BTreeMap<Pair, ProductRow>,
    pub(crate) bids: BTreeMap<Triple, BidRow>,
    pub(crate) goods: Goods,
    pub(crate) books: Books,
}

/// Columns of `runs` that changed.
#[derive(Default)]
pub(crate) struct RunColumns {
    pub(crate) origin: Option<Origin>,
    pub(crate) state: Option<&'static str>,
    pub(crate) leader_id: Option<Uuid>,
    pub(crate) comment: Option<Option<String>>,
    pub(crate) planned_on: Option<Option<String>>,
    pub(crate) bidding_deadline_at: Option<Option<i64>>,
    pub(crate) handover_to: Option<Option<Uuid>>,
    pub(crate) active_at: Option<i64>,
}

/// What never changes about a run.
pub(crate) struct Origin {
    pub(crate) group_id: Uuid,
    pub(crate) store_id: Uuid,
    pub(crate) auto_confirm: bool,
    pub(crate) shortage_policy: &'static str,
    pub(crate) at: i64,
}

/// A row of `participants` after joining. Whoever comes back keeps their position.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Joined {
    #[serde(with = "uuid::serde::simple")]
    pub(crate) run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(crate) user_id: Uuid,
    pub(crate) position: i64,
    pub(crate) ready: bool,
    pub(crate) helper: bool,
    pub(crate) removed: bool,
}

/// None leaves a column.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Changed {
    #[serde(with = "uuid::serde::simple")]
    pub(crate) run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(crate) user_id: Uuid,
    pub(crate) ready: Option<bool>,
    pub(crate) helper: Option<bool>,
    pub(crate) removed: Option<bool>,
}

#[derive(Clone, Serialize)]
pub(crate) struct ProductRow {
    #[serde(with = "uuid::serde::simple")]
    pub(crate) run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(crate) product_id: Uuid,
    pub(crate) position: i64,
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) step: i64,
    pub(crate) pack: Option<i64>,
    pub(crate) minimum: i64,
    pub(crate) price: Option<i64>,
}

/// A bid that was changed keeps its position, on conflict and here.
#[derive(Clone, Serialize)]
pub(crate) struct BidRow {
    #[serde(with = "uuid::serde::simple")]
    pub(crate) run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(crate) product_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(crate) user_id: Uuid,
    pub(crate) position: i64,
    pub(crate) min: i64,
    pub(crate) quantity: i64,
    pub(crate) max: i64,
    pub(crate) interested_only: bool,
    pub(crate) comment: Option<String>,
    pub(crate) updated_seq: i64,
}

impl Projection {
    pub(crate) fn take_run(&mut self, run: Uuid) -> RunColumns {
        self.runs.remove(&run).unwrap_or_default()
    }

    pub(crate) fn project(&mut self, run: Uuid, row: &EventRow) {
        if let Some(state) = row.event.new_state() {
            self.enter(run, state, row.at);
        }
        match &row.event {
            Event::RunCreated { .. } => self.create_run(run, row),
            Event::DetailsEdited { .. } => self.edit_details(run, &row.event),
            Event::HandoverOffered { to, .. } => self.run(run).handover_to = Some(Some(to.0)),
            Event::HandoverEnded { .. } => self.run(run).handover_to = Some(None),
            Event::LeadershipHandedOver { to, .. } => self.hand_over(run, to.0),
            Event::RunSteppedBack { .. } => self.nobody_is_ready(run),
            Event::ParticipantJoined { user_id, .. } => self.join(run, user_id.0, row.seq),
            Event::ReadySet { user_id, ready } => self.set_ready(run, user_id.0, *ready),
            Event::HelperAppointed { user_id } => self.set_helper(run, user_id.0, true),
            Event::HelperDismissed { user_id } => self.set_helper(run, user_id.0, false),
            Event::MemberLeft { user_id, lines, .. } => self.shut_out(run, user_id.0, lines),
            Event::MemberReturned { user_id } => self.set_removed(run, user_id.0, false),
            Event::ProductAdded { product } => self.add_product(run, product, row.seq),
            Event::BidPlaced { .. } => self.place_bid(run, row),
            Event::BidRetracted { user_id, line } => {
                self.retract_bid(run, user_id.0, line);
                self.set_ready(run, user_id.0, false);
            }
            Event::ItemAdded { .. } => self.add_item(run, row),
            _ => {}
        }
        self.goods.project(run, row);
        self.books.project(run, row);
    }

    fn enter(&mut self, run: Uuid, state: State, at: i64) {
        let columns = self.run(run);
        columns.state = Some(state.as_str());
        if state == State::Active {
            columns.active_at = Some(at);
        }
    }

    fn hand_over(&mut self, run: Uuid, to: Uuid) {
        let columns = self.run(run);
        columns.leader_id = Some(to);
        columns.handover_to = Some(None);
        self.set_helper(run, to, false);
    }

    fn run(&mut self, run: Uuid) -> &mut RunColumns {
        self.runs.entry(run).or_default()
    }

    fn create_run(&mut self, run: Uuid, row: &EventRow) {
        let Event::RunCreated {
            group_id,
            store_id,
            leader_id,
            comment,
            planned_on,
            bidding_deadline,
            auto_confirm,
            shortage_policy,
            ..
        } = &row.event
        else {
            return;
        };
        let columns = self.run(run);
        columns.origin = Some(Origin {
            group_id: group_id.0,
            store_id: store_id.0,
            auto_confirm: *auto_confirm,
            shortage_policy: shortage_policy.as_str(),
            at: row.at,
        });
        columns.leader_id = Some(leader_id.0);
        columns.comment = Some(comment.as_ref().map(text));
        columns.planned_on = Some(planned_on.map(|date| date.to_string()));
        columns.bidding_deadline_at = Some(bidding_deadline.map(|at| at.timestamp_micros()));
    }

    fn edit_details(&mut self, run: Uuid, event: &Event) {
        let Event::DetailsEdited { comment, planned_on, bidding_deadline } = event else { return };
        let columns = self.run(run);
        if let Some(comment) = comment {
            columns.comment = Some(Some(text(comment)).filter(|text| !text.is_empty()));
        }
        if let Some(planned_on) = planned_on {
            columns.planned_on = Some(planned_on.map(|date| date.to_string()));
        }
        if let Some(deadline) = bidding_deadline {
            columns.bidding_deadline_at = Some(deadline.map(|at| at.timestamp_micros()));
        }
    }

    fn join(&mut self, run: Uuid, user: Uuid, seq: i64) {
        self.changed.remove(&(run, user));
        let fresh =
            Joined { run_id: run, user_id: user, position: seq, ready: false, helper: false, removed: false };
        self.joined.entry((run, user)).and_modify(|joined| joined.removed = false).or_insert(fresh);
    }

    fn set_ready(&mut self, run: Uuid, user: Uuid, ready: bool) {
        match self.joined.get_mut(&(run, user)) {
            Some(joined) => joined.ready = ready,
            None => self.changed(run, user).ready = Some(ready),
        }
    }

    fn set_helper(&mut self, run: Uuid, user: Uuid, helper: bool) {
        match self.joined.get_mut(&(run, user)) {
            Some(joined) => joined.helper = helper,
            None => self.changed(run, user).helper = Some(helper),
        }
    }

    fn set_removed(&mut self, run: Uuid, user: Uuid, removed: bool) {
        match self.joined.get_mut(&(run, user)) {
            Some(joined) => joined.removed = removed,
            None => self.changed(run, user).removed = Some(removed),
        }
    }

    fn changed(&mut self, run: Uuid, user: Uuid) -> &mut Changed {
        self.changed.entry((run, user)).or_insert(Changed {
            run_id: run,
            user_id: user,
            ready: None,
            helper: None,
            removed: None,
        })
    }

    fn nobody_is_ready(&mut self, run: Uuid) {
        self.unready_runs.insert(run);
        self.joined.values_mut().filter(|j| j.run_id == run).for_each(|j| j.ready = false);
        self.changed.values_mut().filter(|c| c.run_id == run).for_each(|c| c.ready = Some(false));
    }

    fn shut_out(&mut self, run: Uuid, user: Uuid, lines: &[LineNow]) {
        lines.iter().for_each(|line| self.retract_bid(run, user, line));
        self.set_ready(run, user, false);
        self.set_helper(run, user, false);
        self.set_removed(run, user, true);
    }

    fn add_product(&mut self, run: Uuid, product: &Product, seq: i64) {
        let row = ProductRow {
            run_id: run,
            product_id: product.id.0,
            position: seq,
            name: product.name.to_string(),
            unit: word(&product.unit),
            step: product.step.thousandths().into(),
            pack: product.pack.map(|pack| pack.thousandths().into()),
            minimum: product.minimum.thousandths().into(),
            price: product.price.map(|price| price.0),
        };
        self.products.insert((run, product.id.0), row);
    }

    fn place_bid(&mut self, run: Uuid, row: &EventRow) {
        let Event::BidPlaced { user_id, min, quantity, max, interested_only, comment, line } = &row.event
        else {
            return;
        };
        let key = (run, line.product_id.0, user_id.0);
        let bid = BidRow {
            run_id: run,
            product_id: line.product_id.0,
            user_id: user_id.0,
            position: self.bids.get(&key).map_or(row.seq, |bid| bid.position),
            min: min.thousandths().into(),
            quantity: quantity.thousandths().into(),
            max: max.thousandths().into(),
            interested_only: *interested_only,
            comment: comment.as_ref().map(text),
            updated_seq: row.seq,
        };
        self.bids.insert(key, bid);
        self.set_ready(run, user_id.0, false);
    }

    /// A product with one bid: what the person it is for gets of it.
    fn add_item(&mut self, run: Uuid, row: &EventRow) {
        let Event::ItemAdded { product, quantity, user_id, .. } = &row.event else { return };
        self.add_product(run, product, row.seq);
        let bid = BidRow {
            run_id: run,
            product_id: product.id.0,
            user_id: user_id.0,
            position: row.seq,
            min: 0,
            quantity: quantity.thousandths().into(),
            max: quantity.thousandths().into(),
            interested_only: false,
            comment: None,
            updated_seq: row.seq,
        };
        self.bids.insert((run, product.id.0, user_id.0), bid);
        self.set_ready(run, user_id.0, false);
    }

    /// The product goes with its last bid, unless it is on the shopping list.
    fn retract_bid(&mut self, run: Uuid, user: Uuid, line: &LineNow) {
        let product = line.product_id.0;
        self.bids.remove(&(run, product, user));
        self.deleted_bids.insert((run, product, user));
        if line.is_gone() {
            self.products.remove(&(run, product));
            self.deleted_products.insert((run, product));
        }
    }
}

fn text(comment: &Comment) -> String {
    comment.as_str().to_owned()
}

pub(crate) fn hex_opt<S: serde::Serializer>(id: &Option<Uuid>, serializer: S) -> Result<S::Ok, S::Error> {
    id.as_ref().map(Uuid::as_simple).serialize(serializer)
}

/// How the wire writes one of a few words.
pub(crate) fn word(one: &impl Serialize) -> String {
    match serde_json::to_value(one) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
