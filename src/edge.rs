//! From an identity to what a command needs: membership, catalogue facts, names. HTTP and live sessions alike come
//! through here; the runs behind it decide, this does not.
//!
//! What is looked up is remembered for half a minute. A change made through this server overwrites what is remembered
//! at once; a look-up that was under way meanwhile never overwrites that.

mod farewell;
mod gate;
mod known;
mod new_run;

use crate::clock;
use crate::config::Limits;
use crate::http::problem::Failure;
use crate::security::limits::Limits as Counts;
use bulq_actors::{Answer, GateError, Live, Refusal, Who};
use bulq_domain::command::Person;
use bulq_domain::{Command, CommandId, Context, GroupId, Product, ProductId, Run, RunId, StoreId, UserId};
use bulq_storage::groups::Role;
use bulq_storage::memory::Lists;
use bulq_storage::{Database, StorageError};
use known::Known;
use new_run::NewRuns;
use serde::Serialize;
use std::sync::Arc;

/// The shelf of the lists that all members of the server share.
const CATALOGUE: &str = "catalogue";

/// Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    db: Database,
    live: Live,
    limits: Limits,
    counts: Counts,
    lists: Lists,
    known: Known,
    new_runs: NewRuns,
}

impl Edge {
    #[must_use]
    pub fn new(db: Database, live: Live, limits: Limits, counts: Counts, lists: Lists) -> Self {
        Self(Arc::new(Inner {
            known: Known::new(db.clone()),
            new_runs: NewRuns::default(),
            db,
            live,
            limits,
            counts,
            lists,
        }))
    }

    #[must_use]
    pub fn db(&self) -> &Database {
        &self.0.db
    }

    #[must_use]
    pub fn live(&self) -> &Live {
        &self.0.live
    }

    #[must_use]
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// What the command changes, durably, or why it does not.
    ///
    /// # Errors
    /// A [`Failure`] with what the run or the edge said.
    pub async fn command(
        &self,
        who: &Who,
        run: RunId,
        command: Command,
        command_id: Option<CommandId>,
    ) -> Result<Answer, Failure> {
        let context = self.context_of(who, run, &command, command_id).await?;
        Ok(self.live().command(run, command, context).await?)
    }

    /// Lets members of the run's group through.
    ///
    /// # Errors
    /// [`GateError::NotFound`] for outsiders, [`GateError::Forbidden`] for those who were in it.
    pub async fn admit(&self, who: &Who, run: RunId) -> Result<(), GateError> {
        self.group_of_member(who, run).await.map(drop)
    }

    /// The role of somebody who is in the group now.
    ///
    /// # Errors
    /// [`GateError::NotFound`] for everybody else.
    pub async fn member(&self, who: &Who, group: GroupId) -> Result<Role, GateError> {
        let role = self.0.known.role(group, who.user).await.map_err(fault)?;
        role.ok_or(GateError::NotFound)
    }

    /// Lets admins of the group through.
    ///
    /// # Errors
    /// [`GateError::NotFound`] for outsiders, [`GateError::Forbidden`] for members.
    pub async fn admin(&self, who: &Who, group: GroupId) -> Result<(), GateError> {
        match self.member(who, group).await? {
            Role::Admin => Ok(()),
            Role::Member => Err(GateError::Forbidden {
                code: "GROUP_ADMIN_ONLY",
                detail: "only an admin of the group may do this".to_owned(),
            }),
        }
    }

    /// To be called when a membership has changed in the database.
    pub fn membership_changed(&self, group: GroupId, user: UserId, role: Option<Role>) {
        self.0.known.put_role(group, user, role);
        self.live().nudge_outbox();
    }

    /// To be called when a product's terms at a store have changed in the database.
    ///
    /// # Errors
    /// Faults only.
    pub async fn offer_changed(&self, store: StoreId, product: ProductId) -> Result<(), StorageError> {
        self.0.known.refresh_product(store, product).await?;
        self.catalogue_changed().await;
        Ok(())
    }

