//! One message, one handler.

use super::messages::{Answered, Beat, CaughtUp, Deliver, Nudge, Revoke, Say, Shut};
use super::{Ctx, Session, Subscription, refuse, revoked};
use actix::prelude::*;
use bulq_protocol::live;

impl Handler<Deliver> for Session {
    type Result = ();

    fn handle(&mut self, deliver: Deliver, ctx: &mut Ctx) {
        if self.is_cut(ctx) {
            return;
        }
        let run = deliver.0.run();
        let Some(subscription) = self.runs.iter_mut().find(|s| s.run == run) else { return };
        if let Some(output) = subscription.cursor.on_frame(deliver.0) {
            self.perform(run, output, ctx);
        }
    }
}

impl Handler<Nudge> for Session {
    type Result = ();

    fn handle(&mut self, nudge: Nudge, ctx: &mut Ctx) {
        let Some(subscription) = self.runs.iter_mut().find(|s| s.run == nudge.0) else { return };
        if let Some(output) = subscription.cursor.on_nudge() {
            self.perform(nudge.0, output, ctx);
        }
    }
}

impl Handler<Beat> for Session {
    type Result = ();

    fn handle(&mut self, _: Beat, ctx: &mut Ctx) {
        ctx.ping(b"");
    }
}

impl Handler<Say> for Session {
    type Result = ();

    fn handle(&mut self, say: Say, ctx: &mut Ctx) {
        if !self.is_cut(ctx) {
            ctx.text(say.0);
        }
    }
}

impl Handler<Revoke> for Session {
    type Result = ();

    fn handle(&mut self, revoke: Revoke, ctx: &mut Ctx) {
        self.unsubscribe(revoke.0);
        revoked(revoke.0, ctx);
    }
}

impl Handler<Shut> for Session {
    type Result = ();

    fn handle(&mut self, shut: Shut, ctx: &mut Ctx) {
        self.shut(shut.code, &shut.reason, ctx);
    }
}

impl Handler<Answered> for Session {
    type Result = ();

    fn handle(&mut self, answered: Answered, ctx: &mut Ctx) {
        if self.is_cut(ctx) {
            return;
        }
        let Answered { id, run, outcome } = answered;
        self.answered(id);
        match outcome {
            Ok(seq) => ctx.text(live::committed(id, run, seq)),
            Err(refusal) => refuse(id, refusal, ctx),
        }
    }
}

impl Handler<CaughtUp> for Session {
    type Result = ();

    fn handle(&mut self, caught_up: CaughtUp, ctx: &mut Ctx) {
        let expected =
            |s: &Subscription| s.run == caught_up.run && s.token == caught_up.token && s.cursor.is_asking();
        if self.is_cut(ctx) || !self.runs.iter().any(expected) {
            return;
        }
        match caught_up.missed {
            Ok(missed) => self.caught_up(caught_up.run, missed, ctx),
            Err(refusal) => self.catch_up_refused(caught_up.run, refusal, ctx),
        }
    }
}
