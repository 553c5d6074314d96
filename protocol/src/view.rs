//! A run as somebody sees it. The snapshot of the live connection is this view, and a client folds events into it.

mod fold;

use bulq_domain::command::{CostSplit, Outcome};
use bulq_domain::event::PurchasePart;
use bulq_domain::run::{Cost, Extra, Item, Taken, Unit};
use bulq_domain::{
    Bid, CommandKind, Comment, Currency, GroupId, Label, Line, Money, Plan, Product, ProductId, Quantity,
    Role, Run, RunId, Seq, ShortagePolicy, State, StoreId, Total, UserId,
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
    /// How a shortage is shared unless the leader says otherwise.
    pub shortage_policy: ShortagePolicy,
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
    /// Who is offered the lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<UserId>,
    /// Besides the goods; in the order of adding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<CostView>,
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
    /// What is bought of it; absent unless it is on the shopping list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemView>,
}

/// A line of the shopping list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ItemView {
    /// What the plan said when shopping began.
    pub requested: Total,
    pub bought: Total,
    /// What was paid for it.
    pub total: Money,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PurchasePart>,
    /// The seq of the last change of what was bought: the `expected_seq` of the next.
    pub changed: Seq,
    /// Who gets what of it, in the order of joining; empty until it is decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<AllocationView>,
    /// Bought and handed out to nobody.
    #[serde(default, skip_serializing_if = "Total::is_zero")]
    pub shrink: Total,
    /// What became of it when the run was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AllocationView {
    pub user_id: UserId,
    pub received: Quantity,
    /// What they owe for it.
    pub share: Money,
    /// Absent while it waits to be picked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
}

/// Something that was paid besides the goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CostView {
    /// The seq of the event that added it.
    pub id: Seq,
    pub label: Label,
    pub amount: Money,
    pub split: CostSplit,
    pub payer_id: UserId,
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
            shortage_policy: run.shortage_policy,
            times,
            cancel_reason: run.cancel_reason.as_deref().map(str::to_owned),
            participants: run.participants.iter().map(|p| ParticipantView::of(run, p)).collect(),
            products: run.lines.iter().map(|line| ProductView::of(run, line)).collect(),
            estimate: run.estimate(),
            handover: run.handover,
            costs: run.costs.iter().map(CostView::of).collect(),
            viewer: None,
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
        view.item = line.item.as_deref().map(|item| ItemView::of(run, item));
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
            item: None,
        }
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

impl ItemView {
    #[must_use]
    pub fn of(run: &Run, item: &Item) -> Self {
        let allocations = item.allocations.iter().map(|allocation| AllocationView {
            user_id: run.participants[allocation.by as usize].user_id,
            received: allocation.received,
            share: allocation.share,
            taken: allocation.taken,
        });
        Self {
            requested: item.requested,
            bought: item.bought().into(),
            total: item.total(),
            parts: item.parts.clone(),
            changed: item.changed,
            allocations: allocations.collect(),
            shrink: item.shrink(),
            outcome: item.outcome,
        }
    }
}

impl CostView {
    fn of(cost: &Cost) -> Self {
        let Cost { id, label, amount, split, payer_id } = cost.clone();
        Self { id, label, amount, split, payer_id }
    }
}