    /// Lists of the catalogue that were read before are not shown any more.
    pub async fn catalogue_changed(&self) {
        self.0.lists.changed(CATALOGUE).await;
    }

    /// A list of the catalogue as JSON: as it was read a moment ago, or as `read` finds it now. `page` names it among all.
    ///
    /// # Errors
    /// What `read` says.
    pub async fn catalogue_list<T: Serialize>(
        &self,
        page: &str,
        read: impl Future<Output = Result<T, Failure>>,
    ) -> Result<Vec<u8>, Failure> {
        let place = match self.0.lists.get(CATALOGUE, page).await {
            Ok(found) => return Ok(found),
            Err(place) => place,
        };
        let body = serde_json::to_vec(&read.await?).map_err(|error| Failure::fault(&error))?;
        self.0.lists.put(place, body.clone()).await;
        Ok(body)
    }

    /// To be called when a group has gone from the database.
    pub fn group_removed(&self) {
        self.0.known.forget_roles();
    }

    /// To be called when a product itself has changed in the database.
    pub async fn product_changed(&self) {
        self.0.known.forget_products();
        self.catalogue_changed().await;
    }

    async fn context_of(
        &self,
        who: &Who,
        run: RunId,
        command: &Command,
        command_id: Option<CommandId>,
    ) -> Result<Context, GateError> {
        let group = self.group_of_member(who, run).await?;
        let (product, person) = command.names();
        let product = match product {
            Some(product) => {
                let store = self.store(run).await?;
                self.0.known.product(store, product).await.map_err(fault)?
            }
            None => None,
        };
        let person = match person {
            Some(user) => self.0.known.person(group, user).await.map_err(fault)?,
            None => None,
        };
        Ok(context(who, command_id, product, person))
    }

    async fn group_of_member(&self, who: &Who, run: RunId) -> Result<GroupId, GateError> {
        let known = &self.0.known;
        let group = known.group(run).await.map_err(fault)?.ok_or(GateError::NotFound)?;
        match known.role(group, who.user).await.map_err(fault)? {
            Some(_) => Ok(group),
            None => Err(self.refuse_outsider(who, run).await),
        }
    }

    /// The store a run goes to; asked of the run itself the first time.
    async fn store(&self, run: RunId) -> Result<StoreId, GateError> {
        if let Some(store) = self.0.known.store_now(run) {
            return Ok(store);
        }
        let store = self.live().read(run, |run| run.store_id).await.map_err(refused)?;
        self.0.known.put_store(run, store);
        Ok(store)
    }

    /// Whoever took part knows of the run and is told so; to everybody else it does not exist.
    async fn refuse_outsider(&self, who: &Who, run: RunId) -> GateError {
        let user = who.user;
        let took_part =
            move |run: &Run| run.role(user) == bulq_domain::Role::Removed || run.participant(user).is_some();
        match self.live().read(run, took_part).await {
            Ok(true) => GateError::Forbidden {
                code: "NOT_A_MEMBER",
                detail: "you are not in the group of this run any more".to_owned(),
            },
            Ok(false) => GateError::NotFound,
            Err(refusal) => refused(refusal),
        }
    }
}

fn context(
    who: &Who,
    command_id: Option<CommandId>,
    product: Option<Arc<Product>>,
    person: Option<Person>,
) -> Context {
    Context { by: who.user, name: who.name.clone(), at: clock::now(), command_id, product, person }
}

fn refused(refusal: Refusal) -> GateError {
    match refusal {
        Refusal::NotFound => GateError::NotFound,
        Refusal::Rejected(_)
        | Refusal::Busy { .. }
        | Refusal::Unknown { .. }
        | Refusal::Quarantined { .. } => GateError::Busy,
    }
}

fn fault(error: StorageError) -> GateError {
    tracing::warn!(%error, "membership or catalogue could not be looked up");
    GateError::Busy
}
