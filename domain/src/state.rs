//! The states of a run.

use serde::{Deserialize, Serialize};

/// Where a run stands. Declared in the order of its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    Planning,
    Active,
    Confirmed,
    Shopping,
    Adjusting,
    Distributing,
    Completed,
    Cancelled,
}

impl State {
    pub const ALL: [Self; 8] = [
        Self::Planning,
        Self::Active,
        Self::Confirmed,
        Self::Shopping,
        Self::Adjusting,
        Self::Distributing,
        Self::Completed,
        Self::Cancelled,
    ];

    /// A live run can still change.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Completed | Self::Cancelled)
    }

    /// The only edges there are.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use State::{Active, Adjusting, Cancelled, Completed, Confirmed, Distributing, Planning, Shopping};
        matches!(
            (self, next),
            (Planning | Confirmed, Active)
                | (Active, Confirmed | Planning)
                | (Confirmed, Shopping)
                | (Shopping, Adjusting | Distributing | Completed)
                | (Adjusting, Distributing)
                | (Distributing, Completed)
        ) || (matches!(next, Cancelled) && self.is_live())
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Active => "active",
            Self::Confirmed => "confirmed",
            Self::Shopping => "shopping",
            Self::Adjusting => "adjusting",
            Self::Distributing => "distributing",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|s| s.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not a state of a run"))
    }
}
