//! One run. Decides at once on what it has decided so far; shows nothing before it is durable.
//!
//! Two copies of the aggregate are kept while it moves: the one ahead, which commands are judged by, and the durable
//! one, which is all that anybody gets to see. Between them lies the tail: changes on their way to the database. So
//! reads never wait, and a snapshot always stands at the end of a batch. A run that rests keeps one.

mod deciding;
mod loading;
mod messages;
mod presence;
mod remembered;
mod ring;
mod shown;
mod tail;

pub use messages::*;
pub use shown::Shown;

use crate::budget::Budget;
use crate::directory::Directory;
use crate::hub::{Hubs, Tell};
use crate::live::{Answer, Clock, Refusal};
use crate::persistence::{Persistence, Receipt, Submit};
use crate::roster::Channel;
use actix::prelude::*;
use bulq_domain::{Rejection, RunId, Seq};
use bulq_protocol::live::GroupEvent;
use bulq_storage::Database;
use bulq_storage::journal::{self, Change, SnapshotRow};
use deciding::{LiveRun, Turn};
use loading::{LoadError, Rebuilt};
use presence::Presence;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tail::{Held, Settled, Verdict};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many commands wait for a run. A turn costs microseconds: more than this is an overload, answered `busy`.
const MAILBOX: usize = 4096;
/// A snapshot is written after this many events, so that waking a run replays at most about as many.
const SNAPSHOT_EVERY: u64 = 200;
/// A run with more than this many times as many bids waits for one event per so many bids: what a snapshot costs grows
/// with the bids, and its share in the cost of an event must not.
const BIDS_PER_EVENT: u64 = 4;
/// A cursor this far behind gets a snapshot instead of the missing events.
const RESUME_LIMIT: u64 = 1000;
/// How long a run that left memory still answers those who hold its address.
const FAREWELL: Duration = Duration::from_secs(2);
/// A run that has not moved for this long to twice as long rests. Longer than a lively run pauses, for going on costs a copy.
const REST: Duration = Duration::from_secs(10);
/// When something decided has waited this long for the database, more is refused: it would wait as long, and callers have
/// their patience.
const BEHIND: Duration = Duration::from_secs(1);
/// What a command costs of the budget besides its texts.
const OVERHEAD_BYTES: usize = 256;

/// What every run needs from its surroundings.
#[derive(Clone)]
pub struct Shared {
    pub db: Database,
    pub hubs: Hubs,
    pub directory: Directory,
    pub budget: Budget,
    pub clock: Clock,
    pub idle: Duration,
    /// Whose turn it is to write a snapshot.
    pub snapshots: Arc<Semaphore>,
}

/// The actor of one run.
pub struct RunActor {
    id: RunId,
    lane: Addr<Persistence>,
    shared: Shared,
    state: State,
    presence: Presence,
    last_used: Instant,
    /// Where the run stood when it was last looked at whether it moves.
    seen: Seq,
    /// What is stored was changed behind our back: leave as soon as all that was decided is durable.
    outdated: bool,
}

enum State {
    Loading,
    Live(Box<LiveRun>),
    /// Not to be had; every message is answered with this until the actor stops.
    Refusing(Refusal),
}

impl RunActor {
    #[must_use]
    pub fn new(id: RunId, lane: Addr<Persistence>, shared: Shared) -> Self {
        let (state, presence, last_used) = (State::Loading, Presence::default(), Instant::now());
        Self { id, lane, shared, state, presence, last_used, seen: 0, outdated: false }
    }

    fn loaded(&mut self, rebuilt: Result<Rebuilt, LoadError>, ctx: &mut Context<Self>) {
        self.state = match rebuilt {
            Ok(rebuilt) => State::Live(Box::new(LiveRun::new(rebuilt))),
            Err(LoadError::Storage(error)) => {
                tracing::warn!(run.id = %self.id, %error, "a run could not be read");
                self.retire(ctx);
                State::Refusing(Refusal::Busy { retry_after_ms: 500 })
            }
            Err(LoadError::Broken(detail)) => {
                tracing::error!(run.id = %self.id, detail, "the log of a run is broken; the run is quarantined");
                State::Refusing(Refusal::Quarantined { detail })
            }
        };
    }

