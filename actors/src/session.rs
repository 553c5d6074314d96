//! One socket. The only file that knows actix-web-actors.
//!
//! A session parses frames, asks the gatekeeper, hands commands to runs and sends what its cursors say. It holds
//! no rule. Frames of one socket are handled in the order they came.

mod handlers;
mod messages;
mod screen;
mod topics;

pub use messages::*;
pub(crate) use screen::{Handed, Screen};

use crate::gatekeeper::{GateError, Gatekeeper, Who};
use crate::hub::HubHandle;
use crate::live::{Live, Refusal};
use crate::logins::Seat;
use crate::reading::{Heard, MESSAGE_BYTES, Reading, short};
use crate::roster::{Key, Newcomer, Pulse, TOO_SLOW_REASON};
use crate::run::{Ask, Queued, Reply, What};
use crate::transport::{Heads, Killer};
use crate::writer::{self, Writer};
use actix::prelude::*;
use actix_web::error::ErrorInternalServerError;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;
use bulq_domain::{Command, CommandId, RunId};
use bulq_protocol::live::{self, ClientFrame, FrameError, ServerFrame, Topic, close};
use bytes::Bytes;
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Frames that wait for a session. A session that does not keep up asks its runs for what it missed.
const MAILBOX: usize = 64;
/// A message may come in parts, and control frames between them: so many frames of any kind for each message allowed.
const FRAMES_PER_MESSAGE: u32 = 4;
/// Topics one socket may have open.
const MAX_TOPICS: usize = 100;
/// A command that was not answered by then is answered `unknown`.
const PATIENCE: Duration = Duration::from_secs(5);
const RETRY_AFTER_MS: u64 = 500;
/// Whoever is told to come back later is not listened to for so long: reading and refusing what they send regardless would take
/// the time in which it could be done. A tenth of a second: what a client may send in it is a tenth of its limit.
const DEAF: Duration = Duration::from_millis(100);
/// How long a socket that is being closed may take to read what was written to it.
const LAST_WORDS: Duration = Duration::from_secs(5);
const SESSION_ENDED: &str = "the session has ended";

/// The actor of one socket.
pub struct Session {
    who: Who,
    live: Live,
    hub: HubHandle,
    gate: Arc<dyn Gatekeeper>,
    killer: Killer,
    screen: Rc<Screen>,
    pulse: Rc<Pulse>,
    key: Key,
    seat: Seat,
    /// How many logins had ended when this one was last looked up.
    logins_ended: u64,
    /// How many questions were asked of runs; each gets its number as a token.
    questions: u64,
    /// Commands without an answer yet, oldest first.
    asked: VecDeque<(u64, Instant)>,
    /// The timer for them runs. One at most: each turn of an actor looks at all its timers.
    waiting: bool,
    reading: Reading,
    window: Window,
}

/// What came since this second began.
struct Window {
    begun: Instant,
    messages: u32,
    frames: u32,
    /// Messages on top: they waited while nobody listened.
    waited: u32,
}

impl Window {
    const fn new(begun: Instant) -> Self {
        Self { begun, messages: 0, frames: 0, waited: 0 }
    }

    /// Counts a frame. `limit`: messages a second.
    fn is_exceeded_by(&mut self, is_message: bool, limit: u32, now: Instant) -> bool {
        if now.duration_since(self.begun) >= Duration::from_secs(1) {
            *self = Self { waited: self.waited, ..Self::new(now) };
        }
        self.frames += 1;
        self.messages += u32::from(is_message);
        if self.messages > limit && self.waited > 0 {
            self.messages -= 1;
            self.waited -= 1;
        }
        self.messages > limit || self.frames > limit.saturating_mul(FRAMES_PER_MESSAGE)
    }
}

