//! The handle the edge holds on everything that is alive.

use crate::budget::Budget;
use crate::deadlines::Deadlines;
use crate::directory::Directory;
use crate::homes::{Homes, Lane};
use crate::hub::{CloseLogin, CloseSeat, Drain, HubHandle, Hubs, ShutOutOfGroup, Tell};
use crate::logins::{Crowd, Ended, Seat};
use crate::outbox::Outbox;
use crate::persistence::Persistence;
use crate::roster::Channel;
use crate::run::{Ask, CatchUp, Look, Membership, Queued, Reply, Reread, RunActor, Shared, Shown, What};
use actix::prelude::*;
use bulq_domain::run::{Notice, NoticeKind};
use bulq_domain::{
    Command, CommandId, Context, GroupId, NewRun, Rejection, Run, RunId, Seq, Timestamp, UserId,
};
use bulq_protocol::live::{self, GroupEvent, ServerFrame, Topic};
use bulq_protocol::thread::RunMessage;
use bulq_storage::Database;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, oneshot};
use uuid::Uuid;

/// What time it is. Microseconds: finer is not kept.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// After this long a caller is told that the outcome is unknown.
const PATIENCE: Duration = Duration::from_secs(5);
/// So often a run that is leaving memory is asked for its view.
const LOOKS: usize = 4;

#[derive(Clone, Debug)]
pub struct LiveConfig {
    /// When this much is decided but not durable, commands are answered `busy`.
    pub undurable_bytes_cap: usize,
    /// An unused, unwatched run leaves memory after this long.
    pub run_idle: Duration,
    /// How often the server pings a socket.
    pub heartbeat: Duration,
    /// Frames a client may send per second; none is without limit.
    pub frames_per_second: Option<u32>,
    /// Commands one socket may have unanswered.
    pub max_command_backlog: usize,
    /// Sockets one person may have open; one more and the oldest is closed. None is without limit.
    pub sockets_per_user: Option<usize>,
    /// How many worker threads will register. Runs live on them and begin with the last; with none they have threads of
    /// their own.
    pub workers: usize,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            undurable_bytes_cap: 64 * 1024 * 1024,
            run_idle: Duration::from_secs(60),
            heartbeat: Duration::from_secs(25),
            frames_per_second: Some(50),
            max_command_backlog: 256,
            sockets_per_user: Some(20),
            workers: 0,
        }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    shared: Shared,
    homes: Homes,
    config: LiveConfig,
    outbox: Arc<Notify>,
    up: Arc<AtomicBool>,
    draining: AtomicBool,
    ended: Ended,
    crowd: Crowd,
}

/// What a committed command answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub run: RunId,
    pub seq: Seq,
    /// What it caused, each as it stands in the log.
    pub events: Vec<Arc<str>>,
    /// The same command came before; this is what it did then.
    pub replayed: bool,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// Nothing changed and never will.
    Rejected(Rejection),
    NotFound,
    /// Nothing changed; try again.
    Busy {
        retry_after_ms: u64,
    },
    /// It may have happened: ask again with the same command id.
    Unknown {
        retry_after_ms: u64,
    },
    /// The log of this run is broken; nobody guesses at it.
    Quarantined {
        detail: String,
    },
}

/// A run as one person sees it.
#[derive(Clone, Debug)]
pub struct Viewed {
    pub seq: Seq,
    /// The whole view, JSON.
    pub json: String,
}

/// Figures for operators.
#[derive(Clone, Copy, Debug)]
pub struct LiveStats {
    pub runs: usize,
    pub sockets: usize,
    pub undurable_bytes: usize,
}

impl Live {
    /// Needs a running actix system.
    #[must_use]
    pub fn start(db: Database, config: LiveConfig, clock: Clock) -> Self {
        let budget = Budget::new(config.undurable_bytes_cap);
        let up = Arc::new(AtomicBool::new(true));
        let homes = Homes::new(config.workers, lane_starter(&db, &budget, &up));
        let (hubs, directory, idle) = (Hubs::default(), Directory::default(), config.run_idle);
        let snapshots = Arc::new(Semaphore::new(1));
        let shared = Shared { db, hubs, directory, budget, clock, idle, snapshots };
        let outbox = Arc::new(Notify::new());
        let draining = AtomicBool::new(false);
        let (ended, crowd) = (Ended::default(), Crowd::default());
        let live = Self(Arc::new(Inner { shared, homes, config, outbox, up, draining, ended, crowd }));
        if live.0.config.workers == 0 {
            let threads: Vec<_> = (0..live.db().lanes()).map(|_| Arbiter::new().handle()).collect();
            live.open(&threads);
        }
        live
    }

