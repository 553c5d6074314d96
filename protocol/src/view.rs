//! A run as somebody sees it. The snapshot of the live connection is this view, and a client folds events into it.

use bulq_domain::event::LineNow;
use bulq_domain::run::{Extra, Unit};
use bulq_domain::{
    Bid, CommandKind, Comment, Currency, Event, GroupId, Line, Money, Plan, Product, ProductId, Quantity,
    Recorded, Role, Run, RunId, Seq, State, StoreId, Total, UserId,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RunView {
    pub id: RunId,
    pub group_id: GroupId,
    pub store_id: StoreId,
    pub store_name: String,
    pub currency: Currency,
    pub state: State,
    pub seq: Seq,
    pub leader_id: UserId,
    pub comment: Option<Comment>,
    pub planned_on: Option<NaiveDate>,
    pub bidding_deadline: Option<DateTime<Utc>>,
    pub auto_confirm: bool,
    pub times: Times,
    /// Why the run was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<String>,
    /// In the order of joining.
    pub participants: Vec<ParticipantView>,
    /// In the order of adding.
    pub products: Vec<ProductView>,
    /// What the plan would cost, as far as prices are known.
    pub estimate: Money,
    /// Absent from a view that belongs to nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewer: Option<Viewer>,
}

/// When each state was entered last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Times {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planning_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shopping_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjusting_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distributing_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ParticipantView {
    pub user_id: UserId,
    pub name: Arc<str>,
    pub role: Role,
    pub ready: bool,
    pub removed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ProductView {
    pub product_id: ProductId,
    pub name: String,
    pub unit: Unit,
    pub step: Quantity,
    pub price: Option<Money>,
    /// In the order they were first placed.
    pub bids: Vec<BidView>,
    /// Σ quantity.
    pub wanted: Total,
    /// How many are only interested.
    pub interested: u32,
    pub plan: Plan,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BidView {
    pub user_id: UserId,
    pub min: Quantity,
    pub quantity: Quantity,
    pub max: Quantity,
    pub interested_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Comment>,
}

/// What the viewer is to the run and may do now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Viewer {
    pub role: Role,
    pub may: Vec<CommandKind>,
}

/// The plan of a run with who gets the extras.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlanView {
    pub products: Vec<PlannedProduct>,
    pub estimate: Money,
    pub seq: Seq,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlannedProduct {
    pub product_id: ProductId,
    pub wanted: Total,
    #[serde(flatten)]
    pub plan: Plan,
    pub extras: Vec<ExtraView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExtraView {
    pub user_id: UserId,
    pub quantity: Quantity,
}

impl PlanView {
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let extras = run.extras();
        let of_line = |line: &Line| PlannedProduct {
            product_id: line.product.id,
            wanted: line.wanted(),
            plan: line.plan(),
            extras: extras.iter().filter(|e| e.product_id == line.product.id).map(ExtraView::from).collect(),
        };
        Self { products: run.lines.iter().map(of_line).collect(), estimate: run.estimate(), seq: run.seq }
    }
}

impl From<&Extra> for ExtraView {
    fn from(extra: &Extra) -> Self {
        Self { user_id: extra.user_id, quantity: extra.quantity }
    }
}

impl Viewer {
    #[must_use]
    pub fn of(run: &Run, user: UserId) -> Self {
        Self { role: run.role(user), may: run.may(user) }
    }
}

impl RunView {
    /// The run as everybody sees it; `viewer` is added per person.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let mut times = Times::default();
        run.times.iter().for_each(|(state, at)| times.enter(*state, *at));
        Self {
            id: run.id,
            group_id: run.group_id,
            store_id: run.store_id,
            store_name: run.store_name.to_string(),
            currency: run.currency,
            state: run.state,
            seq: run.seq,
            leader_id: run.leader_id,
            comment: run.comment.clone(),
            planned_on: run.planned_on,
            bidding_deadline: run.bidding_deadline,
            auto_confirm: run.auto_confirm,
            times,
            cancel_reason: run.cancel_reason.as_deref().map(str::to_owned),
            participants: run.participants.iter().map(|p| ParticipantView::of(run, p)).collect(),
            products: run.lines.iter().map(|line| ProductView::of(run, line)).collect(),
            estimate: run.estimate(),
            viewer: None,
        }
    }

    /// Folds one event; events with a seq that is already in the view change nothing.
    ///
    /// `viewer.may` is not kept up: after a transition ask the guard table or take a snapshot.
    pub fn apply(&mut self, recorded: &Recorded) {
        if recorded.seq <= self.seq {
            return;
        }
        self.seq = recorded.seq;
        if let Some(state) = recorded.event.new_state() {
            self.state = state;
            self.times.enter(state, recorded.at);
        }
        self.fold(&recorded.event);
        self.estimate = self.products.iter().fold(Money::ZERO, |sum, p| {
            sum.saturating_add(p.price.unwrap_or_default().times_thousandths(p.plan.planned.thousandths()))
        });
    }

    fn fold(&mut self, event: &Event) {
        match event {
            Event::ParticipantJoined { user_id, name } => self.join(*user_id, name),
            Event::MemberLeft { user_id, lines, .. } => {
                lines.iter().for_each(|line| self.take_bid(*user_id, line));
                if let Some(p) = self.participant(*user_id) {
                    (p.removed, p.ready, p.role) = (true, false, Role::Removed);
                }
            }
            Event::MemberReturned { user_id } => {
                if let Some(p) = self.participant(*user_id) {
                    p.role = Role::Member;
                }
            }
            Event::ProductAdded { product } => self.products.push(ProductView::empty(product)),
            Event::BidPlaced { user_id, min, quantity, max, interested_only, comment, line } => {
                let (min, quantity, max) = (*min, *quantity, *max);
                let bid = BidView {
                    user_id: *user_id,
                    min,
                    quantity,
                    max,
                    interested_only: *interested_only,
                    comment: comment.clone(),
                };
                self.put_bid(bid, line);
            }
            Event::BidRetracted { user_id, line } => self.take_bid(*user_id, line),
            Event::ReadySet { user_id, ready } => {
                if let Some(p) = self.participant(*user_id) {
                    p.ready = *ready;
                }
            }
            Event::DetailsEdited { comment, planned_on, bidding_deadline } => {
                if let Some(comment) = comment {
                    self.comment = comment.clone().non_empty();
                }
                self.planned_on = planned_on.unwrap_or(self.planned_on);
                self.bidding_deadline = bidding_deadline.unwrap_or(self.bidding_deadline);
            }
            Event::RunSteppedBack { .. } => self.participants.iter_mut().for_each(|p| p.ready = false),
            Event::RunCancelled { reason, .. } => self.cancel_reason = Some(reason.to_string()),
            _ => {}
        }
    }

    fn participant(&mut self, user: UserId) -> Option<&mut ParticipantView> {
        self.participants.iter_mut().find(|p| p.user_id == user)
    }

    fn join(&mut self, user_id: UserId, name: &Arc<str>) {
        let role = if user_id == self.leader_id { Role::Leader } else { Role::Participant };
        match self.participant(user_id) {
            Some(p) => (p.removed, p.role, p.name) = (false, role, name.clone()),
            None => {
                let (ready, removed) = (false, false);
                self.participants.push(ParticipantView { user_id, name: name.clone(), role, ready, removed });
            }
        }
    }

    fn put_bid(&mut self, bid: BidView, line: &LineNow) {
        let user = bid.user_id;
        let Some(product) = self.products.iter_mut().find(|p| p.product_id == line.product_id) else {
            return;
        };
        match product.bids.iter_mut().find(|b| b.user_id == user) {
            Some(old) => *old = bid,
            None => product.bids.push(bid),
        }
        product.now(line);
        self.unready(user);
    }

    fn take_bid(&mut self, user: UserId, line: &LineNow) {
        let Some(at) = self.products.iter().position(|p| p.product_id == line.product_id) else { return };
        self.products[at].bids.retain(|bid| bid.user_id != user);
        self.products[at].now(line);
        if self.products[at].bids.is_empty() {
            self.products.remove(at);
        }
        self.unready(user);
    }

    fn unready(&mut self, user: UserId) {
        if let Some(p) = self.participant(user) {
            p.ready = false;
        }
    }
}