/// Turns the request into a live connection. Identity and origin were checked before.
///
/// # Errors
/// What actix says of a request that is no WebSocket handshake.
pub fn upgrade(
    request: &HttpRequest,
    stream: web::Payload,
    who: Who,
    live: &Live,
    hub: &HubHandle,
    gate: Arc<dyn Gatekeeper>,
) -> Result<HttpResponse, actix_web::Error> {
    let now = Instant::now();
    let killer = request.conn_data::<Killer>().cloned();
    let killer = killer.ok_or_else(|| ErrorInternalServerError("this listener has no second handle"))?;
    if let Some(heads) = request.conn_data::<Heads>() {
        heads.end();
    }
    let (stream, reading) = Reading::new(stream);
    let session = Session {
        who,
        live: live.clone(),
        hub: hub.clone(),
        gate,
        screen: Rc::new(Screen::new(Writer::new(killer.clone(), hub.flusher.clone()))),
        killer,
        pulse: Rc::new(Pulse { cut: Cell::new(None), heard: Cell::new(now) }),
        key: 0,
        seat: 0,
        logins_ended: 0,
        questions: 0,
        asked: VecDeque::new(),
        waiting: false,
        reading,
        window: Window::new(now),
    };
    ws::WsResponseBuilder::new(session, request, stream).frame_size(MESSAGE_BYTES).start()
}

type Ctx = ws::WebsocketContext<Session>;

impl Actor for Session {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        ctx.set_mailbox_capacity(MAILBOX);
        let (user, login) = (self.who.user, self.who.session);
        self.seat = self.live.take_seat(user);
        self.key = self.hub.roster.borrow_mut().enter(Newcomer {
            addr: ctx.address(),
            user,
            login,
            seat: self.seat,
            killer: self.killer.clone(),
            pulse: self.pulse.clone(),
            screen: self.screen.clone(),
        });
        if self.live.has_ended(login) {
            return self.shut(close::REVOKED, SESSION_ENDED, ctx);
        }
        let heartbeat = self.live.config().heartbeat;
        let welcome = ServerFrame::Welcome {
            session: login,
            user,
            server_time: self.live.now(),
            heartbeat_s: heartbeat.as_secs(),
        };
        // The client has said nothing yet: actix writes this, behind its answer to the handshake.
        ctx.text(live::json(&welcome));
    }

    fn stopped(&mut self, _: &mut Ctx) {
        self.live.leave_seat(self.who.user, self.seat);
        self.hub.roster.borrow_mut().leave(self.key);
    }
}

impl Session {
    /// Everything that is said once the client has spoken.
    fn say(&self, text: &str) {
        self.screen.writer.push(writer::text_frame(text));
        if self.screen.writer.is_full() {
            self.hub.roster.borrow_mut().lags(self.key, Instant::now());
        }
    }

    fn shut(&mut self, code: u16, reason: &str, ctx: &mut Ctx) {
        if self.screen.writer.is_early() {
            ctx.close(Some(ws::CloseReason { code: code.into(), description: Some(reason.to_owned()) }));
            return ctx.stop();
        }
        self.end(writer::close_frame(Some(code), reason), ctx);
    }

    fn end(&self, last: Bytes, ctx: &mut Ctx) {
        self.screen.writer.end::<Self>(last, LAST_WORDS, ctx);
    }

    /// The hub has given this socket up; whatever still lies in the mailbox is for nobody.
    fn is_cut(&mut self, ctx: &mut Ctx) -> bool {
        if self.screen.writer.is_closing() {
            return true;
        }
        if self.login_has_ended() {
            self.shut(close::REVOKED, SESSION_ENDED, ctx);
            return true;
        }
        match self.pulse.cut.get() {
            Some(close::TOO_SLOW) => {
                self.shut(close::TOO_SLOW, TOO_SLOW_REASON, ctx);
                true
            }
            Some(close::REVOKED) => {
                self.shut(close::REVOKED, SESSION_ENDED, ctx);
                true
            }
            Some(_) | None => false,
        }
    }

    /// The hub says so, too, but what a client sends behind the answer to a logout may be here before.
    fn login_has_ended(&mut self) -> bool {
        let ended = self.live.logins_ended();
        let is_news = std::mem::replace(&mut self.logins_ended, ended) != ended;
        is_news && self.live.has_ended(self.who.session)
    }

