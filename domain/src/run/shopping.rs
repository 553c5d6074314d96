//! The list, what was bought of it, and what shopping comes to.

use super::bidding::index_u32;
use super::{Bid, Item, Line, MAX_PRODUCTS, Run};
use crate::command::{AddItem, DefaultCost, EditPurchase, ObservePrice, RecordPurchase, UndoPurchase};
use crate::event::{LineNow, Picked, PurchasePart};
use crate::{
    Code, Context, Event, Money, Product, ProductId, Quantity, Rejection, Seq, State, Total, UserId,
};
use std::sync::Arc;

/// What a shopper says about a part of a purchase.
struct Said {
    quantity: Quantity,
    total: Money,
    payer: Option<UserId>,
    picked: Option<ProductId>,
}

impl Run {
    pub(super) fn start_shopping(&self) -> Vec<Event> {
        let planned = self.lines.iter().filter(|line| !line.plan().planned.is_zero());
        let items = planned.map(|line| LineNow { listed: true, ..line.after(None, None) }).collect();
        let costs = self.default_costs.iter().cloned().map(|DefaultCost { label, amount, split }| {
            Event::CostAdded { label, amount, split, payer_id: self.leader_id }
        });
        [Event::ShoppingStarted { state: State::Shopping, items }].into_iter().chain(costs).collect()
    }

    pub(super) fn add_item(&self, add: &AddItem, context: &Context) -> Result<Vec<Event>, Rejection> {
        let (person, name) = match add.on_behalf_of.filter(|other| *other != context.by) {
            None => (context.by, context.name.clone()),
            Some(other) => self.known_person(other, context)?,
        };
        if self.line(add.product_id).is_some() {
            return Err(Rejection::new(Code::AlreadyOnList, "this product is in the run already"));
        }
        let Some(product) = context.product.clone().filter(|p| p.id == add.product_id) else {
            return Err(Rejection::new(Code::ProductNotFound, "no such product in the catalogue"));
        };
        if self.lines.len() >= MAX_PRODUCTS {
            let detail = format!("a run holds at most {MAX_PRODUCTS} distinct products");
            return Err(Rejection::new(Code::TooManyProducts, detail).with("limit", MAX_PRODUCTS));
        }
        check_step(add.quantity, &product)?;
        let mut events = Vec::with_capacity(2);
        if self.participant(person).is_none_or(|p| p.removed) {
            events.push(Event::ParticipantJoined { user_id: person, name });
        }
        let (min, quantity) = (Quantity::ZERO, add.quantity);
        let bid = Bid { by: 0, min, quantity, max: quantity, interested_only: false, comment: None };
        let line = LineNow { listed: true, ..Line::new(product.clone()).after(None, Some(&bid)) };
        events.push(Event::ItemAdded { product, quantity, user_id: person, line });
        Ok(events)
    }

    /// The first purchase of an item, or its correction by somebody who has seen the one there is.
    pub(super) fn record_purchase(
        &self,
        buy: &RecordPurchase,
        context: &Context,
    ) -> Result<Vec<Event>, Rejection> {
        let line = self.wanted_line(buy.product_id)?;
        line.unchanged_since(buy.expected_seq)?;
        if line.bought_item().is_some() && buy.expected_seq.is_none() {
            let detail = "this was bought already: add a part, or say which seq you correct";
            return Err(line.with_current(Rejection::new(Code::AlreadyBought, detail)));
        }
        self.purchase(line, Vec::new(), said(buy), context)
    }

    /// Some more of it: another shelf, another price.
    pub(super) fn add_purchase(
        &self,
        buy: &RecordPurchase,
        context: &Context,
    ) -> Result<Vec<Event>, Rejection> {
        let line = self.wanted_line(buy.product_id)?;
        line.unchanged_since(buy.expected_seq)?;
        let parts = line.bought_item().map(|item| item.parts.clone()).unwrap_or_default();
        self.purchase(line, parts, said(buy), context)
    }

    pub(super) fn edit_purchase(
        &self,
        edit: &EditPurchase,
        context: &Context,
    ) -> Result<Vec<Event>, Rejection> {
        let line = self.wanted_line(edit.product_id)?;
        line.unchanged_since(edit.expected_seq)?;
        let Some(item) = line.bought_item() else { return Err(line.not_bought()) };
        let said =
            Said { quantity: edit.quantity, total: edit.total, payer: edit.payer, picked: edit.picked };
        let Some(at) = edit.part else { return self.purchase(line, Vec::new(), said, context) };
        let at = at as usize;
        if at >= item.parts.len() {
            let detail = format!("there is no part {at}: this item was bought in {}", item.parts.len());
            return Err(line.with_current(Rejection::new(Code::NotBought, detail)));
        }
        let mut parts = item.parts.clone();
        let (mut part, mut joining) = self.part(line, said, context)?;
        if edit.payer.is_none() {
            (part.payer_id, joining) = (parts[at].payer_id, None);
        }
        if edit.picked.is_none() {
            part.picked = parts[at].picked.clone();
        }
        parts[at] = part;
        recorded(line, parts, joining)
    }

