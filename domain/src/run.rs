//! The aggregate: everything the rules need to know about one run.
//!
//! `decide` is a table of contents; its arms live in the files of the phases. `apply` folds one event and
//! cannot fail, so replaying a log gives the state that wrote it.

mod adjusting;
mod allocating;
mod bidding;
mod cancelling;
mod distributing;
mod leading;
mod money;
mod notices;
mod people;
mod shopping;
mod transitions;

pub use adjusting::Difference;
pub use cancelling::Cancellation;
pub use money::{Entry, Explained, Settlement, What};
pub use notices::{Notice, NoticeKind};

use crate::command::{CostSplit, DefaultCost, NewRun, Outcome};
use crate::event::{Cause, PurchasePart};
use crate::plan::{self, Wants, Willing};
use crate::{
    Command, CommandKind, Comment, Context, Currency, Event, GroupId, Label, Money, Plan, ProductId,
    Quantity, Recorded, Rejection, Role, RunId, Seq, ShortagePolicy, State, StoreId, Timestamp, Total,
    UserId, guard,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A run holds at most this many distinct products.
pub const MAX_PRODUCTS: usize = 100;

/// One run. Serializes to its snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub group_id: GroupId,
    pub store_id: StoreId,
    pub store_name: Box<str>,
    pub currency: Currency,
    pub leader_id: UserId,
    pub state: State,
    pub seq: Seq,
    pub comment: Option<Comment>,
    pub planned_on: Option<NaiveDate>,
    pub bidding_deadline: Option<Timestamp>,
    pub auto_confirm: bool,
    #[serde(default)]
    pub shortage_policy: ShortagePolicy,
    /// When each state was entered last.
    pub times: BTreeMap<State, Timestamp>,
    pub cancel_reason: Option<Box<str>>,
    /// In the order of joining; never shrinks, so that an index stays good.
    pub participants: Vec<Participant>,
    /// In the order of adding.
    pub lines: Vec<Line>,
    /// Who left the group while the run was live, participants or not.
    pub gone: BTreeSet<UserId>,
    /// Who is offered the lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<UserId>,
    /// What shopping begins with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_costs: Vec<DefaultCost>,
    /// Besides what was bought; in the order of adding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<Cost>,
}

/// A member taking part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    pub user_id: UserId,
    pub name: Arc<str>,
    pub helper: bool,
    pub ready: bool,
    pub removed: bool,
    /// How many bids they hold.
    pub bids: u32,
}

/// What the catalogue says about a product at the run's store, frozen when it joined the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Product {
    pub id: ProductId,
    pub name: Box<str>,
    pub unit: Unit,
    /// A bid is a multiple of this; never zero.
    pub step: Quantity,
    /// The size the store sells; none if it sells any amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<Quantity>,
    /// The least the store sells.
    pub minimum: Quantity,
    /// Per unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// The family it belongs to: a bid on the family leaves the choice to the shopper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_id: Option<ProductId>,
}

/// What a product is counted in; clients translate the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Kg,
    G,
    L,
    Ml,
    M,
    Piece,
}

/// One product of the run with everybody's bids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub product: Arc<Product>,
    /// In the order they were first placed.
    pub bids: Vec<Bid>,
    pub wants: Wants,
    pub interested: u32,
    /// It is on the shopping list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Box<Item>>,
}

/// A line of the shopping list: what to buy, what was bought, and who gets what of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What the plan said when shopping began.
    pub requested: Total,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PurchasePart>,
    /// The seq of the last event about what was bought.
    pub changed: Seq,
    /// In the order of joining.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<Allocation>,
    /// What became of it when the run was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// What of a bought item goes to a participant, and what they owe for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// Index into the run's participants.
    pub by: u32,
    pub received: Quantity,
    pub share: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
}

/// How something left the pile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    PickedUp,
    LeftWithLeader,
}

/// Something that was paid besides the goods: fuel, delivery, a deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// The seq of the event that added it.
    pub id: Seq,
    pub label: Label,
    pub amount: Money,
    pub split: CostSplit,
    pub payer_id: UserId,
}

/// A participant's wish for one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bid {
    /// Index into the run's participants.
    pub by: u32,
    pub min: Quantity,
    pub quantity: Quantity,
    pub max: Quantity,
    pub interested_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Comment>,
}

