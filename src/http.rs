//! HTTP: one file per resource. Handlers say what happens, in order, and hold no rule.
//!
//! Every route is a line in a resource's `routes`, with what the OpenAPI document says about it beside it.

mod account;
mod admin;
pub mod admission;
pub mod api;
mod assortment;
mod auth;
mod balances;
mod body;
mod commands;
pub mod cors;
mod documents;
mod export;
mod groups;
mod health;
pub mod identity;
mod invites;
mod lists;
mod live;
mod messages;
mod notifications;
mod page;
pub mod problem;
mod products;
mod receipts;
pub mod request_id;
pub(crate) mod runs;
mod search;
mod stores;
mod values;
pub mod web_app;

use crate::contents::Contents;
use crate::edge::Edge;
use crate::security::addresses::Proxies;
use crate::security::limits::Limits;
use crate::security::logins::Logins;
use crate::security::origins::Origins;
use crate::security::tickets::Tickets;
use api::Api;
use bulq_storage::memory::Memory;
use std::sync::{Arc, OnceLock};

pub use documents::Documents;
pub use health::Health;
pub use identity::CookiePolicy;
pub use lists::LONGEST_SEARCH;
pub use page::DemoLogins;
pub use web_app::WebApp;

/// Everything a handler can reach.
pub struct App {
    pub edge: Edge,
    pub contents: Contents,
    pub logins: Logins,
    pub tickets: Tickets,
    pub origins: Origins,
    pub cookie: CookiePolicy,
    pub limits: Limits,
    /// Whom to believe about where a request comes from.
    pub proxies: Proxies,
    /// Redis, where there is one.
    pub redis: Option<Arc<dyn Memory>>,
    pub health: Arc<Health>,
    pub documents: Documents,
    /// Once it is known.
    pub demo: OnceLock<DemoLogins>,
    /// The browser app; without it the plain page is served.
    pub web: Option<WebApp>,
}

impl App {
    #[must_use]
    pub fn demo(&self) -> DemoLogins {
        self.demo.get().cloned().unwrap_or_default()
    }
}

/// Every route there is.
#[must_use]
pub fn routes() -> Api {
    let mut api = Api::default();
    auth::routes(&mut api);
    account::routes(&mut api);
    groups::routes(&mut api);
    invites::routes(&mut api);
    balances::routes(&mut api);
    stores::routes(&mut api);
    assortment::routes(&mut api);
    products::routes(&mut api);
    search::routes(&mut api);
    runs::routes(&mut api);
    export::routes(&mut api);
    commands::routes(&mut api);
    notifications::routes(&mut api);
    messages::routes(&mut api);
    receipts::routes(&mut api);
    live::routes(&mut api);
    admin::routes(&mut api);
    documents::routes(&mut api);
    health::routes(&mut api);
    page::routes(&mut api);
    api
}
