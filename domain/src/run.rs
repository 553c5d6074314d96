//! The aggregate: everything the rules need to know about one run.
//!
//! `decide` is a table of contents; its arms live in the files of the phases. `apply` folds one event and
//! cannot fail, so replaying a log gives the state that wrote it.

mod bidding;
mod people;
mod transitions;

pub use transitions::Cancellation;

use crate::command::NewRun;
use crate::plan::{self, Wants, Willing};
use crate::{
    Code, Command, CommandKind, Comment, Context, Currency, Event, GroupId, Money, Plan, ProductId, Quantity,
    Recorded, Rejection, Role, RunId, Seq, State, StoreId, Timestamp, Total, UserId, guard,
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
    /// When each state was entered last.
    pub times: BTreeMap<State, Timestamp>,
    pub cancel_reason: Option<Box<str>>,
    /// In the order of joining; never shrinks, so that an index stays good.
    pub participants: Vec<Participant>,
    /// In the order of adding.
    pub lines: Vec<Line>,
    /// Who left the group while the run was live, participants or not.
    pub gone: BTreeSet<UserId>,
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
            times: BTreeMap::from([(State::Planning, first.at)]),
            cancel_reason: None,
            participants: Vec::new(),
            lines: Vec::new(),
            gone: BTreeSet::new(),
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
            Command::Confirm(_) => Ok(vec![self.confirmed(crate::event::Cause::Leader)]),
            Command::StepBack(_) => self.step_back(),
            Command::Cancel(cancel) => self.cancel(cancel),
            Command::EditDetails(edit) => Ok(self.edit_details(edit)),
            // The guard refuses these before they get here.
            _ => Err(Rejection::new(Code::NotAvailable, "not available in this version")),
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
            Event::MemberReturned { user_id } => {
                self.gone.remove(user_id);
            }
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
            Event::RunCancelled { reason, .. } => self.cancel_reason = Some(reason.clone()),
            _ => {}
        }
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

    fn index(&self, user: UserId) -> Option<usize> {
        self.participants.iter().position(|p| p.user_id == user)
    }
}

impl Line {
    fn new(product: Arc<Product>) -> Self {
        Self { product, bids: Vec::new(), wants: Wants::default(), interested: 0 }
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
