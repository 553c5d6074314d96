//! Lists: one shape for all of them.

use serde::{Deserialize, Serialize};

/// A page of a list. `next_cursor` is opaque; null at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Listing<T> {
    pub items: Vec<T>,
    #[serde(default)]
    pub next_cursor: Option<String>,
}