    fn on_text(&mut self, text: &str, ctx: &mut Ctx) {
        match ClientFrame::from_json(text) {
            Ok(ClientFrame::Command { id, run, command_id, command }) => {
                self.command(id, run, command_id, command, ctx)
            }
            Ok(ClientFrame::Subscribe { id, topic, after }) => self.subscribe(id, topic, after, ctx),
            Ok(ClientFrame::Unsubscribe { id, topic }) => {
                self.unsubscribe(topic);
                self.say(&live::json(&ServerFrame::Unsubscribed { id }));
            }
            Ok(ClientFrame::Ping { id }) => self.say(&live::json(&ServerFrame::Pong { id })),
            Err(FrameError::Invalid { id, detail }) => self.reject(id, "INVALID_FRAME", &detail),
            Err(FrameError::Protocol(reason)) => self.shut(close::PROTOCOL, &short(&reason), ctx),
        }
    }

    fn too_many(&mut self, heard: &Heard) -> bool {
        let Some(limit) = self.live.config().frames_per_second else { return false };
        self.window.is_exceeded_by(matches!(heard, Heard::Text(_) | Heard::Binary(_)), limit, Instant::now())
    }

    fn command(
        &mut self,
        id: u64,
        run: RunId,
        command_id: Option<CommandId>,
        command: Command,
        ctx: &mut Ctx,
    ) {
        if self.asked.len() >= self.live.config().max_command_backlog {
            return self.busy(id, RETRY_AFTER_MS);
        }
        if !std::mem::replace(&mut self.waiting, true) {
            ctx.run_later(PATIENCE, |session, ctx| session.give_up_waiting(ctx));
        }
        self.asked.push_back((id, Instant::now()));
        match self.gate.context_now(&self.who, run, &command, command_id) {
            Some(context) => self.hand_on(id, run, command, context, ctx),
            None => {
                // Waiting stops this socket until the edge has looked it up: its commands keep their order.
                let (gate, who) = (self.gate.clone(), self.who.clone());
                let lookup = async move {
                    let context = gate.context(&who, run, &command, command_id).await;
                    (command, context)
                };
                ctx.wait(lookup.into_actor(self).map(move |(command, context), session, ctx| {
                    session.hand_on(id, run, command, context, ctx);
                }));
            }
        }
    }

    fn hand_on(
        &mut self,
        id: u64,
        run: RunId,
        command: Command,
        context: Result<bulq_domain::Context, GateError>,
        ctx: &mut Ctx,
    ) {
        if self.is_cut(ctx) {
            return;
        }
        let context = match context {
            Ok(context) => context,
            Err(error) => {
                if self.answered(id) {
                    self.refuse_gate(id, error);
                }
                return;
            }
        };
        let reply = Reply::Socket { to: ctx.address(), id };
        let ask = Ask { what: What::Command(Box::new((command, context))), reply, queued: Queued::now() };
        if let Err(refusal) = self.live.tell(run, ask)
            && self.answered(id)
        {
            self.refuse(id, refusal);
        }
    }

    /// Whether somebody still waits for this answer. Each command gets one: behind `unknown` comes nothing.
    fn answered(&mut self, id: u64) -> bool {
        let at = self.asked.iter().position(|(asked, _)| *asked == id);
        at.and_then(|at| self.asked.remove(at)).is_some()
    }