    pub(super) fn undo_purchase(&self, undo: &UndoPurchase) -> Result<Vec<Event>, Rejection> {
        let line = self.wanted_line(undo.product_id)?;
        line.unchanged_since(undo.expected_seq)?;
        if line.bought_item().is_none() {
            return Err(line.not_bought());
        }
        Ok(vec![Event::PurchaseUndone { product_id: undo.product_id }])
    }

    pub(super) fn observe_price(
        &self,
        seen: &ObservePrice,
        context: &Context,
    ) -> Result<Vec<Event>, Rejection> {
        let known = context.product.as_ref().is_some_and(|product| product.id == seen.product_id);
        if !known && self.line(seen.product_id).is_none() {
            return Err(Rejection::new(Code::ProductNotFound, "no such product in the catalogue"));
        }
        check_amount("price", seen.price)?;
        Ok(vec![Event::PriceObserved { product_id: seen.product_id, price: seen.price }])
    }

    /// Nothing bought ends the run; what does not balance is adjusted; everything else is handed out.
    pub(super) fn finish_shopping(&self) -> Vec<Event> {
        if self.lines.iter().all(|line| line.bought_item().is_none()) {
            let state = State::Completed;
            return self.ended(Event::ShoppingFinished { state, shares: Vec::new() });
        }
        if self.lines.iter().any(|line| !line.difference().is_balanced()) {
            return vec![Event::ShoppingFinished { state: State::Adjusting, shares: Vec::new() }];
        }
        let shares = self.allocate(self.shortage_policy, |_| true);
        vec![Event::ShoppingFinished { state: State::Distributing, shares }]
    }

    /// What somebody bid on may be bought, planned or not.
    fn wanted_line(&self, product: ProductId) -> Result<&Line, Rejection> {
        self.line(product).ok_or_else(|| {
            Rejection::new(Code::ItemNotFound, "this product is not in the run: add it to the list first")
        })
    }

    fn purchase(
        &self,
        line: &Line,
        mut parts: Vec<PurchasePart>,
        said: Said,
        context: &Context,
    ) -> Result<Vec<Event>, Rejection> {
        let (part, joining) = self.part(line, said, context)?;
        parts.push(part);
        recorded(line, parts, joining)
    }

    /// The part, and the event by which its payer joins if they did not take part yet.
    fn part(
        &self,
        line: &Line,
        said: Said,
        context: &Context,
    ) -> Result<(PurchasePart, Option<Event>), Rejection> {
        check_step(said.quantity, &line.product)?;
        check_amount("total", said.total)?;
        let (payer_id, name) = match said.payer.filter(|payer| *payer != context.by) {
            None => (context.by, context.name.clone()),
            Some(payer) => self.known_person(payer, context)?,
        };
        let joining = self.participant(payer_id).is_none_or(|p| p.removed);
        let joining = joining.then_some(Event::ParticipantJoined { user_id: payer_id, name });
        let picked = match said.picked.filter(|picked| *picked != line.product.id) {
            None => None,
            Some(picked) => Some(line.member(picked, context)?),
        };
        Ok((PurchasePart { quantity: said.quantity, total: said.total, payer_id, picked }, joining))
    }

    /// Somebody the command names who is in the group now.
    pub(super) fn known_person(
        &self,
        user: UserId,
        context: &Context,
    ) -> Result<(UserId, Arc<str>), Rejection> {
        match &context.person {
            Some(person) if person.id == user && !self.gone.contains(&user) => {
                Ok((user, person.name.clone()))
            }
            _ => Err(Rejection::new(Code::PersonNotFound, "that person is not in the group of this run")),
        }
    }

    pub(super) fn freeze(&mut self, items: &[LineNow], seq: Seq) {
        for now in items {
            if let Some(line) = self.lines.iter_mut().find(|line| line.product.id == now.product_id) {
                line.item =
                    Some(Box::new(Item { requested: now.plan.planned, changed: seq, ..Item::default() }));
            }
        }
    }

