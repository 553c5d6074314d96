//! Judging, folding and recording: a turn without its actor.

use super::OVERHEAD_BYTES;
use super::loading::Rebuilt;
use super::messages::{Stamp, What};
use super::remembered::{self, Outcome, Remembered};
use super::ring::Ring;
use super::shown::Shown;
use super::tail::{Pending, Tail, Verdict};
use crate::hub::{Hubs, Publish, ShutOut};
use crate::live::Refusal;
use bulq_domain::run::Notice;
use bulq_domain::{Event, Recorded, Rejection, Run, RunId, Seq};
use bulq_protocol::live::GroupEvent;
use bulq_protocol::wire::{self, Frame};
use bulq_storage::journal::{Change, CommandRow, EventRow, NoticeRow};
use std::sync::Arc;

/// A run in memory: what is decided, what is shown, and what lies between.
pub(super) struct LiveRun {
    /// What is decided; none while the run rests, for then it is what is durable.
    ahead: Option<Run>,
    /// None until the run is created.
    pub(super) durable: Option<Arc<Shown>>,
    /// The epoch the database's row has, as far as this actor knows.
    pub(super) epoch_stored: i64,
    /// The epoch this actor writes.
    pub(super) epoch: i64,
    pub(super) tail: Tail,
    pub(super) ring: Ring,
    pub(super) remembered: Remembered,
    pub(super) snapshot_seq: Seq,
    pub(super) snapshot_under_way: bool,
}

/// What a turn comes to.
#[expect(clippy::large_enum_variant, reason = "lives for one turn; the large variant is the common one")]
pub(super) enum Turn {
    /// Nothing to write; the answer waits until all it rests on is durable.
    Hold(Verdict),
    Submit {
        change: Change,
        verdict: Verdict,
        pending: Pending,
    },
    Refuse(Refusal),
}

impl LiveRun {
    pub(super) fn new(rebuilt: Rebuilt) -> Self {
        let Rebuilt { run, epoch, snapshot_seq, recent, remembered } = rebuilt;
        Self {
            ahead: None,
            durable: run.map(|run| Arc::new(Shown::of(run))),
            epoch_stored: epoch,
            epoch: epoch + 1,
            tail: Tail::default(),
            ring: recent,
            remembered,
            snapshot_seq,
            snapshot_under_way: false,
        }
    }

    /// What commands are judged by. None until the run is created.
    fn decided(&self) -> Option<&Run> {
        self.ahead.as_ref().or_else(|| self.durable.as_deref().map(Shown::run))
    }

    /// Everything decided is durable, and for a while nothing has been: keeps one copy of the run and what most who come
    /// back will ask for.
    pub(super) fn rest(&mut self) {
        self.ring.shorten();
        self.remembered.settle();
        if let Some(shown) = self.durable.as_mut().and_then(Arc::get_mut) {
            shown.rest(self.ahead.is_some());
        }
        self.ahead = None;
    }

    pub(super) fn decide(&mut self, id: RunId, what: What, wants_events: bool) -> Turn {
        let stamp = what.stamp();
        if let Some(known) = stamp.command_id.and_then(|command| self.remembered.get(command)) {
            return replay(known, stamp.fingerprint);
        }
        match what.judge(self.decided()) {
            Ok(events) if events.is_empty() && stamp.command_id.is_none() => {
                let seq = self.decided().map_or(0, |run| run.seq);
                Turn::Hold(Verdict::Committed { seq, events: Vec::new() })
            }
            Ok(events) => self.record(id, events, &stamp, wants_events),
            Err(Refusal::Rejected(rejection)) if stamp.command_id.is_some() => {
                self.record_rejection(id, rejection, &stamp)
            }
            Err(Refusal::Rejected(rejection)) => Turn::Hold(Verdict::Rejected(rejection)),
            Err(refusal) => Turn::Refuse(refusal),
        }
    }

    fn record(&mut self, id: RunId, events: Vec<Event>, stamp: &Stamp, wants_events: bool) -> Turn {
        let first = self.decided().map_or(0, |run| run.seq) + 1;
        let mut pending = Pending {
            recorded: Vec::with_capacity(events.len()),
            envelopes: Vec::with_capacity(events.len()),
            notices: Vec::new(),
            bytes: OVERHEAD_BYTES,
        };
        let mut rows = Vec::with_capacity(events.len());
        if self.ahead.is_none() {
            self.ahead = self.decided().cloned();
        }
        for (seq, event) in (first..).zip(events) {
            let recorded = Recorded { seq, at: stamp.at, by: stamp.by, command_id: stamp.command_id, event };
            let body = wire::event_body(&recorded.event);
            let envelope = wire::envelope(seq, stamp.at, stamp.by, stamp.command_id, &body);
            if let Some(run) = &self.ahead {
                pending.notices.extend(run.notices(&recorded).into_iter().map(|notice| (seq, notice)));
            }
            fold(&mut self.ahead, id, &recorded);
            pending.bytes += body.len() + envelope.len();
            rows.push(row_of(&recorded, body));
            pending.envelopes.push(envelope);
            pending.recorded.push(recorded);
        }
        let last = first + rows.len() as Seq - 1;
        let events = if wants_events { pending.envelopes.clone() } else { Vec::new() };
        let command = stamp.command_id.map(|command| {
            self.remembered.insert(command, stamp.fingerprint, Outcome::committed(first, last));
            command_row(command.0, stamp, first, last, None)
        });
        let notices = pending.notices.iter().map(|(seq, notice)| notice_row(*seq, *notice, stamp)).collect();
        let change = Change { notices, ..self.change(id, first, last, rows, command) };
        Turn::Submit { change, verdict: Verdict::Committed { seq: last, events }, pending }
    }

