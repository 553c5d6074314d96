//! HTTP: one file per resource. Handlers say what happens, in order, and hold no rule.
//!
//! Every route is a line in a resource's `routes`, with what the OpenAPI document says about it beside it.

pub mod api;
mod auth;
mod body;
mod commands;
mod documents;
mod groups;
mod health;
pub mod identity;
mod invites;
mod lists;
mod live;
mod page;
pub mod problem;
mod products;
pub mod request_id;
pub(crate) mod runs;
mod stores;
mod values;

use crate::edge::Edge;
use crate::security::logins::Logins;
use crate::security::origins::Origins;
use crate::security::tickets::Tickets;
use api::Api;
use std::sync::Arc;

pub use documents::Documents;
pub use health::Health;
pub use identity::CookiePolicy;
pub use page::DemoLogins;

/// Everything a handler can reach.
pub struct App {
    pub edge: Edge,
    pub logins: Logins,
    pub tickets: Tickets,
    pub origins: Origins,
    pub cookie: CookiePolicy,
    pub health: Arc<Health>,
    pub documents: Documents,
    pub demo: DemoLogins,
}

/// Every route there is.
#[must_use]
pub fn routes() -> Api {
    let mut api = Api::default();
    auth::routes(&mut api);
    groups::routes(&mut api);
    invites::routes(&mut api);
    stores::routes(&mut api);
    products::routes(&mut api);
    runs::routes(&mut api);
    commands::routes(&mut api);
    live::routes(&mut api);
    documents::routes(&mut api);
    health::routes(&mut api);
    page::routes(&mut api);
    api
}