    /// Leaves memory: from now on the directory starts a new actor. Whoever still holds this address is answered
    /// for a while yet; should both write, the fence in the database lets one of them win.
    fn retire(&mut self, ctx: &mut Context<Self>) {
        self.shared.directory.forget(self.id, &ctx.address());
        ctx.run_later(FAREWELL, |actor, ctx| match &actor.state {
            State::Live(live) if !live.tail.is_settled() => actor.retire(ctx),
            _ => ctx.stop(),
        });
    }

    /// Takes less room if nothing was decided since this was asked last.
    fn rest_if_still(&mut self) {
        let State::Live(live) = &mut self.state else { return };
        let now = live.durable.as_ref().map_or(0, |shown| shown.seq());
        if now == self.seen && live.tail.is_settled() {
            live.rest();
        }
        self.seen = now;
    }

    /// Decides nothing more, so that whoever reads the log next has all of it.
    fn leave_if_outdated(&mut self, ctx: &mut Context<Self>) {
        let unsettled = matches!(&self.state, State::Live(live) if !live.tail.is_settled());
        if self.outdated && !unsettled {
            self.outdated = false;
            self.state = State::Refusing(Refusal::Busy { retry_after_ms: 100 });
            self.retire(ctx);
        }
    }

    /// Submits what was decided. The lane's mailbox holds more than the budget lets through; if it is full or gone
    /// all the same, the actor's memory is ahead of the log for good and has to go.
    fn submit(&mut self, change: Change, number: u64, bytes: usize, ctx: &mut Context<Self>) {
        self.shared.budget.take(bytes);
        let receipt = Receipt { run: ctx.address(), number, bytes };
        if self.lane.try_send(Submit { change, receipt }).is_err() {
            self.shared.budget.give_back(bytes);
            tracing::error!(run.id = %self.id, "the lane to the database takes nothing more");
            self.doom(ctx);
        }
    }

    /// Memory is a cache: after a failed commit it is thrown away, and the next caller reads the log.
    fn doom(&mut self, ctx: &mut Context<Self>) {
        if let State::Live(live) = &mut self.state {
            live.tail
                .drain_held()
                .for_each(|held| held.reply.send(self.id, Err(Refusal::Unknown { retry_after_ms: 100 })));
        }
        self.state = State::Refusing(Refusal::Unknown { retry_after_ms: 100 });
        self.retire(ctx);
    }

    /// One turn: judge, fold, hand on. Nothing leaves here but towards the database and the gate.
    fn turn(&mut self, ask: Ask, ctx: &mut Context<Self>) {
        self.last_used = Instant::now();
        let Ask { what, reply, queued } = ask;
        drop(queued);
        let live = match &mut self.state {
            State::Live(live) => live,
            State::Refusing(refusal) => return reply.send(self.id, Err(refusal.clone())),
            State::Loading => return reply.send(self.id, Err(Refusal::Busy { retry_after_ms: 100 })),
        };
        if self.shared.budget.is_full() || live.tail.waits_longer_than(BEHIND) {
            return reply.send(self.id, Err(Refusal::Busy { retry_after_ms: 500 }));
        }
        match live.decide(self.id, what, reply.wants_events()) {
            Turn::Hold(verdict) => {
                let ready = live.tail.hold(Held { reply, verdict });
                if let Some(held) = ready {
                    self.answer(held, ctx);
                }
            }
            Turn::Refuse(refusal) => reply.send(self.id, Err(refusal)),
            Turn::Submit { change, verdict, pending } => {
                let bytes = pending.bytes;
                let number = live.tail.push(pending, Held { reply, verdict });
                self.submit(change, number, bytes, ctx);
            }
        }
    }

    fn answer(&mut self, held: Held, ctx: &mut Context<Self>) {
        let State::Live(live) = &mut self.state else { return };
        let Held { reply, verdict } = held;
        match verdict {
            Verdict::Rejected(rejection) => reply.send(self.id, Err(Refusal::Rejected(rejection))),
            Verdict::Committed { seq, events } => {
                reply.send(self.id, Ok(Answer { run: self.id, seq, events, replayed: false }));
            }
            Verdict::Replayed { first, last } if !reply.wants_events() || first > last => {
                reply.send(
                    self.id,
                    Ok(Answer { run: self.id, seq: last, events: Vec::new(), replayed: true }),
                );
            }
            Verdict::Replayed { first, last } => match live.ring.range(first, last) {
                Some(events) => {
                    reply.send(self.id, Ok(Answer { run: self.id, seq: last, events, replayed: true }))
                }
                None => self.replay_from_log(first, last, reply, ctx),
            },
        }
    }

