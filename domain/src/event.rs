//! What happened in a run. An event's JSON is stored as it is and shown as it is.
//!
//! Events that touch a product carry what its bids add up to afterwards, so a client needs no rule to show the plan.

use crate::command::{CostSplit, DefaultCost, Outcome};
use crate::plan::Plan;
use crate::{
    CommandId, Comment, Currency, GroupId, Label, Money, Product, ProductId, Quantity, Seq, ShortagePolicy,
    State, StoreId, Total, UserId,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub seq: Seq,
    pub at: DateTime<Utc>,
    /// None when the run moved by itself.
    pub by: Option<UserId>,
    pub command_id: Option<CommandId>,
    pub event: Event,
}

/// What the bids on a product add up to after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LineNow {
    pub product_id: ProductId,
    /// Σ quantity.
    pub wanted: Total,
    /// How many are only interested.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub interested: u32,
    pub plan: Plan,
    /// It is on the shopping list, and stays there without any bid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
}

impl LineNow {
    /// A product goes with its last bid, unless it is on the shopping list.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        self.wanted.is_zero() && self.interested == 0 && !self.listed
    }
}

/// What set a transition off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Leader,
    FirstBid,
    EveryoneReady,
    Deadline,
    LeaderLeft,
    LeaderRemoved,
}

/// How somebody stopped being a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Departure {
    Left,
    Removed,
}

/// A part of a purchase: one shelf, one price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PurchasePart {
    pub quantity: Quantity,
    pub total: Money,
    pub payer_id: UserId,
    /// Which product of the family it is, where the item is a family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picked: Option<Picked>,
}

/// The product a shopper picked out of a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Picked {
    pub product_id: ProductId,
    pub name: Box<str>,
}

/// What goes of a bought item to whom, and what they owe for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Share {
    pub user_id: UserId,
    pub product_id: ProductId,
    pub quantity: Quantity,
    /// The shares of an item add up to what was paid for it.
    pub share: Money,
}

/// What somebody paid and owes in a run. Over all people both add up to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Balance {
    pub user_id: UserId,
    pub paid: Money,
    pub owes: Money,
}

/// What becomes of a bought item of a cancelled run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CancelledItem {
    pub product_id: ProductId,
    pub outcome: Outcome,
    /// What goes back to whoever paid: from the store if returned, else because nobody else owes it.
    pub refund: Money,
}

/// What cancelling means for somebody's debts in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Consequence {
    pub user_id: UserId,
    pub owes_now: Money,
    pub owes_then: Money,
}

/// How an offer of the lead ended without being accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HandoverEnd {
    Declined,
    Withdrawn,
    /// Whoever was to lead left the group.
    Left,
    RunEnded,
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident $text:tt { $($(#[$meta:meta])* $field:ident: $type:ty),* $(,)? })+) => {
        /// Everything that can happen in a run. Past tense; the JSON has the name in `type`.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(tag = "type")]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $text)] $name { $($(#[$meta])* $field: $type),* },)+
        }

        impl Event {
            pub const KINDS: &'static [&'static str] = &[$($text),+];

            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name { .. } => $text),+ }
            }
        }
    };
}