impl Times {
    fn enter(&mut self, state: State, at: DateTime<Utc>) {
        let slot = match state {
            State::Planning => &mut self.planning_at,
            State::Active => &mut self.active_at,
            State::Confirmed => &mut self.confirmed_at,
            State::Shopping => &mut self.shopping_at,
            State::Adjusting => &mut self.adjusting_at,
            State::Distributing => &mut self.distributing_at,
            State::Completed => &mut self.completed_at,
            State::Cancelled => &mut self.cancelled_at,
        };
        *slot = Some(at);
    }
}

impl ParticipantView {
    fn of(run: &Run, p: &bulq_domain::Participant) -> Self {
        Self {
            user_id: p.user_id,
            name: p.name.clone(),
            role: run.role(p.user_id),
            ready: p.ready,
            removed: p.removed,
        }
    }
}

impl ProductView {
    fn of(run: &Run, line: &Line) -> Self {
        let bids = line.bids.iter().map(|bid| BidView::of(run, bid)).collect();
        let mut view = Self::empty(&line.product);
        (view.bids, view.wanted, view.interested, view.plan) =
            (bids, line.wanted(), line.interested, line.plan());
        view
    }

    fn empty(product: &Product) -> Self {
        Self {
            product_id: product.id,
            name: product.name.to_string(),
            unit: product.unit,
            step: product.step,
            price: product.price,
            bids: Vec::new(),
            wanted: Total::ZERO,
            interested: 0,
            plan: bulq_domain::plan::plan(
                Default::default(),
                product.pack.unwrap_or(product.step),
                product.minimum,
            ),
        }
    }

    fn now(&mut self, line: &LineNow) {
        (self.wanted, self.interested, self.plan) = (line.wanted, line.interested, line.plan);
    }
}

impl BidView {
    fn of(run: &Run, bid: &Bid) -> Self {
        Self {
            user_id: run.participants[bid.by as usize].user_id,
            min: bid.min,
            quantity: bid.quantity,
            max: bid.max,
            interested_only: bid.interested_only,
            comment: bid.comment.clone(),
        }
    }
}