    fn replay_from_log(&self, first: Seq, last: Seq, reply: Reply, ctx: &mut Context<Self>) {
        let (db, id) = (self.shared.db.clone(), self.id);
        let read = async move {
            let limit = i64::try_from(last + 1 - first).unwrap_or(i64::MAX);
            let rows = journal::events_after(&db, id.0, first.cast_signed() - 1, limit).await;
            let events = rows.map(|rows| rows.iter().map(loading::envelope_of).collect());
            let answer = events.map(|events| Answer { run: id, seq: last, events, replayed: true });
            reply.send(id, answer.map_err(|_| Refusal::Unknown { retry_after_ms: 500 }));
        };
        ctx.spawn(read.into_actor(self));
    }

    /// The gate opens up to change `upto`: first the screens, then the answers.
    fn durable(&mut self, upto: u64, ctx: &mut Context<Self>) {
        let State::Live(live) = &mut self.state else { return };
        let Settled { events, notices, ready } = live.tail.settle(upto);
        if !events.is_empty() {
            let (count, seq) = (events.len(), events.last().map_or(0, |(recorded, _)| recorded.seq));
            tracing::debug!(run.id = %self.id, seq, count, "events are durable and shown");
            let group = live.show(self.id, events, &self.shared.hubs);
            self.tell_group(group);
        }
        for (seq, notice) in notices {
            self.shared.hubs.notify(self.id, seq, notice);
        }
        ready.into_iter().for_each(|held| self.answer(held, ctx));
        self.snapshot_if_due(ctx);
        self.leave_if_outdated(ctx);
    }

    fn tell_group(&self, changed: Option<GroupEvent>) {
        let State::Live(live) = &self.state else { return };
        if let (Some(shown), Some(event)) = (&live.durable, changed) {
            self.shared.hubs.publish_group(shown.run().group_id, &event);
        }
    }

    /// Written away from the turn and from the commits, one of all runs at a time: a snapshot of a large run takes longer
    /// than either may, and runs that are equally busy come due together.
    fn snapshot_if_due(&mut self, ctx: &mut Context<Self>) {
        let State::Live(live) = &mut self.state else { return };
        let Some(shown) = &live.durable else { return };
        let every = SNAPSHOT_EVERY.max(shown.bids() / BIDS_PER_EVENT);
        if live.snapshot_under_way || shown.seq() < live.snapshot_seq + every {
            return;
        }
        live.snapshot_under_way = true;
        let turn = self.shared.snapshots.clone().acquire_owned();
        ctx.spawn(turn.into_actor(self).map(|turn, actor, ctx| {
            if let Ok(turn) = turn {
                actor.keep_snapshot(turn, ctx);
            }
        }));
    }

    /// Out of the durable copy as it is now.
    fn keep_snapshot(&self, turn: OwnedSemaphorePermit, ctx: &mut Context<Self>) {
        let State::Live(live) = &self.state else { return };
        let Some(shown) = live.durable.clone() else { return };
        let (db, id, at) = (self.shared.db.clone(), self.id, (self.shared.clock)());
        let seq = shown.seq();
        let keep = async move {
            let body = tokio::task::spawn_blocking(move || serde_json::to_string(shown.run())).await;
            let kept = match body {
                Ok(Ok(body)) => {
                    let row = SnapshotRow { seq: seq.cast_signed(), body, at: at.timestamp_micros() };
                    journal::keep_snapshot(&db, id.0, &row).await.is_ok()
                }
                Ok(Err(_)) | Err(_) => false,
            };
            drop(turn);
            kept
        };
        ctx.spawn(keep.into_actor(self).map(move |kept, actor, _| {
            let State::Live(live) = &mut actor.state else { return };
            live.snapshot_under_way = false;
            // One that failed is due again with the next event.
            if kept {
                live.snapshot_seq = seq;
            }
        }));
    }
}

