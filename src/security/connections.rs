//! How many connections one place may have open. Proxies may have any number: behind them are many people.

use super::addresses::{Origin, Proxies};
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use bulq_actors::transport::Killer;
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone)]
pub struct Connections {
    open: Arc<Mutex<HashMap<Origin, u32>>>,
    proxies: Proxies,
    most: u32,
}

/// Counts a connection as long as it lives.
struct Open {
    all: Connections,
    origin: Origin,
}

impl Connections {
    #[must_use]
    pub fn new(most: u32, proxies: Proxies) -> Self {
        Self { open: Arc::default(), proxies, most }
    }

    /// For `HttpServer::on_connect`, after the killer was put there: one connection too many is ended before it is read.
    pub fn on_connect(&self, io: &dyn Any, extensions: &mut Extensions) {
        let Some(peer) = io.downcast_ref::<TcpStream>().and_then(|stream| stream.peer_addr().ok()) else {
            return;
        };
        if self.proxies.contain(peer.ip()) {
            return;
        }
        let origin = Origin::of(peer.ip());
        if self.enter(origin) > self.most
            && let Some(killer) = extensions.get::<Killer>()
        {
            metrics::counter!("bulq_connections_refused_total").increment(1);
            killer.kill();
        }
        extensions.insert(Arc::new(Open { all: self.clone(), origin }));
    }

    /// How many there are now.
    fn enter(&self, origin: Origin) -> u32 {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(origin).or_default();
        *count += 1;
        *count
    }

    fn leave(&self, origin: Origin) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = open.get_mut(&origin) else { return };
        *count -= 1;
        if *count == 0 {
            open.remove(&origin);
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.all.leave(self.origin);
    }
}
