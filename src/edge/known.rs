//! What the edge has looked up and remembers for a while. Bounded.

use bulq_domain::command::Person;
use bulq_domain::{GroupId, Product, ProductId, RunId, StoreId, UserId};
use bulq_storage::groups::{self, Role};
use bulq_storage::{Database, StorageError, accounts, catalogue, runs};
use moka::sync::Cache;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

const REMEMBERED: Duration = Duration::from_secs(30);
const MOST: u64 = 100_000;

pub(super) struct Known {
    db: Database,
    /// Which group and which store a run belongs to never changes.
    groups: Cache<RunId, GroupId>,
    stores: Cache<RunId, StoreId>,
    roles: Cache<(GroupId, UserId), Option<Role>>,
    products: Cache<(StoreId, ProductId), Arc<Product>>,
    names: Cache<UserId, Arc<str>>,
}

impl Known {
    pub(super) fn new(db: Database) -> Self {
        Self {
            db,
            groups: forever(),
            stores: forever(),
            roles: a_while(),
            products: a_while(),
            names: a_while(),
        }
    }

    pub(super) fn group_now(&self, run: RunId) -> Option<GroupId> {
        self.groups.get(&run)
    }

    /// None if there is no such run.
    pub(super) async fn group(&self, run: RunId) -> Result<Option<GroupId>, StorageError> {
        if let Some(group) = self.group_now(run) {
            return Ok(Some(group));
        }
        let Some(group) = runs::group_of_run(&self.db, run.0).await?.map(GroupId) else { return Ok(None) };
        self.groups.insert(run, group);
        Ok(Some(group))
    }

    pub(super) fn store_now(&self, run: RunId) -> Option<StoreId> {
        self.stores.get(&run)
    }

    pub(super) fn put_store(&self, run: RunId, store: StoreId) {
        self.stores.insert(run, store);
    }

    /// `None` if it is not remembered, `Some(None)` if the person is not in the group.
    pub(super) fn role_now(&self, group: GroupId, user: UserId) -> Option<Option<Role>> {
        self.roles.get(&(group, user))
    }

    pub(super) async fn role(&self, group: GroupId, user: UserId) -> Result<Option<Role>, StorageError> {
        if let Some(role) = self.role_now(group, user) {
            return Ok(role);
        }
        let role = groups::membership(&self.db, group.0, user.0).await?;
        Ok(self.roles.entry((group, user)).or_insert(role).into_value())
    }

    pub(super) fn put_role(&self, group: GroupId, user: UserId, role: Option<Role>) {
        self.roles.insert((group, user), role);
    }

    pub(super) fn product_now(&self, store: StoreId, product: ProductId) -> Option<Arc<Product>> {
        self.products.get(&(store, product))
    }

    /// None if the catalogue does not know the product.
    pub(super) async fn product(
        &self,
        store: StoreId,
        product: ProductId,
    ) -> Result<Option<Arc<Product>>, StorageError> {
        if let Some(known) = self.product_now(store, product) {
            return Ok(Some(known));
        }
        let Some(offer) = catalogue::offer(&self.db, store.0, product.0).await? else { return Ok(None) };
        let found = Arc::new(terms(offer)?);
        Ok(Some(self.products.entry((store, product)).or_insert(found).into_value()))
    }

    pub(super) async fn refresh_product(
        &self,
        store: StoreId,
        product: ProductId,
    ) -> Result<(), StorageError> {
        if let Some(offer) = catalogue::offer(&self.db, store.0, product.0).await? {
            self.products.insert((store, product), Arc::new(terms(offer)?));
        }
        Ok(())
    }

    pub(super) fn forget_roles(&self) {
        self.roles.invalidate_all();
    }

    pub(super) fn forget_products(&self) {
        self.products.invalidate_all();
    }

    pub(super) fn forget_name(&self, user: UserId) {
        self.names.invalidate(&user);
    }

    pub(super) fn person_now(&self, group: GroupId, user: UserId) -> Option<Option<Person>> {
        match self.role_now(group, user)? {
            None => Some(None),
            Some(_) => self.names.get(&user).map(|name| Some(Person { id: user, name })),
        }
    }

    /// None if the person is not in the group now.
    pub(super) async fn person(&self, group: GroupId, user: UserId) -> Result<Option<Person>, StorageError> {
        if self.role(group, user).await?.is_none() {
            return Ok(None);
        }
        if let Some(name) = self.names.get(&user) {
            return Ok(Some(Person { id: user, name }));
        }
        let Some(found) = accounts::user(&self.db, user.0).await? else { return Ok(None) };
        let name: Arc<str> = found.name.into();
        self.names.insert(user, name.clone());
        Ok(Some(Person { id: user, name }))
    }
}

/// A stored offer as the rules of a run know it.
fn terms(offer: catalogue::Offer) -> Result<Product, StorageError> {
    crate::catalogue::product_terms(offer).map_err(StorageError::Corrupt)
}

fn a_while<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static>() -> Cache<K, V> {
    Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).build()
}

fn forever<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static>() -> Cache<K, V> {
    Cache::builder().max_capacity(MOST).build()
}
