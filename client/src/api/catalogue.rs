//! Stores, products and what a store sells them for.

use super::{Page, paged};
use crate::{Client, ClientError};
use bulq_domain::{ProductId, StoreId};
use bulq_protocol::catalogue::{NewProduct, NewStore, Product, PutAvailability, Store, StoreProduct};
use bulq_protocol::list::Listing;
use reqwest::Method;

impl Client {
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_store(&self, store: &NewStore) -> Result<Store, ClientError> {
        self.send(Method::POST, "/stores", store).await
    }

    /// `q` searches names.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn stores(&self, q: Option<&str>, page: &Page) -> Result<Listing<Store>, ClientError> {
        self.get(&paged("/stores", page, &[("q", q)])).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn store(&self, store: StoreId) -> Result<Store, ClientError> {
        self.get(&format!("/stores/{store}")).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn create_product(&self, product: &NewProduct) -> Result<Product, ClientError> {
        self.send(Method::POST, "/products", product).await
    }

    /// `q` searches names.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn products(&self, q: Option<&str>, page: &Page) -> Result<Listing<Product>, ClientError> {
        self.get(&paged("/products", page, &[("q", q)])).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn product(&self, product: ProductId) -> Result<Product, ClientError> {
        self.get(&format!("/products/{product}")).await
    }

    /// What a store sells.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn store_products(
        &self,
        store: StoreId,
        page: &Page,
    ) -> Result<Listing<StoreProduct>, ClientError> {
        self.get(&paged(&format!("/stores/{store}/products"), page, &[])).await
    }

    /// Says for how much and in which packs a store sells a product.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn put_availability(
        &self,
        store: StoreId,
        product: ProductId,
        terms: &PutAvailability,
    ) -> Result<StoreProduct, ClientError> {
        self.send(Method::PUT, &format!("/stores/{store}/products/{product}"), terms).await
    }
}
