//! Stores, products and what a store sells them for.

use bulq_domain::run::Unit;
use bulq_domain::{Money, ProductId, Quantity, StoreId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewStore {
    /// 1–100 characters.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Store {
    pub id: StoreId,
    pub name: String,
    pub chain: Option<String>,
    pub address: Option<String>,
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
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Product {
    pub id: ProductId,
    pub name: String,
    pub brand: Option<String>,
    pub unit: Unit,
    pub step: Quantity,
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
    pub price: Money,
    pub observed_at: DateTime<Utc>,
}
