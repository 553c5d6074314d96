//! Subscribing, and catching up: joining, reconnecting and lagging are one path.

use super::messages::Missed;
use super::{Ctx, MAX_TOPICS, PATIENCE, Session, Subscription, refuse, refuse_gate, reject, revoked};
use crate::cursor::{Cursor, Output};
use crate::gatekeeper::GateError;
use crate::live::Refusal;
use crate::roster::Channel;
use crate::run::CatchUp;
use actix::prelude::*;
use bulq_domain::{RunId, Seq};
use bulq_protocol::live::{self, ServerFrame, Topic};
use bulq_protocol::wire::Frame;

impl Session {
    pub(super) fn subscribe(&mut self, id: u64, topic: Topic, after: Option<Seq>, ctx: &mut Ctx) {
        match topic {
            Topic::Run(run) => {
                if self.runs.len() >= MAX_TOPICS && !self.runs.iter().any(|s| s.run == run) {
                    return reject(id, "TOO_MANY_TOPICS", "unsubscribe from something first", ctx);
                }
                let (gate, who) = (self.gate.clone(), self.who.clone());
                let admitted = async move { gate.admit(&who, run).await };
                ctx.wait(admitted.into_actor(self).map(move |admitted, session, ctx| match admitted {
                    Ok(()) => session.open(id, run, after, ctx),
                    Err(error) => refuse_gate(id, error, ctx),
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
                ctx.wait(snapshot.into_actor(self).map(move |snapshot, session, ctx| {
                    session.opened(id, topic, Channel::Group(group), snapshot, ctx);
                }));
            }
            Topic::User => {
                let (gate, who) = (self.gate.clone(), self.who.clone());
                let channel = Channel::User(self.who.user);
                self.hub.roster.borrow_mut().subscribe(self.key, channel);
                let snapshot = async move { gate.user_snapshot(&who).await };
                ctx.wait(snapshot.into_actor(self).map(move |snapshot, session, ctx| {
                    session.opened(id, topic, channel, snapshot, ctx);
                }));
            }
        }
    }

    fn opened(
        &mut self,
        id: u64,
        topic: Topic,
        channel: Channel,
        snapshot: Result<String, GateError>,
        ctx: &mut Ctx,
    ) {
        match snapshot {
            Ok(json) => ctx.text(live::subscribed(id, topic, 0, "snapshot", &json)),
            Err(error) => {
                self.hub.roster.borrow_mut().unsubscribe(self.key, channel);
                refuse_gate(id, error, ctx);
            }
        }
    }

    fn open(&mut self, id: u64, run: RunId, after: Option<Seq>, ctx: &mut Ctx) {
        self.hub.roster.borrow_mut().subscribe(self.key, Channel::Run(run));
        self.runs.retain(|s| s.run != run);
        let (cursor, ask) = Cursor::subscribe(after);
        self.runs.push(Subscription { run, cursor, token: 0, unanswered: Some(id) });
        self.perform(run, ask, ctx);
    }

    pub(super) fn unsubscribe(&mut self, topic: Topic) {
        let channel = match topic {
            Topic::Run(run) => {
                self.runs.retain(|s| s.run != run);
                Channel::Run(run)
            }
            Topic::Group(group) => Channel::Group(group),
            Topic::User => Channel::User(self.who.user),
        };
        self.hub.roster.borrow_mut().unsubscribe(self.key, channel);
    }

    pub(super) fn perform(&mut self, run: RunId, output: Output<Frame>, ctx: &mut Ctx) {
        match output {
            Output::Send(frame) => ctx.text(frame.text().clone()),
            Output::Ask { after } => self.ask_run(run, after, ctx),
        }
    }

    fn ask_run(&mut self, run: RunId, after: Option<Seq>, ctx: &mut Ctx) {
        let Some(subscription) = self.runs.iter_mut().find(|s| s.run == run) else { return };
        self.questions += 1;
        let token = self.questions;
        subscription.token = token;
        let ask = CatchUp { user: self.who.user, after, token, to: ctx.address() };
        if self.live.catch_up(run, ask).is_err() {
            metrics::counter!("bulq_catch_up_retries_total").increment(1);
        }
        // An answer can be lost with its actor, or find this mailbox full: ask again until it is here.
        ctx.run_later(PATIENCE, move |session, ctx| {
            let still = session.runs.iter().any(|s| s.run == run && s.token == token && s.cursor.is_asking());
            if still {
                session.ask_run(run, after, ctx);
            }
        });
    }

    pub(super) fn caught_up(&mut self, run: RunId, missed: Missed, ctx: &mut Ctx) {
        let Some(subscription) = self.runs.iter_mut().find(|s| s.run == run) else { return };
        let topic = Topic::Run(run);
        let seq = match (missed, subscription.unanswered.take()) {
            (Missed::Snapshot(shown), Some(id)) => {
                let json = shown.view_for(self.who.user);
                ctx.text(live::subscribed(id, topic, shown.seq(), "snapshot", &json));
                shown.seq()
            }
            (Missed::Snapshot(_), None) => {
                let reason = "too far behind".to_owned();
                ctx.text(live::json(&ServerFrame::Reset { topic, reason }));
                return self.unsubscribe(topic);
            }
            (Missed::Events { seq, json }, Some(id)) => {
                ctx.text(live::subscribed(id, topic, seq, "events", &json));
                seq
            }
            (Missed::Events { seq, json }, None) => {
                if seq > subscription.cursor.seq() {
                    ctx.text(format!(r#"{{"type":"events","topic":"{topic}","events":{json}}}"#));
                }
                seq
            }
        };
        let outputs = subscription.cursor.on_caught_up(seq);
        for output in outputs {
            self.perform(run, output, ctx);
        }
    }

    pub(super) fn catch_up_refused(&mut self, run: RunId, refusal: Refusal, ctx: &mut Ctx) {
        let Some(subscription) = self.runs.iter_mut().find(|s| s.run == run) else { return };
        match (subscription.unanswered.take(), refusal) {
            (Some(id), refusal) => {
                self.unsubscribe(Topic::Run(run));
                refuse(id, refusal, ctx);
            }
            // The timer set with the question asks again.
            (None, Refusal::Busy { .. } | Refusal::Unknown { .. }) => {}
            (None, _) => {
                self.unsubscribe(Topic::Run(run));
                revoked(Topic::Run(run), ctx);
            }
        }
    }
}