    /// A rejection with a command id is kept too: all answers to one id are equal, even after the run has moved on.
    fn record_rejection(&mut self, id: RunId, rejection: Rejection, stamp: &Stamp) -> Turn {
        let seq = self.decided().map_or(0, |run| run.seq);
        let Some(command) = stamp.command_id.filter(|_| self.decided().is_some()) else {
            return Turn::Hold(Verdict::Rejected(rejection));
        };
        let outcome = serde_json::to_string(&rejection).expect("rejections are plain data");
        let bytes = OVERHEAD_BYTES + outcome.len();
        self.remembered.insert(command, stamp.fingerprint, Outcome::Rejected(Box::new(rejection.clone())));
        let row = command_row(command.0, stamp, seq + 1, seq, Some(outcome));
        let change = self.change(id, seq + 1, seq, Vec::new(), Some(row));
        let pending = Pending::silent(bytes);
        Turn::Submit { change, verdict: Verdict::Rejected(rejection), pending }
    }

    fn change(
        &mut self,
        id: RunId,
        first: Seq,
        last: Seq,
        events: Vec<EventRow>,
        command: Option<CommandRow>,
    ) -> Change {
        let expected_epoch = std::mem::replace(&mut self.epoch_stored, self.epoch);
        let (first_seq, last_seq) = (first.cast_signed(), last.cast_signed());
        Change {
            run_id: id.0,
            expected_epoch,
            epoch: self.epoch,
            first_seq,
            last_seq,
            events,
            notices: Vec::new(),
            command,
        }
    }

    /// Makes durable events visible: one frame for all of them, cut after each event that shuts somebody out.
    pub(super) fn show(
        &mut self,
        id: RunId,
        events: Vec<(Recorded, Arc<str>)>,
        hubs: &Hubs,
    ) -> Option<GroupEvent> {
        let mut changed = None;
        let mut frame: Vec<Arc<str>> = Vec::with_capacity(events.len());
        let mut first = events.first().map_or(1, |(recorded, _)| recorded.seq);
        for (recorded, envelope) in events {
            Shown::fold(&mut self.durable, id, &recorded);
            self.ring.push(recorded.seq, envelope.clone());
            frame.push(envelope);
            if let Some(state) = recorded.event.new_state() {
                changed = Some(GroupEvent::RunChanged { run_id: id, state, seq: recorded.seq });
            }
            if let Some(user) = recorded.event.shuts_out() {
                let cut = std::mem::take(&mut frame);
                hubs.publish(&Publish(Frame::new(id, first, cut.iter().map(|e| &**e))));
                hubs.shut_out(ShutOut { run: id, user });
                first = recorded.seq + 1;
            }
        }
        if !frame.is_empty() {
            hubs.publish(&Publish(Frame::new(id, first, frame.iter().map(|e| &**e))));
        }
        changed
    }
}

pub(super) fn fold(run: &mut Option<Run>, id: RunId, recorded: &Recorded) {
    match run {
        Some(run) => run.apply(recorded),
        None => *run = Run::begin(id, recorded),
    }
}

fn replay(known: &remembered::Entry, fingerprint: i64) -> Turn {
    if known.fingerprint != fingerprint {
        let detail = "this command id was used before, for something else";
        return Turn::Hold(Verdict::Rejected(Rejection::new(bulq_domain::Code::CommandIdReused, detail)));
    }
    Turn::Hold(match &known.outcome {
        Outcome::Committed { first, events } => {
            Verdict::Replayed { first: *first, last: (*first + Seq::from(*events)).saturating_sub(1) }
        }
        Outcome::Rejected(rejection) => Verdict::Rejected((**rejection).clone()),
    })
}

fn row_of(recorded: &Recorded, body: Arc<str>) -> EventRow {
    EventRow {
        seq: recorded.seq.cast_signed(),
        command_id: recorded.command_id.map(|id| id.0),
        actor_id: recorded.by.map(|id| id.0),
        at: recorded.at.timestamp_micros(),
        kind: recorded.event.kind(),
        body,
        event: recorded.event.clone(),
    }
}

fn notice_row(seq: Seq, notice: Notice, stamp: &Stamp) -> NoticeRow {
    let (user_id, kind) = (notice.user.0, notice.kind.as_str());
    NoticeRow { user_id, seq: seq.cast_signed(), kind, at: stamp.at.timestamp_micros() }
}

fn command_row(
    command_id: uuid::Uuid,
    stamp: &Stamp,
    first: Seq,
    last: Seq,
    outcome: Option<String>,
) -> CommandRow {
    CommandRow {
        command_id,
        actor_id: stamp.author.0,
        fingerprint: stamp.fingerprint,
        first_seq: first.cast_signed(),
        seq: last.cast_signed(),
        outcome,
    }
}

#[cfg(test)]
mod tests;