    /// Starts the hub of the current worker thread; with the last worker's, the lanes to the database.
    #[must_use]
    pub fn register_worker(&self) -> HubHandle {
        let hub = self.0.shared.hubs.start_here(self.0.shared.directory.clone(), self.0.config.heartbeat);
        if let Some(workers) = self.0.homes.arrive(Arbiter::current()) {
            self.open(&workers);
        }
        hub
    }

    /// Waits until runs can begin; before that all of them are busy.
    pub async fn opened(&self) {
        self.0.homes.opened().await;
    }

    fn open(&self, threads: &[ArbiterHandle]) {
        self.0.homes.open(threads, self.db().lanes());
        Outbox::new(self.clone()).start_on(&threads[0]);
        Deadlines::new(self.clone()).start_on(&threads[0]);
    }

    /// # Errors
    /// [`Refusal`].
    pub async fn create_run(&self, run: RunId, new: NewRun, context: Context) -> Result<Answer, Refusal> {
        self.ask(run, What::Create(Box::new((new, context)))).await
    }

    /// # Errors
    /// [`Refusal`].
    pub async fn command(&self, run: RunId, command: Command, context: Context) -> Result<Answer, Refusal> {
        self.ask(run, What::Command(Box::new((command, context)))).await
    }

    /// Tells a run who joined or left its group. The same `id` counts once.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn membership(
        &self,
        run: RunId,
        user: UserId,
        change: Membership,
        id: CommandId,
    ) -> Result<Answer, Refusal> {
        let at = (self.0.shared.clock)();
        self.ask(run, What::Membership { user, change, id, at }).await
    }

    /// Tells a run that its bidding deadline may have passed.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn deadline(&self, run: RunId) -> Result<Answer, Refusal> {
        let now = self.now();
        self.ask(run, What::Deadline { now }).await
    }

    /// The durable run as this person sees it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn view(&self, run: RunId, viewer: UserId) -> Result<Viewed, Refusal> {
        let shown = self.look(run).await?;
        Ok(Viewed { seq: shown.seq(), json: shown.view_for(viewer) })
    }

    /// Whatever `read` takes from the durable run.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn read<T>(&self, run: RunId, read: impl FnOnce(&Run) -> T) -> Result<T, Refusal> {
        Ok(read(self.look(run).await?.run()))
    }

    /// There is something in the outbox.
    pub fn nudge_outbox(&self) {
        self.0.outbox.notify_one();
    }

    pub fn publish_group(&self, group: GroupId, event: &GroupEvent) {
        self.0.shared.hubs.publish_group(group, event);
    }

    /// Shows a message that is durable to everybody who has its run open.
    pub fn publish_message(&self, message: &RunMessage) {
        let frame = ServerFrame::Message { topic: Topic::Run(message.run_id), message: message.clone() };
        let tell = Tell { channel: Channel::Run(message.run_id), text: live::json(&frame).into() };
        self.0.shared.hubs.tell(&tell);
    }

    /// Somebody was written to in the thread of a run, which is at this seq.
    pub fn publish_mention(&self, run: RunId, seq: Seq, user: UserId) {
        self.0.shared.hubs.notify(run, seq, Notice { user, kind: NoticeKind::Mention });
    }

    /// This person sees nothing more of the group.
    pub fn shut_out_of_group(&self, group: GroupId, user: UserId) {
        self.0.shared.hubs.send_all(ShutOutOfGroup { group, user });
    }

    /// The sockets of this login are closed with 4009, also those that are just being opened.
    pub fn close_session(&self, session: Uuid) {
        self.0.ended.note(session, Instant::now());
        self.0.shared.hubs.send_all(CloseLogin(session));
    }

    /// What is stored of a run has been changed behind its back: if it is in memory, the next caller reads it anew.
    pub fn reread(&self, run: RunId) {
        if let Some(addr) = self.0.shared.directory.get(run)
            && addr.try_send(Reread).is_err()
        {
            tracing::warn!(run.id = %run, "a busy run keeps what it has in memory until it is idle");
        }
    }

    /// Closes all sockets, paced, and waits until everything decided is durable, at most until `deadline`.
    pub async fn drain(&self, deadline: Duration) {
        self.0.draining.store(true, Ordering::Relaxed);
        self.nudge_outbox();
        self.0.shared.hubs.send_all(Drain);
        let settled = async {
            // Sockets get a moment to hear why they are closed, and what is queued a moment to be decided.
            tokio::time::sleep(Duration::from_millis(300)).await;
            while self.0.shared.budget.used() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(deadline, settled).await.is_err() {
            tracing::warn!("some of what was decided is not durable; its clients were told nothing");
        }
    }

    #[must_use]
    pub fn stats(&self) -> LiveStats {
        let (runs, undurable_bytes) = (self.0.shared.directory.len(), self.0.shared.budget.used());
        LiveStats { runs, sockets: self.0.crowd.len(), undurable_bytes }
    }

    #[must_use]
    pub fn database_is_up(&self) -> bool {
        self.0.up.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn logins_ended(&self) -> u64 {
        self.0.ended.count()
    }

    pub(crate) fn has_ended(&self, login: Uuid) -> bool {
        self.0.ended.has(login)
    }

    /// A seat for one more socket; whoever has too many loses the oldest.
    pub(crate) fn take_seat(&self, user: UserId) -> Seat {
        let (seat, oldest) = self.0.crowd.enter(user, self.0.config.sockets_per_user);
        if let Some(oldest) = oldest {
            self.0.shared.hubs.send_all(CloseSeat(oldest));
        }
        seat
    }

    pub(crate) fn leave_seat(&self, user: UserId, seat: Seat) {
        self.0.crowd.leave(user, seat);
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.shared.clock)()
    }

    pub(crate) fn config(&self) -> &LiveConfig {
        &self.0.config
    }

    pub(crate) fn db(&self) -> &Database {
        &self.0.shared.db
    }

    pub(crate) async fn outbox_nudged(&self) {
        self.0.outbox.notified().await;
    }

    /// Hands a socket's command to its run.
    pub(crate) fn tell(&self, run: RunId, ask: Ask) -> Result<(), Refusal> {
        self.post(run, ask)
    }

    pub(crate) fn catch_up(&self, run: RunId, ask: CatchUp) -> Result<(), Refusal> {
        self.post(run, ask)
    }

    async fn ask(&self, run: RunId, what: What) -> Result<Answer, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.post(run, Ask { what, reply: Reply::Once(reply), queued: Queued::now() })?;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            // Too slow, or the actor went away with the question.
            Ok(Err(_)) | Err(_) => Err(Refusal::Unknown { retry_after_ms: 500 }),
        }
    }

    /// A run that is just leaving memory, as after somebody's name was taken out of its log, is asked again.
    async fn look(&self, run: RunId) -> Result<Arc<Shown>, Refusal> {
        for _ in 1..LOOKS {
            match self.look_once(run).await? {
                Err(Refusal::Busy { retry_after_ms }) => {
                    tokio::time::sleep(Duration::from_millis(retry_after_ms)).await;
                }
                answer => return answer,
            }
        }
        self.look_once(run).await?
    }

    /// The outer refusal is that of a run which cannot be asked.
    async fn look_once(&self, run: RunId) -> Result<Result<Arc<Shown>, Refusal>, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.post(run, Look(reply))?;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Ok(Err(Refusal::Busy { retry_after_ms: 100 })),
            Err(_) => Err(Refusal::Busy { retry_after_ms: 500 }),
        }
    }

    /// A full mailbox means `busy`. A closed one means: ask the directory again.
    fn post<M>(&self, run: RunId, mut message: M) -> Result<(), Refusal>
    where
        M: Message<Result = ()> + Send + 'static,
        RunActor: Handler<M>,
    {
        for _ in 0..3 {
            let addr = self.run(run)?;
            match addr.try_send(message) {
                Ok(()) => return Ok(()),
                Err(SendError::Full(_)) => {
                    metrics::counter!("bulq_run_mailbox_full_total").increment(1);
                    return Err(Refusal::Busy { retry_after_ms: 200 });
                }
                Err(SendError::Closed(back)) => {
                    self.0.shared.directory.forget(run, &addr);
                    message = back;
                }
            }
        }
        Err(Refusal::Busy { retry_after_ms: 200 })
    }

    /// The run's actor, started if need be.
    fn run(&self, run: RunId) -> Result<Addr<RunActor>, Refusal> {
        let Inner { shared, homes, .. } = &*self.0;
        if let Some(addr) = shared.directory.get(run) {
            return Ok(addr);
        }
        let Lane { thread, persistence } = homes.of(run).ok_or(Refusal::Busy { retry_after_ms: 200 })?;
        Ok(shared.directory.get_or_start(run, || {
            let (lane, shared) = (persistence.clone(), shared.clone());
            RunActor::start_in_arbiter(&thread, move |_| RunActor::new(run, lane, shared))
        }))
    }
}

fn lane_starter(
    db: &Database,
    budget: &Budget,
    up: &Arc<AtomicBool>,
) -> impl Fn(&ArbiterHandle) -> Addr<Persistence> + Send + Sync + 'static {
    let (db, budget, up) = (db.clone(), budget.clone(), up.clone());
    move |thread| {
        let (db, budget, up) = (db.clone(), budget.clone(), up.clone());
        Persistence::start_in_arbiter(thread, move |_| Persistence::new(db, budget, up))
    }
}
