//! A business "no": what was refused, why, and the facts a client needs to go on.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a command on a run was refused. Nothing changed, and with this command id nothing ever will.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    pub code: Code,
    pub detail: String,
    #[serde(flatten)]
    pub facts: BTreeMap<String, Value>,
}

impl Rejection {
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), facts: BTreeMap::new() }
    }

    /// Adds a fact under `name`.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Serialize) -> Self {
        let fact = serde_json::to_value(fact).expect("facts are plain values");
        self.facts.insert(name.to_owned(), fact);
        self
    }
}

/// What kind of no it is; the wire turns it into a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 403: known, but not yours to do.
    Forbidden,
    /// 404: there is no such thing here.
    Missing,
    /// 409: not now.
    Conflict,
    /// 422: the values make no sense.
    Invalid,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident, $text:literal, $class:ident;)+) => {
        /// Every reason to refuse a command on a run. The texts are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Self::$name => Class::$class),+ }
            }
        }
    };
}

codes! {
    /// The run's state does not have this command.
    NotInState, "COMMAND_NOT_ALLOWED_IN_STATE", Conflict;
    /// Only the leader may.
    LeaderOnly, "LEADER_ONLY", Forbidden;
    /// Only the leader and helpers may.
    ShopperOnly, "LEADER_OR_HELPER_ONLY", Forbidden;
    /// Only people taking part may.
    ParticipantOnly, "PARTICIPANT_ONLY", Forbidden;
    /// The person left the group or was removed from it.
    NotAMember, "NOT_A_MEMBER", Forbidden;
    /// The command id was used before, for something else.
    CommandIdReused, "COMMAND_ID_REUSED", Invalid;
    /// The run changed since the seq the command was based on.
    SeqConflict, "EXPECTED_SEQ_CONFLICT", Conflict;
    /// The product is not in the catalogue.
    ProductNotFound, "PRODUCT_NOT_FOUND", Missing;
    /// There is no such bid.
    BidNotFound, "BID_NOT_FOUND", Missing;
    /// The person is not in the run's group.
    PersonNotFound, "PERSON_NOT_FOUND", Missing;
    /// Not a whole number of the product's steps.
    NotAMultipleOfStep, "QUANTITY_NOT_A_MULTIPLE_OF_STEP", Invalid;
    /// min ≤ quantity ≤ max does not hold.
    BidBoundsDisordered, "BID_BOUNDS_DISORDERED", Invalid;
    /// Below what the bid may be reduced to.
    BidBelowMinimum, "BID_BELOW_MINIMUM", Invalid;
    /// Above what the bid may be raised to.
    BidAboveMaximum, "BID_ABOVE_MAXIMUM", Invalid;
    /// A run holds at most 100 distinct products.
    TooManyProducts, "TOO_MANY_PRODUCTS", Invalid;
    /// Somebody else was faster: the gap is smaller than what would fill it.
    GapTaken, "GAP_TAKEN", Conflict;
    /// Ready means nothing without a bid.
    NoBid, "NO_BID", Conflict;
    /// Stepping back to planning needs that nobody but the leader has a bid.
    OthersHaveBids, "OTHERS_HAVE_BIDS", Conflict;
    /// A bid for somebody else is the leader's.
    BidForOthers, "ONLY_LEADER_BIDS_FOR_OTHERS", Forbidden;
    /// The product is not on the shopping list.
    ItemNotFound, "ITEM_NOT_FOUND", Missing;
    /// The product is on the list already.
    AlreadyOnList, "ALREADY_ON_LIST", Conflict;
    /// The item was bought already: edit it or add a part.
    AlreadyBought, "ALREADY_BOUGHT", Conflict;
    /// The item was not bought, or has no such part.
    NotBought, "NOT_BOUGHT", Conflict;
    /// A total or price is at least 1 and at most 99 999 999 minor units.
    AmountOutOfRange, "AMOUNT_OUT_OF_RANGE", Invalid;
    /// More than can be counted: a quantity is at most 9999.
    QuantityOutOfRange, "QUANTITY_OUT_OF_RANGE", Invalid;
    /// The product does not belong to the family that was bid on.
    NotOfTheFamily, "NOT_OF_THE_FAMILY", Invalid;
    /// What was bought and what is wanted differ.
    NotBalanced, "NOT_BALANCED", Conflict;
    /// Nothing of this item goes to this person.
    AllocationNotFound, "ALLOCATION_NOT_FOUND", Missing;
    /// More than was bought would be handed out.
    MoreThanBought, "MORE_THAN_BOUGHT", Invalid;
    /// It was picked up, or left with the leader, already.
    AlreadyPickedUp, "ALREADY_PICKED_UP", Conflict;
    /// There is no pick-up to undo.
    NotPickedUp, "NOT_PICKED_UP", Conflict;
    /// Not everything was picked up or left with the leader.
    NotAllPickedUp, "NOT_ALL_PICKED_UP", Conflict;
    /// There is no such cost.
    CostNotFound, "COST_NOT_FOUND", Missing;
    /// An outcome can be chosen only for what was bought and not yet handed out.
    OutcomeNotPossible, "OUTCOME_NOT_POSSIBLE", Invalid;
    /// The leader needs no appointment.
    LeaderIsNoHelper, "LEADER_IS_NO_HELPER", Conflict;
    /// There is an open offer of the lead already.
    HandoverOpen, "HANDOVER_OPEN", Conflict;
    /// There is no open offer of the lead.
    NoHandover, "NO_HANDOVER", Conflict;
    /// The lead was offered to somebody else.
    HandoverNotYours, "HANDOVER_NOT_YOURS", Forbidden;
    /// The lead goes only to somebody who takes part, and not to the leader.
    NotAParticipant, "NOT_A_PARTICIPANT", Invalid;
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
