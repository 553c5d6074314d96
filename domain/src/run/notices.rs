//! Who is told about what, besides everybody who is looking.

use super::Run;
use crate::event::{Departure, LineNow};
use crate::{Event, Recorded, State, UserId};
use serde::{Deserialize, Serialize};

/// Something to tell somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    pub user: UserId,
    pub kind: NoticeKind,
}

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The run is in another state.
    StateChanged,
    /// Everybody who holds a bid is ready: the leader may confirm.
    EveryoneReady,
    /// A pack is not full any more, and you could fill it.
    GapOpen,
    /// The leader bid for you, or added something for you.
    BidForYou,
    /// Somebody left after shopping had begun: less is wanted now.
    WantedShrunk,
    HelperAppointed,
    HandoverOffered,
    /// Your offer of the lead was not accepted.
    HandoverEnded,
    /// Somebody else leads the run now.
    LeaderChanged,
    /// You are not in the group any more.
    Removed,
    /// Somebody wrote to you.
    Mention,
}

impl NoticeKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StateChanged => "state_changed",
            Self::EveryoneReady => "everyone_ready",
            Self::GapOpen => "gap_open",
            Self::BidForYou => "bid_for_you",
            Self::WantedShrunk => "wanted_shrunk",
            Self::HelperAppointed => "helper_appointed",
            Self::HandoverOffered => "handover_offered",
            Self::HandoverEnded => "handover_ended",
            Self::LeaderChanged => "leader_changed",
            Self::Removed => "removed",
            Self::Mention => "mention",
        }
    }
}

impl Run {
    /// Whom the next event of this run concerns. Asked of the run as it was before the event.
    #[must_use]
    pub fn notices(&self, next: &Recorded) -> Vec<Notice> {
        // An offer of the lead also ends when one of the two has left: nothing of the run is for them any more.
        let one = |user: UserId, kind: NoticeKind| match next.by == Some(user) || self.gone.contains(&user) {
            true => Vec::new(),
            false => vec![Notice { user, kind }],
        };
        match &next.event {
            Event::BidPlaced { user_id, line, .. } => {
                let mut notices = self.gap_notices(line, next.by);
                notices.extend(self.told_by_another(*user_id, next.by));
                notices
            }
            Event::BidRetracted { line, .. } => self.gap_notices(line, next.by),
            Event::ItemAdded { user_id, .. } => self.told_by_another(*user_id, next.by).into_iter().collect(),
            // The leader is told even if it was they who were the last to be ready.
            Event::EveryoneReady {} => {
                vec![Notice { user: self.leader_id, kind: NoticeKind::EveryoneReady }]
            }
            Event::MemberLeft { user_id, reason, lines } => self.departure_notices(*user_id, *reason, lines),
            Event::HelperAppointed { user_id } => one(*user_id, NoticeKind::HelperAppointed),
            Event::HandoverOffered { to, .. } => one(*to, NoticeKind::HandoverOffered),
            Event::HandoverEnded { from, to, .. } => {
                let mut notices = one(*from, NoticeKind::HandoverEnded);
                notices.extend(one(*to, NoticeKind::HandoverEnded));
                notices
            }
            Event::LeadershipHandedOver { .. } => self.everybody_but(next.by, NoticeKind::LeaderChanged),
            event if event.new_state().is_some() => self.everybody_but(next.by, NoticeKind::StateChanged),
            _ => Vec::new(),
        }
    }

    fn everybody_but(&self, author: Option<UserId>, kind: NoticeKind) -> Vec<Notice> {
        let people = self.participants.iter().filter(|p| !p.removed && Some(p.user_id) != author);
        people.map(|p| Notice { user: p.user_id, kind }).collect()
    }

    fn told_by_another(&self, user: UserId, by: Option<UserId>) -> Option<Notice> {
        (by != Some(user)).then_some(Notice { user, kind: NoticeKind::BidForYou })
    }

    /// Only when a full pack stops being full: everybody with a bid on it could close the gap.
    fn gap_notices(&self, now: &LineNow, author: Option<UserId>) -> Vec<Notice> {
        if now.plan.gap.is_zero() || self.state > State::Active {
            return Vec::new();
        }
        let Some(line) = self.line(now.product_id).filter(|line| line.plan().gap.is_zero()) else {
            return Vec::new();
        };
        let people = line.bids.iter().map(|bid| self.user(bid.by)).filter(|user| Some(*user) != author);
        people.map(|user| Notice { user, kind: NoticeKind::GapOpen }).collect()
    }

    fn departure_notices(&self, user: UserId, reason: Departure, lines: &[LineNow]) -> Vec<Notice> {
        let mut notices = Vec::new();
        if reason == Departure::Removed {
            notices.push(Notice { user, kind: NoticeKind::Removed });
        }
        if lines.iter().any(|line| line.listed) && user != self.leader_id {
            notices.push(Notice { user: self.leader_id, kind: NoticeKind::WantedShrunk });
        }
        notices
    }
}
