//! The one table that says who may do what, when.
//!
//! group member now ∧ participation not removed ∧ role ∧ state. The edge knows the first, the run knows the rest.

use crate::{Code, CommandKind, Rejection, State};
use serde::{Deserialize, Serialize};

/// What somebody is to a run. Declared from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Leader,
    Helper,
    Participant,
    /// In the group, not (yet) in the run.
    Member,
    /// Left the group or was removed from it.
    Removed,
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Leader, Self::Helper, Self::Participant, Self::Member, Self::Removed];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Leader,
    Shoppers,
    Participants,
    Members,
}

impl Who {
    const fn admits(self, role: Role) -> bool {
        match self {
            Self::Leader => matches!(role, Role::Leader),
            Self::Shoppers => matches!(role, Role::Leader | Role::Helper),
            Self::Participants => matches!(role, Role::Leader | Role::Helper | Role::Participant),
            Self::Members => !matches!(role, Role::Removed),
        }
    }

    const fn refusal(self) -> (Code, &'static str) {
        match self {
            Self::Leader => (Code::LeaderOnly, "only the leader of the run may do this"),
            Self::Shoppers => (Code::ShopperOnly, "only the leader and helpers may do this"),
            Self::Participants => (Code::ParticipantOnly, "only people who take part in the run may do this"),
            Self::Members => (Code::NotAMember, "you are not in the group of this run any more"),
        }
    }
}

const LIVE: &[State] = &[
    State::Planning,
    State::Active,
    State::Confirmed,
    State::Shopping,
    State::Adjusting,
    State::Distributing,
];

const fn rule(kind: CommandKind) -> (Who, &'static [State]) {
    use CommandKind as K;
    use State::{Active, Adjusting, Confirmed, Distributing, Planning, Shopping};
    match kind {
        K::Open => (Who::Leader, &[Planning]),
        K::Confirm => (Who::Leader, &[Active]),
        K::StepBack => (Who::Leader, &[Active, Confirmed]),
        K::StartShopping => (Who::Leader, &[Confirmed]),
        K::FinishShopping => (Who::Leader, &[Shopping]),
        K::FinishAdjusting => (Who::Leader, &[Adjusting]),
        K::Complete => (Who::Leader, &[Distributing]),
        K::Cancel
        | K::EditDetails
        | K::AppointHelper
        | K::DismissHelper
        | K::OfferHandover
        | K::WithdrawHandover => (Who::Leader, LIVE),
        K::PlaceBid => (Who::Members, &[Planning, Active, Adjusting]),
        K::RetractBid => (Who::Members, &[Planning, Active]),
        K::SetReady => (Who::Participants, &[Active]),
        K::AddItem
        | K::RecordPurchase
        | K::AddPurchase
        | K::EditPurchase
        | K::UndoPurchase
        | K::ObservePrice => (Who::Shoppers, &[Shopping]),
        K::SetReceived | K::PickUp | K::UndoPickUp | K::LeftWithLeader => (Who::Shoppers, &[Distributing]),
        K::AddCost | K::RemoveCost => (Who::Shoppers, &[Shopping, Adjusting, Distributing]),
        K::AcceptHandover | K::DeclineHandover => (Who::Participants, LIVE),
    }
}

/// May somebody with this role do this in this state?
///
/// # Errors
/// A [`Rejection`]: first about the person (403), then about the state (409).
pub fn check(kind: CommandKind, role: Role, state: State) -> Result<(), Rejection> {
    if role == Role::Removed {
        let (code, detail) = Who::Members.refusal();
        return Err(Rejection::new(code, detail));
    }
    let (who, states) = rule(kind);
    if !who.admits(role) {
        let (code, detail) = who.refusal();
        return Err(Rejection::new(code, detail));
    }
    if !states.contains(&state) {
        let detail = format!("{} is not possible while the run is {state}", kind.as_str());
        return Err(Rejection::new(Code::NotInState, detail).with("state", state));
    }
    Ok(())
}

/// Everything somebody with this role may do in this state.
pub fn allowed(role: Role, state: State) -> impl Iterator<Item = CommandKind> {
    CommandKind::ALL.iter().copied().filter(move |&kind| check(kind, role, state).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_possible_in_a_run_that_ended() {
        for role in Role::ALL {
            for state in [State::Completed, State::Cancelled] {
                assert_eq!(allowed(role, state).count(), 0, "{role:?} {state}");
            }
        }
    }

    #[test]
    fn more_role_never_means_fewer_rights() {
        for state in State::ALL {
            for pair in Role::ALL.windows(2) {
                let more: Vec<_> = allowed(pair[0], state).collect();
                assert!(allowed(pair[1], state).all(|kind| more.contains(&kind)), "{pair:?} {state}");
            }
        }
    }
}
