//! One message, one handler.

use super::messages::{Answered, Beat, CaughtUp, Nudge, Revoke, Say, Shut};
use super::screen::Subscription;
use super::{Ctx, Session};
use crate::writer;
use actix::prelude::*;
use bulq_protocol::live;

impl Handler<Nudge> for Session {
    type Result = ();

    fn handle(&mut self, nudge: Nudge, ctx: &mut Ctx) {
        let find = |s: &&mut Subscription| s.run == nudge.0;
        let output = self.screen.runs.borrow_mut().iter_mut().find(find).and_then(|s| s.cursor.on_nudge());
        if let Some(output) = output {
            self.perform(nudge.0, output, ctx);
        }
    }
}

impl Handler<Beat> for Session {
    type Result = ();

    fn handle(&mut self, _: Beat, ctx: &mut Ctx) {
        if self.screen.writer.is_early() {
            return ctx.ping(b"");
        }
        self.screen.writer.push(writer::ping_frame());
    }
}

impl Handler<Say> for Session {
    type Result = ();

    fn handle(&mut self, say: Say, ctx: &mut Ctx) {
        if !self.is_cut(ctx) {
            self.say(&say.0);
        }
    }
}

impl Handler<Revoke> for Session {
    type Result = ();

    fn handle(&mut self, revoke: Revoke, _: &mut Ctx) {
        self.unsubscribe(revoke.0);
        self.revoked(revoke.0);
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
        if !self.answered(id) {
            return;
        }
        match outcome {
            Ok(seq) => self.say(&live::committed(id, run, seq)),
            Err(refusal) => self.refuse(id, refusal),
        }
    }
}

impl Handler<CaughtUp> for Session {
    type Result = ();

    fn handle(&mut self, caught_up: CaughtUp, ctx: &mut Ctx) {
        let expected =
            |s: &Subscription| s.run == caught_up.run && s.token == caught_up.token && s.cursor.is_asking();
        if self.is_cut(ctx) || !self.screen.runs.borrow().iter().any(expected) {
            return;
        }
        match caught_up.missed {
            Ok(missed) => self.caught_up(caught_up.run, missed, ctx),
            Err(refusal) => self.catch_up_refused(caught_up.run, refusal),
        }
    }
}