/// Who would get how much more than they asked for, so that packs fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extra {
    pub product_id: ProductId,
    pub user_id: UserId,
    pub quantity: Quantity,
}

impl Run {
    /// The events that begin a run. Whoever creates it leads it and takes part.
    #[must_use]
    pub fn create(new: NewRun, context: &Context) -> Vec<Event> {
        vec![
            Event::RunCreated {
                group_id: new.group_id,
                store_id: new.store_id,
                store_name: new.store_name,
                currency: new.currency,
                leader_id: context.by,
                comment: new.comment.and_then(Comment::non_empty),
                planned_on: new.planned_on,
                bidding_deadline: new.bidding_deadline,
                auto_confirm: new.auto_confirm,
                shortage_policy: new.shortage_policy,
                costs: new.costs,
            },
            Event::ParticipantJoined { user_id: context.by, name: context.name.clone() },
        ]
    }

    /// The run after the first event of its log.
    ///
    /// Returns `None` if that event is not [`Event::RunCreated`] at seq 1.
    #[must_use]
    pub fn begin(id: RunId, first: &Recorded) -> Option<Self> {
        let Event::RunCreated {
            group_id,
            store_id,
            store_name,
            currency,
            leader_id,
            comment,
            planned_on,
            bidding_deadline,
            auto_confirm,
            shortage_policy,
            costs,
        } = &first.event
        else {
            return None;
        };
        (first.seq == 1).then(|| Self {
            id,
            group_id: *group_id,
            store_id: *store_id,
            store_name: store_name.clone(),
            currency: *currency,
            leader_id: *leader_id,
            state: State::Planning,
            seq: 1,
            comment: comment.clone(),
            planned_on: *planned_on,
            bidding_deadline: *bidding_deadline,
            auto_confirm: *auto_confirm,
            shortage_policy: *shortage_policy,
            times: BTreeMap::from([(State::Planning, first.at)]),
            cancel_reason: None,
            participants: Vec::new(),
            lines: Vec::new(),
            gone: BTreeSet::new(),
            handover: None,
            default_costs: costs.clone(),
            costs: Vec::new(),
        })
    }

    /// What the command would make happen, or why not. Changes nothing; only this says no to a command on a run.
    ///
    /// # Errors
    /// A [`Rejection`].
    pub fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Rejection> {
        guard::check(command.kind(), self.role(context.by), self.state)?;
        match command {
            Command::PlaceBid(bid) => self.place_bid(bid, context),
            Command::RetractBid(bid) => self.retract_bid(bid, context),
            Command::SetReady(ready) => self.set_ready(ready.ready, context),
            Command::Open(_) => Ok(self.open()),
            Command::Confirm(_) => Ok(vec![self.confirmed(Cause::Leader)]),
            Command::StepBack(_) => self.step_back(),
            Command::Cancel(cancel) => self.cancel(cancel),
            Command::EditDetails(edit) => Ok(self.edit_details(edit)),
            Command::StartShopping(_) => Ok(self.start_shopping()),
            Command::AddItem(item) => self.add_item(item, context),
            Command::RecordPurchase(purchase) => self.record_purchase(purchase, context),
            Command::AddPurchase(purchase) => self.add_purchase(purchase, context),
            Command::EditPurchase(purchase) => self.edit_purchase(purchase, context),
            Command::UndoPurchase(purchase) => self.undo_purchase(purchase),
            Command::ObservePrice(price) => self.observe_price(price, context),
            Command::FinishShopping(_) => Ok(self.finish_shopping()),
            Command::FinishAdjusting(finish) => self.finish_adjusting(finish),
            Command::SetReceived(received) => self.set_received(received),
            Command::PickUp(pick_up) => self.pick_up(pick_up),
            Command::UndoPickUp(pick_up) => self.undo_pick_up(pick_up),
            Command::LeftWithLeader(pick_up) => self.left_with_leader(pick_up),
            Command::Complete(_) => self.complete(),
            Command::AddCost(cost) => self.add_cost(cost, context),
            Command::RemoveCost(cost) => self.remove_cost(cost),
            Command::AppointHelper(someone) => self.appoint_helper(someone.user_id, context),
            Command::DismissHelper(someone) => Ok(self.dismiss_helper(someone.user_id)),
            Command::OfferHandover(offer) => self.offer_handover(offer.to),
            Command::AcceptHandover(_) => self.accept_handover(context.by),
            Command::DeclineHandover(_) => self.decline_handover(context.by),
            Command::WithdrawHandover(_) => self.withdraw_handover(),
        }
    }

