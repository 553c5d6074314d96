//! Stores, products and what a store sells them for.

use super::{Page, paged};
use crate::{Client, ClientError};
use bulq_domain::{ProductId, StoreId};
use bulq_protocol::catalogue::{
    NewProduct, NewStore, PatchProduct, PatchStore, PriceObservation, Product, PutAvailability,
    SearchResults, Store, StoreProduct,
};
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

    /// # Errors
    /// See [`ClientError`].
    pub async fn change_store(&self, store: StoreId, patch: &PatchStore) -> Result<Store, ClientError> {
        self.send(Method::PATCH, &format!("/stores/{store}"), patch).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn change_product(
        &self,
        product: ProductId,
        patch: &PatchProduct,
    ) -> Result<Product, ClientError> {
        self.send(Method::PATCH, &format!("/products/{product}"), patch).await
    }

    /// Products whose name is much like this one.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn similar_products(&self, name: &str) -> Result<Listing<Product>, ClientError> {
        self.get(&paged("/products/similar", &Page::default(), &[("name", Some(name))])).await
    }

    /// The members of a family.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn family_members(
        &self,
        family: ProductId,
        page: &Page,
    ) -> Result<Listing<Product>, ClientError> {
        self.get(&paged(&format!("/products/{family}/members"), page, &[])).await
    }

    /// What a product cost, latest first; in one store if it is given.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn prices(
        &self,
        product: ProductId,
        store: Option<StoreId>,
        page: &Page,
    ) -> Result<Listing<PriceObservation>, ClientError> {
        let store = store.map(|store| store.to_string());
        self.get(&paged(&format!("/products/{product}/prices"), page, &[("store", store.as_deref())])).await
    }

    /// Products, stores, my groups and their runs.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn search(&self, q: &str) -> Result<SearchResults, ClientError> {
        self.get(&paged("/search", &Page::default(), &[("q", Some(q))])).await
    }
}