    pub(super) fn put_item(&mut self, product: &Arc<Product>, quantity: Quantity, user: UserId, seq: Seq) {
        let Some(i) = self.index(user) else { return };
        let mut line = Line::new(product.clone());
        let requested = Total::from(quantity);
        line.item = Some(Box::new(Item { requested, changed: seq, ..Item::default() }));
        self.lines.push(line);
        let by = index_u32(i);
        let (min, max) = (Quantity::ZERO, quantity);
        self.put_bid(user, product.id, Bid { by, min, quantity, max, interested_only: false, comment: None });
    }

    pub(super) fn put_parts(&mut self, product: ProductId, parts: &[PurchasePart], seq: Seq) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.product.id == product) {
            let item = line.item.get_or_insert_default();
            (item.parts, item.changed) = (parts.to_vec(), seq);
        }
    }
}

impl Line {
    fn unchanged_since(&self, expected: Option<Seq>) -> Result<(), Rejection> {
        let changed = self.item.as_ref().map_or(0, |item| item.changed);
        match expected {
            Some(expected) if changed > expected => {
                let detail = format!("somebody changed this item at seq {changed}, after {expected}");
                Err(self.with_current(Rejection::new(Code::SeqConflict, detail)))
            }
            _ => Ok(()),
        }
    }

    fn not_bought(&self) -> Rejection {
        self.with_current(Rejection::new(Code::NotBought, "nothing of this item was bought yet"))
    }

    /// Adds what is recorded now, so that nobody has to ask again.
    fn with_current(&self, rejection: Rejection) -> Rejection {
        let Some(item) = &self.item else { return rejection };
        let current = serde_json::json!({
            "product_id": self.product.id,
            "requested": item.requested,
            "wanted": self.wanted(),
            "bought": item.bought(),
            "total": item.total(),
            "parts": item.parts,
            "changed": item.changed,
        });
        rejection.with("current", current)
    }

    fn member(&self, picked: ProductId, context: &Context) -> Result<Picked, Rejection> {
        match context.product.as_ref().filter(|product| product.id == picked) {
            None => Err(Rejection::new(Code::ProductNotFound, "no such product in the catalogue")),
            Some(product) if product.family_id == Some(self.product.id) => {
                Ok(Picked { product_id: picked, name: product.name.clone() })
            }
            Some(product) => {
                let detail = format!("{} does not belong to {}", product.name, self.product.name);
                Err(Rejection::new(Code::NotOfTheFamily, detail))
            }
        }
    }
}

fn said(buy: &RecordPurchase) -> Said {
    Said { quantity: buy.quantity, total: buy.total, payer: buy.payer, picked: buy.picked }
}

fn recorded(line: &Line, parts: Vec<PurchasePart>, joining: Option<Event>) -> Result<Vec<Event>, Rejection> {
    let bought = parts.iter().map(|part| u64::from(part.quantity.thousandths())).sum();
    if Quantity::from_thousandths(bought).is_err() {
        let detail = format!("an item is at most {} altogether", Quantity::MAX);
        return Err(Rejection::new(Code::QuantityOutOfRange, detail).with("max", Quantity::MAX));
    }
    let total = parts.iter().fold(Money::ZERO, |sum, part| sum.saturating_add(part.total));
    check_amount("total", total)?;
    let unchanged = line.bought_item().is_some_and(|item| item.parts == parts);
    if unchanged {
        return Ok(Vec::new());
    }
    Ok(joining.into_iter().chain([Event::PurchaseRecorded { product_id: line.product.id, parts }]).collect())
}

pub(super) fn check_amount(field: &str, amount: Money) -> Result<(), Rejection> {
    if (1..=Money::MAX_LINE.0).contains(&amount.0) {
        return Ok(());
    }
    let detail = format!("{field} is at least 1 and at most {} minor units", Money::MAX_LINE.0);
    Err(Rejection::new(Code::AmountOutOfRange, detail).with("field", field).with("max", Money::MAX_LINE))
}

fn check_step(quantity: Quantity, product: &Product) -> Result<(), Rejection> {
    if quantity.is_zero() {
        return Err(Rejection::new(Code::QuantityOutOfRange, "the quantity must be more than 0")
            .with("field", "quantity"));
    }
    if quantity.is_multiple_of(product.step) {
        return Ok(());
    }
    let detail = format!("quantity {quantity} is not a multiple of {}", product.step);
    Err(Rejection::new(Code::NotAMultipleOfStep, detail).with("field", "quantity").with("step", product.step))
}