    /// Folds one event. Its seq must be the next one.
    pub fn apply(&mut self, recorded: &Recorded) {
        debug_assert_eq!(recorded.seq, self.seq + 1, "events come in the order of their seq");
        self.seq = recorded.seq;
        if let Some(state) = recorded.event.new_state() {
            self.state = state;
            self.times.insert(state, recorded.at);
        }
        match &recorded.event {
            Event::ParticipantJoined { user_id, name } => self.join(*user_id, name),
            Event::MemberLeft { user_id, .. } => self.shut_out(*user_id),
            Event::MemberReturned { user_id } => self.let_in(*user_id),
            Event::ProductAdded { product } => self.lines.push(Line::new(product.clone())),
            Event::BidPlaced { user_id, min, quantity, max, interested_only, comment, line } => {
                let bid = Bid {
                    by: 0,
                    min: *min,
                    quantity: *quantity,
                    max: *max,
                    interested_only: *interested_only,
                    comment: comment.clone(),
                };
                self.put_bid(*user_id, line.product_id, bid);
            }
            Event::BidRetracted { user_id, line } => self.take_bid(*user_id, line.product_id),
            Event::ReadySet { user_id, ready } => {
                if let Some(i) = self.index(*user_id) {
                    self.participants[i].ready = *ready;
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
            Event::RunCancelled { reason, items, shares, .. } => {
                self.cancel_reason = Some(reason.clone());
                self.dispose(items, shares);
            }
            Event::ShoppingStarted { items, .. } => self.freeze(items, recorded.seq),
            Event::ItemAdded { product, quantity, user_id, .. } => {
                self.put_item(product, *quantity, *user_id, recorded.seq);
            }
            Event::PurchaseRecorded { product_id, parts } => self.put_parts(*product_id, parts, recorded.seq),
            Event::PurchaseUndone { product_id } => self.put_parts(*product_id, &[], recorded.seq),
            Event::ShoppingFinished { shares, .. }
            | Event::AdjustingFinished { shares, .. }
            | Event::ReceivedSet { shares, .. } => self.put_shares(shares),
            Event::PickedUp { user_id, product_ids } => {
                self.take(*user_id, product_ids, Some(Taken::PickedUp))
            }
            Event::PickUpUndone { user_id, product_ids } => self.take(*user_id, product_ids, None),
            Event::LeftWithLeader { user_id, product_ids } => {
                self.take(*user_id, product_ids, Some(Taken::LeftWithLeader));
            }
            Event::CostAdded { label, amount, split, payer_id } => self.costs.push(Cost {
                id: recorded.seq,
                label: label.clone(),
                amount: *amount,
                split: *split,
                payer_id: *payer_id,
            }),
            Event::CostRemoved { cost } => self.costs.retain(|known| known.id != *cost),
            Event::HelperAppointed { user_id } => self.set_helper(*user_id, true),
            Event::HelperDismissed { user_id } => self.set_helper(*user_id, false),
            Event::HandoverOffered { to, .. } => self.handover = Some(*to),
            Event::HandoverEnded { .. } => self.handover = None,
            Event::LeadershipHandedOver { to, .. } => self.hand_over(*to),
            // The state is set above; prices and the ledger are kept outside the run.
            Event::RunCreated { .. }
            | Event::RunOpened { .. }
            | Event::RunConfirmed { .. }
            | Event::EveryoneReady {}
            | Event::RunCompleted { .. }
            | Event::RunSettled { .. }
            | Event::PriceObserved { .. } => {}
        }
    }

    /// Whether the run is closed to somebody who may be in the group by now. An ended run hears no more of who comes back,
    /// so there the group alone decides who reads it.
    #[must_use]
    pub fn is_closed_to(&self, user: UserId) -> bool {
        self.state.is_live() && self.gone.contains(&user)
    }

    #[must_use]
    pub fn role(&self, user: UserId) -> Role {
        if self.gone.contains(&user) {
            return Role::Removed;
        }
        match self.participant(user) {
            Some(p) if p.removed => Role::Member,
            _ if user == self.leader_id => Role::Leader,
            Some(p) if p.helper => Role::Helper,
            Some(_) => Role::Participant,
            None => Role::Member,
        }
    }

    /// What this person can do now, so that no client repeats the rules.
    #[must_use]
    pub fn may(&self, user: UserId) -> Vec<CommandKind> {
        let holds_bid = self.participant(user).is_some_and(|p| p.bids > 0);
        guard::allowed(self.role(user), self.state)
            .filter(|kind| match kind {
                CommandKind::SetReady => holds_bid,
                CommandKind::RetractBid => holds_bid || (user == self.leader_id && !self.lines.is_empty()),
                CommandKind::StepBack => self.step_back().is_ok(),
                CommandKind::OfferHandover => self.handover.is_none(),
                CommandKind::WithdrawHandover => self.handover.is_some(),
                CommandKind::AcceptHandover | CommandKind::DeclineHandover => self.handover == Some(user),
                _ => true,
            })
            .collect()
    }

    #[must_use]
    pub fn participant(&self, user: UserId) -> Option<&Participant> {
        self.participants.iter().find(|p| p.user_id == user)
    }

    #[must_use]
    pub fn line(&self, product: ProductId) -> Option<&Line> {
        self.lines.iter().find(|line| line.product.id == product)
    }

    /// What the planned purchases would cost, as far as prices are known.
    #[must_use]
    pub fn estimate(&self) -> Money {
        self.lines.iter().fold(Money::ZERO, |sum, line| {
            let price = line.product.price.unwrap_or_default();
            sum.saturating_add(price.times_thousandths(line.plan().planned.thousandths()))
        })
    }

    /// Who gets the extras of all planned packs: one step at a time to the willing member with the least
    /// extra cost so far in the run. Products go by id, so the order of bids plays no part.
    #[must_use]
    pub fn extras(&self) -> Vec<Extra> {
        let mut cost: BTreeMap<u32, u128> = BTreeMap::new();
        let mut lines: Vec<_> = self.lines.iter().collect();
        lines.sort_by_key(|line| line.product.id);
        let mut extras = Vec::new();
        for line in lines {
            let step = u64::from(line.product.step.thousandths());
            let surplus = line.plan().planned.saturating_sub(line.wants.quantity).thousandths() / step;
            let price = u128::from(line.product.price.unwrap_or_default().0.unsigned_abs());
            let willing: Vec<_> = line
                .bids
                .iter()
                .map(|bid| Willing {
                    user: self.participants[bid.by as usize].user_id,
                    room: u64::from(bid.max.thousandths() - bid.quantity.thousandths()) / step,
                    cost: cost.get(&bid.by).copied().unwrap_or(0),
                })
                .collect();
            let shares = plan::share_extras(&willing, surplus, price * u128::from(step));
            for (bid, share) in line.bids.iter().zip(shares).filter(|&(_, share)| share > 0) {
                *cost.entry(bid.by).or_default() += price * u128::from(share * step);
                extras.push(Extra {
                    product_id: line.product.id,
                    user_id: self.participants[bid.by as usize].user_id,
                    quantity: Quantity::from_thousandths(share * step).unwrap_or(Quantity::MAX),
                });
            }
        }
        extras
    }

    /// May what was decided and paid be exported?
    #[must_use]
    pub fn may_export(&self) -> bool {
        self.state >= State::Confirmed
    }

    fn user(&self, index: u32) -> UserId {
        self.participants[index as usize].user_id
    }

    fn index(&self, user: UserId) -> Option<usize> {
        self.participants.iter().position(|p| p.user_id == user)
    }
}

impl Line {
    fn new(product: Arc<Product>) -> Self {
        Self { product, bids: Vec::new(), wants: Wants::default(), interested: 0, item: None }
    }

    #[must_use]
    pub fn plan(&self) -> Plan {
        self.plan_of(self.wants)
    }

    fn plan_of(&self, wants: Wants) -> Plan {
        plan::plan(wants, self.product.pack.unwrap_or(self.product.step), self.product.minimum)
    }

    #[must_use]
    pub fn wanted(&self) -> Total {
        self.wants.quantity
    }

    fn bid_of(&self, participant: usize) -> Option<&Bid> {
        self.bids.iter().find(|bid| bid.by as usize == participant)
    }
}