impl Actor for RunActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
        let load = loading::rebuild(self.shared.db.clone(), self.id);
        ctx.wait(load.into_actor(self).map(Self::loaded_by));
        ctx.run_interval(self.shared.idle, |actor, ctx| {
            let idle = actor.last_used.elapsed() >= actor.shared.idle;
            let settled = match &actor.state {
                State::Live(live) => live.tail.is_settled(),
                State::Refusing(_) | State::Loading => true,
            };
            if idle && settled {
                actor.retire(ctx);
            }
        });
        ctx.run_interval(REST, |actor, _| actor.rest_if_still());
    }
}

impl RunActor {
    fn loaded_by(rebuilt: Result<Rebuilt, LoadError>, actor: &mut Self, ctx: &mut Context<Self>) {
        actor.loaded(rebuilt, ctx);
    }
}

impl Handler<Ask> for RunActor {
    type Result = ();

    fn handle(&mut self, ask: Ask, ctx: &mut Context<Self>) {
        self.turn(ask, ctx);
    }
}

impl Handler<Committed> for RunActor {
    type Result = ();

    fn handle(&mut self, committed: Committed, ctx: &mut Context<Self>) {
        self.durable(committed.upto, ctx);
    }
}

impl Handler<Reread> for RunActor {
    type Result = ();

    fn handle(&mut self, _: Reread, ctx: &mut Context<Self>) {
        self.outdated = true;
        self.leave_if_outdated(ctx);
    }
}

impl Handler<Doomed> for RunActor {
    type Result = ();

    fn handle(&mut self, _: Doomed, ctx: &mut Context<Self>) {
        self.doom(ctx);
    }
}

impl Handler<Viewers> for RunActor {
    type Result = ();

    fn handle(&mut self, viewers: Viewers, ctx: &mut Context<Self>) {
        if !viewers.users.is_empty() {
            self.last_used = Instant::now();
        }
        if self.presence.set(viewers) {
            ctx.run_later(presence::PACE, |actor, _| {
                let text = actor.presence.frame(actor.id);
                actor.shared.hubs.tell(&Tell { channel: Channel::Run(actor.id), text });
            });
        }
    }
}

impl Handler<Look> for RunActor {
    type Result = ();

    fn handle(&mut self, look: Look, _: &mut Context<Self>) {
        self.last_used = Instant::now();
        match &mut self.state {
            State::Live(live) => look.answer(live.durable.clone().ok_or(Refusal::NotFound)),
            State::Refusing(refusal) => look.answer(Err(refusal.clone())),
            State::Loading => look.answer(Err(Refusal::Busy { retry_after_ms: 100 })),
        }
    }
}

impl Handler<CatchUp> for RunActor {
    type Result = ();

    fn handle(&mut self, ask: CatchUp, ctx: &mut Context<Self>) {
        self.last_used = Instant::now();
        let live = match &mut self.state {
            State::Live(live) => live,
            State::Refusing(refusal) => return ask.refuse(self.id, refusal.clone()),
            State::Loading => return ask.refuse(self.id, Refusal::Busy { retry_after_ms: 100 }),
        };
        let Some(shown) = &live.durable else { return ask.refuse(self.id, Refusal::NotFound) };
        if shown.run().is_closed_to(ask.user) {
            let rejection = Rejection::new(
                bulq_domain::Code::NotAMember,
                "you are not in the group of this run any more",
            );
            return ask.refuse(self.id, Refusal::Rejected(rejection));
        }
        let now = shown.seq();
        let resumable = ask.after.filter(|after| *after <= now && now - *after <= RESUME_LIMIT);
        let Some(after) = resumable else { return ask.snapshot(self.id, shown.clone()) };
        match live.ring.range(after + 1, now) {
            Some(events) => ask.events(self.id, now, &events),
            None => self.catch_up_from_log(ask, after, ctx),
        }
    }
}

impl RunActor {
    fn catch_up_from_log(&self, ask: CatchUp, after: Seq, ctx: &mut Context<Self>) {
        let (db, id) = (self.shared.db.clone(), self.id);
        let read = async move {
            match journal::events_after(&db, id.0, after.cast_signed(), RESUME_LIMIT.cast_signed()).await {
                Ok(rows) => {
                    let seq = rows.last().map_or(after, |row| row.seq.cast_unsigned());
                    let events: Vec<_> = rows.iter().map(loading::envelope_of).collect();
                    ask.events(id, seq, &events);
                }
                Err(_) => ask.refuse(id, Refusal::Busy { retry_after_ms: 500 }),
            }
        };
        ctx.spawn(read.into_actor(self));
    }
}