events! {
    /// Always the first event of a log.
    RunCreated "run_created" {
        group_id: GroupId,
        store_id: StoreId,
        store_name: Box<str>,
        currency: Currency,
        leader_id: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<Comment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        planned_on: Option<NaiveDate>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bidding_deadline: Option<DateTime<Utc>>,
        auto_confirm: bool,
        #[serde(default)]
        shortage_policy: ShortagePolicy,
        /// What shopping will begin with.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        costs: Vec<DefaultCost>,
    }
    /// Joined, or came back.
    ParticipantJoined "participant_joined" { user_id: UserId, name: Arc<str> }
    /// No longer in the group: bids are void before shopping, and nothing of this run is shown to them after this.
    MemberLeft "member_left" {
        user_id: UserId,
        reason: Departure,
        /// The products whose bids changed by it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lines: Vec<LineNow>,
    }
    /// In the group again, and in the run if they were.
    MemberReturned "member_returned" { user_id: UserId }
    /// The terms under which the store sells it are frozen here.
    ProductAdded "product_added" { product: Arc<Product> }
    BidPlaced "bid_placed" {
        user_id: UserId,
        #[serde(default, skip_serializing_if = "Quantity::is_zero")]
        min: Quantity,
        quantity: Quantity,
        max: Quantity,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        interested_only: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<Comment>,
        #[serde(flatten)]
        line: LineNow,
    }
    BidRetracted "bid_retracted" {
        user_id: UserId,
        #[serde(flatten)]
        line: LineNow,
    }
    ReadySet "ready_set" { user_id: UserId, ready: bool }
    /// Everybody who holds a bid is ready.
    EveryoneReady "everyone_ready" {}
    /// What is absent did not change; `null` was cleared.
    DetailsEdited "details_edited" {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<Comment>,
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        planned_on: Option<Option<NaiveDate>>,
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        bidding_deadline: Option<Option<DateTime<Utc>>>,
    }
    RunOpened "run_opened" { state: State, cause: Cause }
    RunConfirmed "run_confirmed" {
        state: State,
        cause: Cause,
        /// Who held a bid and was not ready.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unready: Vec<UserId>,
    }
    RunSteppedBack "run_stepped_back" { state: State }
    ShoppingStarted "shopping_started" { state: State, items: Vec<LineNow> }
    /// With the shares if it goes straight to handing out.
    ShoppingFinished "shopping_finished" {
        state: State,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        shares: Vec<Share>,
    }
    AdjustingFinished "adjusting_finished" {
        state: State,
        /// The policy that was forced; none if everything balanced.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<ShortagePolicy>,
        shares: Vec<Share>,
    }
    RunCompleted "run_completed" { state: State }
    RunCancelled "run_cancelled" {
        state: State,
        reason: Box<str>,
        cause: Cause,
        /// How many bids became void.
        void_bids: u32,
        /// What becomes of what was bought.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<CancelledItem>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        people: Vec<Consequence>,
        /// Who has what of `items` then, in place of what was allocated before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        shares: Vec<Share>,
    }
    /// The run ended with money spent: this goes into the group's ledger.
    RunSettled "run_settled" { balances: Vec<Balance> }
    /// A product nobody bid on joined the list for somebody.
    ItemAdded "item_added" {
        product: Arc<Product>,
        quantity: Quantity,
        user_id: UserId,
        #[serde(flatten)]
        line: LineNow,
    }
    /// All parts there are of this item now.
    PurchaseRecorded "purchase_recorded" { product_id: ProductId, parts: Vec<PurchasePart> }
    PurchaseUndone "purchase_undone" { product_id: ProductId }
    /// Per unit.
    PriceObserved "price_observed" { product_id: ProductId, price: Money }
    ReceivedSet "received_set" {
        user_id: UserId,
        product_id: ProductId,
        received: Quantity,
        /// Bought and handed out to nobody.
        shrink: Total,
        /// Everybody's shares of the item.
        shares: Vec<Share>,
    }
    PickedUp "picked_up" { user_id: UserId, product_ids: Vec<ProductId> }
    PickUpUndone "pick_up_undone" { user_id: UserId, product_ids: Vec<ProductId> }
    LeftWithLeader "left_with_leader" { user_id: UserId, product_ids: Vec<ProductId> }
    /// Named from now on by the seq of this event.
    CostAdded "cost_added" { label: Label, amount: Money, split: CostSplit, payer_id: UserId }
    CostRemoved "cost_removed" { cost: Seq }
    HelperAppointed "helper_appointed" { user_id: UserId }
    HelperDismissed "helper_dismissed" { user_id: UserId }
    HandoverOffered "handover_offered" { from: UserId, to: UserId }
    HandoverEnded "handover_ended" { from: UserId, to: UserId, reason: HandoverEnd }
    LeadershipHandedOver "leadership_handed_over" { from: UserId, to: UserId }
}

impl Event {
    /// The state the run is in after a transition.
    #[must_use]
    pub const fn new_state(&self) -> Option<State> {
        match self {
            Self::RunCreated { .. } => Some(State::Planning),
            Self::RunOpened { state, .. }
            | Self::RunConfirmed { state, .. }
            | Self::RunSteppedBack { state }
            | Self::ShoppingStarted { state, .. }
            | Self::ShoppingFinished { state, .. }
            | Self::AdjustingFinished { state, .. }
            | Self::RunCompleted { state }
            | Self::RunCancelled { state, .. } => Some(*state),
            _ => None,
        }
    }

    /// Who may see nothing after this event.
    #[must_use]
    pub const fn shuts_out(&self) -> Option<UserId> {
        match self {
            Self::MemberLeft { user_id, .. } => Some(*user_id),
            _ => None,
        }
    }
}

fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    input: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(input).map(Some)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}
