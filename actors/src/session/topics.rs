//! Subscribing, and catching up: joining, reconnecting and lagging are one path.

use super::messages::Missed;
use super::screen::Subscription;
use super::{Ctx, MAX_TOPICS, PATIENCE, Session};
use crate::cursor::{Cursor, Output};
use crate::gatekeeper::GateError;
use crate::live::Refusal;
use crate::roster::Channel;
use crate::run::CatchUp;
use crate::writer;
use actix::prelude::*;
use bulq_domain::{RunId, Seq};
use bulq_protocol::live::{self, ServerFrame, Topic};
use bulq_protocol::wire::Frame;

impl Session {
    pub(super) fn subscribe(&mut self, id: u64, topic: Topic, after: Option<Seq>, ctx: &mut Ctx) {
        match topic {
            Topic::Run(run) => {
                if self.has_enough_without(run) {
                    return self.reject(id, "TOO_MANY_TOPICS", "unsubscribe from something first");
                }
                let (gate, who) = (self.gate.clone(), self.who.clone());
                let admitted = async move { gate.admit(&who, run).await };
                ctx.wait(admitted.into_actor(self).map(move |admitted, session, ctx| match admitted {
                    Ok(()) => session.open(id, run, after, ctx),
                    Err(error) => session.refuse_gate(id, error),
                }));
            }
            Topic::Group(group) => {
                let (gate, who) = (self.gate.clone(), self.who.clone());
                // Listening begins before the snapshot is taken: nothing can fall between the two.
                self.hub.roster.borrow_mut().subscribe(self.key, Channel::Group(group));
                let snapshot = async move {
                    gate.admit_group(&who, group).await?;
                    gate.group_snapshot(&who, group).await
                };
                ctx.wait(snapshot.into_actor(self).map(move |snapshot, session, _| {
                    session.opened(id, topic, Channel::Group(group), snapshot);
                }));
            }
            Topic::User => {
                let (gate, who) = (self.gate.clone(), self.who.clone());
                let channel = Channel::User(self.who.user);
                self.hub.roster.borrow_mut().subscribe(self.key, channel);
                let snapshot = async move { gate.user_snapshot(&who).await };
                ctx.wait(snapshot.into_actor(self).map(move |snapshot, session, _| {
                    session.opened(id, topic, channel, snapshot);
                }));
            }
        }
    }

    fn has_enough_without(&self, run: RunId) -> bool {
        let runs = self.screen.runs.borrow();
        runs.len() >= MAX_TOPICS && !runs.iter().any(|s| s.run == run)
    }

    fn opened(&mut self, id: u64, topic: Topic, channel: Channel, snapshot: Result<String, GateError>) {
        match snapshot {
            Ok(json) => self.say(&live::subscribed(id, topic, 0, "snapshot", &json)),
            Err(error) => {
                self.hub.roster.borrow_mut().unsubscribe(self.key, channel);
                self.refuse_gate(id, error);
            }
        }
    }

    fn open(&mut self, id: u64, run: RunId, after: Option<Seq>, ctx: &mut Ctx) {
        self.hub.roster.borrow_mut().subscribe(self.key, Channel::Run(run));
        let (cursor, ask) = Cursor::subscribe(after);
        let subscription = Subscription { run, cursor, token: 0, unanswered: Some(id) };
        let mut runs = self.screen.runs.borrow_mut();
        runs.retain(|s| s.run != run);
        runs.push(subscription);
        drop(runs);
        self.perform(run, ask, ctx);
    }

    pub(super) fn unsubscribe(&mut self, topic: Topic) {
        let channel = match topic {
            Topic::Run(run) => {
                self.screen.runs.borrow_mut().retain(|s| s.run != run);
                Channel::Run(run)
            }
            Topic::Group(group) => Channel::Group(group),
            Topic::User => Channel::User(self.who.user),
        };
        self.hub.roster.borrow_mut().unsubscribe(self.key, channel);
    }

    pub(super) fn perform(&mut self, run: RunId, output: Output<Frame>, ctx: &mut Ctx) {
        match output {
            Output::Send(frame) => self.screen.writer.push(writer::text_frame(frame.text())),
            Output::Ask { after } => self.ask_run(run, after, ctx),
        }
    }

    fn ask_run(&mut self, run: RunId, after: Option<Seq>, ctx: &mut Ctx) {
        self.questions += 1;
        let token = self.questions;
        match self.screen.runs.borrow_mut().iter_mut().find(|s| s.run == run) {
            Some(subscription) => subscription.token = token,
            None => return,
        }
        let ask = CatchUp { user: self.who.user, after, token, to: ctx.address() };
        if self.live.catch_up(run, ask).is_err() {
            metrics::counter!("bulq_catch_up_retries_total").increment(1);
        }
        // An answer can be lost with its actor, or find this mailbox full: ask again until it is here.
        ctx.run_later(PATIENCE, move |session, ctx| {
            let open = |s: &Subscription| s.run == run && s.token == token && s.cursor.is_asking();
            let still = session.screen.runs.borrow().iter().any(open);
            if still {
                session.ask_run(run, after, ctx);
            }
        });
    }

    pub(super) fn caught_up(&mut self, run: RunId, missed: Missed, ctx: &mut Ctx) {
        let topic = Topic::Run(run);
        let Some((unanswered, shown)) = self.with(run, |s| (s.unanswered.take(), s.cursor.seq())) else {
            return;
        };
        let seq = match (missed, unanswered) {
            (Missed::Snapshot(shown), Some(id)) => {
                let json = shown.view_for(self.who.user);
                self.say(&live::subscribed(id, topic, shown.seq(), "snapshot", &json));
                shown.seq()
            }
            (Missed::Snapshot(_), None) => {
                let reason = "too far behind".to_owned();
                self.say(&live::json(&ServerFrame::Reset { topic, reason }));
                return self.unsubscribe(topic);
            }
            (Missed::Events { seq, json }, Some(id)) => {
                self.say(&live::subscribed(id, topic, seq, "events", &json));
                seq
            }
            (Missed::Events { seq, json }, None) => {
                if seq > shown {
                    self.say(&format!(r#"{{"type":"events","topic":"{topic}","events":{json}}}"#));
                }
                seq
            }
        };
        let outputs = self.with(run, |s| s.cursor.on_caught_up(seq)).unwrap_or_default();
        for output in outputs {
            self.perform(run, output, ctx);
        }
    }

    /// Whatever `change` does to the subscription, if there is one.
    fn with<T>(&self, run: RunId, change: impl FnOnce(&mut Subscription) -> T) -> Option<T> {
        self.screen.runs.borrow_mut().iter_mut().find(|s| s.run == run).map(change)
    }

    pub(super) fn catch_up_refused(&mut self, run: RunId, refusal: Refusal) {
        let Some(unanswered) = self.with(run, |s| s.unanswered.take()) else { return };
        match (unanswered, refusal) {
            (Some(id), refusal) => {
                self.unsubscribe(Topic::Run(run));
                self.refuse(id, refusal);
            }
            // The timer set with the question asks again.
            (None, Refusal::Busy { .. } | Refusal::Unknown { .. }) => {}
            (None, _) => {
                self.unsubscribe(Topic::Run(run));
                self.revoked(Topic::Run(run));
            }
        }
    }
}
