//! The connections commits go over, one per lane.
//!
//! Not a pool: a pool asks the server whether a connection is well each time it is given back, which is a second
//! round trip for each commit, and most commits are a single one.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// A connection that has been idle for longer is asked whether it lives before something is sent over it.
const TRUSTED: Duration = Duration::from_secs(1);

/// Cheap to clone; all clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct LogConnections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: PgConnectOptions,
    /// How long connecting may take.
    patience: Duration,
    places: Vec<Mutex<Place>>,
}

#[derive(Debug, Default)]
struct Place {
    connection: Option<PgConnection>,
    used: Option<Instant>,
}

/// A connection that is nobody else's until this is dropped.
pub(crate) struct LogConnection<'a>(MutexGuard<'a, Place>);

impl LogConnections {
    pub(super) fn new(options: PgConnectOptions, count: usize, patience: Duration) -> Self {
        let places = (0..count.max(1)).map(|_| Mutex::default()).collect();
        Self(Arc::new(Inner { options, patience, places }))
    }

    /// A free connection; waits for one if there is none, and connects if it must.
    ///
    /// # Errors
    /// What connecting says; nothing was sent then.
    pub(crate) async fn take(&self) -> Result<LogConnection<'_>, sqlx::Error> {
        let free = self.0.places.iter().find_map(|place| place.try_lock().ok());
        let mut taken = LogConnection(match free {
            Some(free) => free,
            None => self.0.places[0].lock().await,
        });
        if !taken.lives().await {
            taken.0.connection = None;
            let connecting = tokio::time::timeout(self.0.patience, self.0.options.connect());
            taken.0.connection = Some(connecting.await.map_err(|_| sqlx::Error::PoolTimedOut)??);
        }
        taken.0.used = Some(Instant::now());
        Ok(taken)
    }

    pub(super) async fn close(&self) {
        for place in &self.0.places {
            if let Some(connection) = place.lock().await.connection.take() {
                // Closing is a courtesy: the server notices either way.
                let _ = connection.close().await;
            }
        }
    }
}

impl LogConnection<'_> {
    pub(crate) fn get(&mut self) -> &mut PgConnection {
        self.0.connection.as_mut().expect("whoever takes a connection finds one or connects")
    }

    /// Lets go of the connection after something went wrong on it, so that the next one is new.
    pub(crate) fn discard(mut self) {
        self.0.connection = None;
    }

    async fn lives(&mut self) -> bool {
        let Place { connection: Some(connection), used } = &mut *self.0 else { return false };
        used.is_some_and(|used| used.elapsed() <= TRUSTED) || connection.ping().await.is_ok()
    }
}
