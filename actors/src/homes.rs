//! Which thread a run lives on: that of its lane to the database, which is a worker's. For whoever has their socket on the same
//! thread, a bid, its commit and its frame need no other one.

use crate::persistence::Persistence;
use actix::prelude::*;
use bulq_domain::RunId;
use std::sync::{Mutex, PoisonError, RwLock};
use tokio::sync::SetOnce;

/// A way to the database, and the thread where the runs that use it live.
#[derive(Clone)]
pub(crate) struct Lane {
    pub(crate) thread: ArbiterHandle,
    pub(crate) persistence: Addr<Persistence>,
}

type StartLane = Box<dyn Fn(&ArbiterHandle) -> Addr<Persistence> + Send + Sync>;

pub(crate) struct Homes {
    /// So many workers are waited for.
    workers: usize,
    arrived: Mutex<Vec<ArbiterHandle>>,
    lanes: RwLock<Vec<Lane>>,
    start_lane: StartLane,
    open: SetOnce<()>,
}

impl Homes {
    pub(crate) fn new(
        workers: usize,
        start_lane: impl Fn(&ArbiterHandle) -> Addr<Persistence> + Send + Sync + 'static,
    ) -> Self {
        let (arrived, lanes, open) = (Mutex::default(), RwLock::default(), SetOnce::new());
        Self { workers, arrived, lanes, start_lane: Box::new(start_lane), open }
    }

    /// One more worker; all of them when this is the last that is waited for. One that comes in place of another later gets
    /// no lanes.
    pub(crate) fn arrive(&self, worker: ArbiterHandle) -> Option<Vec<ArbiterHandle>> {
        if self.open.get().is_some() {
            return None;
        }
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.push(worker);
        (arrived.len() == self.workers).then(|| std::mem::take(&mut *arrived))
    }

    /// Starts so many lanes, taking the threads in turn.
    pub(crate) fn open(&self, threads: &[ArbiterHandle], lanes: usize) {
        let lanes = threads.iter().cycle().take(lanes).map(|thread| self.lane_on(thread.clone()));
        *self.lanes.write().unwrap_or_else(PoisonError::into_inner) = lanes.collect();
        // Opened once: the last worker arrives once.
        let _ = self.open.set(());
    }

    /// Waits until there are lanes.
    pub(crate) async fn opened(&self) {
        self.open.wait().await;
    }

    /// The run's lane, always the same as long as its thread lives. None before there are any.
    pub(crate) fn of(&self, run: RunId) -> Option<Lane> {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let number = number_of(run, lanes.len())?;
        let lane = lanes[number].clone();
        drop(lanes);
        Some(if lane.persistence.connected() { lane } else { self.replace(number) })
    }

    /// A worker that ended took its lanes along. Their runs move to a thread that nobody ends.
    fn replace(&self, number: usize) -> Lane {
        let mut lanes = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
        if !lanes[number].persistence.connected() {
            tracing::error!(lane = number, "the thread of a lane has ended; the lane gets one of its own");
            lanes[number] = self.lane_on(Arbiter::new().handle());
        }
        lanes[number].clone()
    }

    fn lane_on(&self, thread: ArbiterHandle) -> Lane {
        let persistence = (self.start_lane)(&thread);
        Lane { thread, persistence }
    }
}

fn number_of(run: RunId, lanes: usize) -> Option<usize> {
    let lanes = u128::try_from(lanes).ok().filter(|lanes| *lanes > 0)?;
    usize::try_from(run.0.as_u128() % lanes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use bulq_storage::{Database, DatabaseConfig};
    use bulq_testkit::{Kind, TestDatabase};
    use std::sync::Arc;
    use uuid::Uuid;

    async fn homes(workers: usize) -> (Homes, TestDatabase) {
        let database = bulq_testkit::database(Kind::Sqlite).await;
        let db = Database::connect(&DatabaseConfig::new(database.url())).await.expect("a database");
        let start = move |thread: &ArbiterHandle| {
            let db = db.clone();
            Persistence::start_in_arbiter(thread, move |_| {
                Persistence::new(db, Budget::new(1), Arc::default())
            })
        };
        (Homes::new(workers, start), database)
    }

    fn run(n: u128) -> RunId {
        RunId(Uuid::from_u128(n))
    }

    #[actix::test]
    async fn there_are_no_lanes_before_all_workers_are_here() {
        let (homes, _database) = homes(2).await;

        assert!(homes.arrive(Arbiter::current()).is_none());
        assert!(homes.of(run(1)).is_none());
        let workers = homes.arrive(Arbiter::current()).expect("both are here");
        homes.open(&workers, 4);
        homes.opened().await;

        assert!(homes.of(run(1)).is_some());
        for _ in 0..2 {
            assert!(homes.arrive(Arbiter::current()).is_none(), "one that was started anew gets none");
        }
    }

    #[actix::test]
    async fn a_run_is_always_in_the_same_lane_until_its_thread_ends() {
        let (homes, _database) = homes(0).await;
        let (first, second) = (Arbiter::new(), Arbiter::new());
        homes.open(&[first.handle(), second.handle()], 2);
        let (even, odd) = (homes.of(run(2)).expect("a lane"), homes.of(run(3)).expect("a lane"));
        assert!(even.persistence != odd.persistence);
        assert!(homes.of(run(4)).expect("a lane").persistence == even.persistence);

        first.stop();
        first.join().expect("it ends");
        while even.persistence.connected() {
            tokio::task::yield_now().await;
        }

        let moved = homes.of(run(2)).expect("a lane");
        assert!(moved.persistence != even.persistence && moved.persistence.connected());
        assert!(homes.of(run(2)).expect("a lane").persistence == moved.persistence);
        assert!(homes.of(run(3)).expect("a lane").persistence == odd.persistence);
    }
}
