//! Stores, products and what a store sells them for.

use bulq_domain::run::Unit;
use bulq_domain::{GroupId, Money, ProductId, Quantity, RunId, State, StoreId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewStore {
    /// 1–100 characters.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// In the notation of OpenStreetMap's `opening_hours`, such as `Mo-Fr 08:00-20:00`; at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
}

impl NewStore {
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// What is given is set; an empty text takes a value away.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchStore {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Store {
    pub id: StoreId,
    pub name: String,
    pub chain: Option<String>,
    pub address: Option<String>,
    pub hours: Option<String>,
    /// Looked at by an admin of the server.
    pub verified: bool,
    /// An admin of the server took it out of lists and search; only runs of before still name it.
    #[serde(default)]
    pub disabled: bool,
    /// It was found to be the same as this one; only runs of before still name it.
    pub merged_into: Option<StoreId>,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// 1–100 characters.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    pub unit: Unit,
    /// A bid is a multiple of this; default 1 for pieces, 0.001 otherwise.
    #[serde(default, deserialize_with = "Quantity::exact_opt", skip_serializing_if = "Option::is_none")]
    pub step: Option<Quantity>,
    /// A family stands for any of its members: "rice" for sushi rice and basmati.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_family: bool,
    /// The family it belongs to, of the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_id: Option<ProductId>,
    #[serde(default, skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// At most 20 of 1–50 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl NewProduct {
    #[must_use]
    pub fn named(name: impl Into<String>, unit: Unit) -> Self {
        let (brand, step, family_id) = (None, None, None);
        let (aliases, tags) = (Aliases::default(), Vec::new());
        Self { name: name.into(), brand, unit, step, is_family: false, family_id, aliases, tags }
    }
}

/// Other names by language: at most 10 of each, 1–100 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Aliases {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub en: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ru: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sr: Vec<String>,
}

impl Aliases {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.en.is_empty() && self.ru.is_empty() && self.sr.is_empty()
    }
}

/// What is given is set; an empty text takes a value away. Unit, step and being a family stay: bids were made in them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchProduct {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// `null` takes it out of its family.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<ProductId>))]
    pub family_id: Option<Option<ProductId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Aliases>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// Tells `null` from absent.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Product {
    pub id: ProductId,
    pub name: String,
    pub brand: Option<String>,
    pub unit: Unit,
    pub step: Quantity,
    /// Stands for any of its members.
    pub is_family: bool,
    pub family_id: Option<ProductId>,
    pub aliases: Aliases,
    pub tags: Vec<String>,
    /// Looked at by an admin of the server.
    pub verified: bool,
    /// An admin of the server took it out of lists and search; only runs of before still name it.
    #[serde(default)]
    pub disabled: bool,
    /// It was found to be the same as this one; only runs of before still name it.
    pub merged_into: Option<ProductId>,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutAvailability {
    /// Minor units per unit of the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// The size the store sells.
    #[serde(default, deserialize_with = "Quantity::exact_opt", skip_serializing_if = "Option::is_none")]
    pub pack: Option<Quantity>,
    /// The least the store sells.
    #[serde(default, deserialize_with = "Quantity::exact_opt", skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Quantity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A product as one store sells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StoreProduct {
    pub product: Product,
    pub price: Option<Money>,
    pub pack: Option<Quantity>,
    pub minimum: Option<Quantity>,
    pub note: Option<String>,
    pub updated_at: DateTime<Utc>,
}

/// A dated price of a product at a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PriceObservation {
    pub store_id: StoreId,
    pub store_name: String,
    /// Minor units per unit of the product.
    pub price: Money,
    /// The size it was sold in.
    pub pack: Option<Quantity>,
    /// In which run it was paid, if it was in one.
    pub run_id: Option<RunId>,
    pub observed_at: DateTime<Utc>,
}

/// What is found by a few letters: the first of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SearchResults {
    pub products: Vec<Product>,
    pub stores: Vec<Store>,
    /// Of those I am in.
    pub groups: Vec<FoundGroup>,
    /// Of my groups, latest first.
    pub runs: Vec<FoundRun>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FoundGroup {
    pub id: GroupId,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FoundRun {
    pub id: RunId,
    pub group_id: GroupId,
    pub group_name: String,
    pub store_name: String,
    pub state: State,
    pub comment: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// What became of the lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ImportReport {
    /// Lines with goods, without the heading.
    pub lines: u64,
    pub imported: u64,
    /// How many of them named a product nobody knew.
    pub created: u64,
    pub refused: Vec<RefusedLine>,
}

/// A line of which nothing was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RefusedLine {
    /// In the file, from 1; the heading is a line.
    pub line: u64,
    /// The column, or `line` for all of it.
    pub field: String,
    pub code: String,
    pub detail: String,
}
