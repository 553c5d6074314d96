//! Identifiers: UUIDs that cannot be mixed up with each other.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = Uuid))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A person with an account.
    UserId,
    /// A closed circle of users.
    GroupId,
    /// One planned trip to one store.
    RunId,
    /// A shop.
    StoreId,
    /// Something that can be bought.
    ProductId,
    /// What the client calls its command: the same id takes effect once for the life of the run.
    CommandId,
}

/// The position of an event in its run's log: 1, 2, 3, … without a hole. 0 is "before everything".
pub type Seq = u64;