    fn give_up_waiting(&mut self, ctx: &mut Ctx) {
        while let Some((id, _)) = self.asked.pop_front_if(|(_, at)| at.elapsed() >= PATIENCE) {
            self.unknown(id, RETRY_AFTER_MS, None);
        }
        let oldest = self.asked.front();
        self.waiting = oldest.is_some();
        if let Some((_, at)) = oldest {
            ctx.run_later(PATIENCE.saturating_sub(at.elapsed()), |session, ctx| session.give_up_waiting(ctx));
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Session {
    fn handle(&mut self, message: Result<ws::Message, ws::ProtocolError>, ctx: &mut Ctx) {
        self.pulse.heard.set(Instant::now());
        self.screen.writer.open();
        let heard = self.reading.heard(message);
        if self.is_cut(ctx) {
            return;
        }
        if self.too_many(&heard) {
            return self.shut(close::TOO_MANY_FRAMES, "too many frames", ctx);
        }
        match heard {
            Heard::Text(text) => self.on_text(&text, ctx),
            Heard::Binary(_) => self.shut(close::PROTOCOL, "text frames only", ctx),
            Heard::Ping(bytes) => self.screen.writer.push(writer::pong_frame(&bytes)),
            Heard::Nothing => {}
            Heard::Goodbye(code) => self.end(writer::close_frame(code, ""), ctx),
            Heard::Broken(why) => self.shut(why.code, &why.reason, ctx),
        }
    }

    fn finished(&mut self, ctx: &mut Ctx) {
        match self.reading.fault() {
            Some(why) => {
                self.screen.writer.open();
                self.shut(why.code, &why.reason, ctx);
            }
            None => ctx.stop(),
        }
    }
}

/// Every way to say no.
impl Session {
    fn revoked(&self, topic: Topic) {
        let reason = "removed_from_group".to_owned();
        self.say(&live::json(&ServerFrame::Revoked { topic, reason }));
    }

    fn reject(&self, id: u64, code: &str, detail: &str) {
        let (code, detail) = (code.to_owned(), detail.to_owned());
        let facts = serde_json::Map::new();
        self.say(&live::json(&ServerFrame::Rejected { id, code, detail, facts }));
    }

    fn not_found(&self, id: u64) {
        self.reject(id, "RUN_NOT_FOUND", "there is no such run, or it is not yours to see");
    }

    /// Not now or not known: a client asks again with the same command id. `BUSY` says that nothing was tried.
    fn unknown(&self, id: u64, retry_after_ms: u64, code: Option<&str>) {
        let code = code.map(str::to_owned);
        self.say(&live::json(&ServerFrame::Unknown { id, retry_after_ms, code }));
    }

    fn busy(&mut self, id: u64, retry_after_ms: u64) {
        self.reading.pause(DEAF);
        self.window.waited = self.live.config().frames_per_second.map_or(0, |limit| limit.div_ceil(10));
        self.unknown(id, retry_after_ms, Some("BUSY"));
    }

    fn refuse_gate(&mut self, id: u64, error: GateError) {
        match error {
            GateError::NotFound => self.not_found(id),
            GateError::Forbidden { code, detail } => self.reject(id, code, &detail),
            GateError::Busy => self.refuse(id, Refusal::Busy { retry_after_ms: RETRY_AFTER_MS }),
            GateError::TooOften { retry_after_ms } => {
                self.unknown(id, retry_after_ms, Some("RATE_LIMITED"));
            }
        }
    }

    fn refuse(&mut self, id: u64, refusal: Refusal) {
        match refusal {
            Refusal::Rejected(rejection) => self.say(&live::rejected(id, &rejection)),
            Refusal::NotFound => self.not_found(id),
            Refusal::Busy { retry_after_ms } => self.busy(id, retry_after_ms),
            Refusal::Unknown { retry_after_ms } => self.unknown(id, retry_after_ms, None),
            Refusal::Quarantined { detail } => self.reject(id, "RUN_QUARANTINED", &detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these messages, all at once, are taken.
    fn taken(window: &mut Window, messages: usize, now: Instant) -> usize {
        (0..messages).take_while(|_| !window.is_exceeded_by(true, 50, now)).count()
    }

    #[test]
    fn a_second_takes_so_many_messages_and_the_next_as_many_again() {
        let begun = Instant::now();
        let mut window = Window::new(begun);

        assert_eq!(taken(&mut window, 100, begun), 50);
        assert_eq!(taken(&mut window, 100, begun + Duration::from_secs(1)), 50);
    }

    #[test]
    fn what_waited_while_nobody_listened_comes_on_top_once() {
        let begun = Instant::now();
        let mut window = Window { waited: 5, ..Window::new(begun) };

        assert_eq!(taken(&mut window, 50, begun), 50);
        assert_eq!(taken(&mut window, 100, begun + Duration::from_secs(1)), 55);
        assert_eq!(taken(&mut window, 100, begun + Duration::from_secs(2)), 50);
    }

    #[test]
    fn frames_of_any_kind_have_a_limit_of_their_own() {
        let begun = Instant::now();
        let mut window = Window::new(begun);

        assert!((0..200).all(|_| !window.is_exceeded_by(false, 50, begun)));
        assert!(window.is_exceeded_by(false, 50, begun));
    }
}
