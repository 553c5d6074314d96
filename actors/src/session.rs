//! One socket. The only file that knows actix-web-actors.
//!
//! A session parses frames, asks the gatekeeper, hands commands to runs and sends what its cursors say. It holds
//! no rule. Frames of one socket are handled in the order they came.

mod handlers;
mod messages;
mod topics;

pub use messages::*;

use crate::cursor::Cursor;
use crate::gatekeeper::{GateError, Gatekeeper, Who};
use crate::hub::HubHandle;
use crate::live::{Live, Refusal};
use crate::roster::{Key, Pulse};
use crate::run::{Ask, Queued, Reply, What};
use crate::transport::Killer;
use actix::prelude::*;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;
use bulq_domain::{Command, CommandId, RunId};
use bulq_protocol::live::{self, ClientFrame, FrameError, ServerFrame, Topic, close};
use bulq_protocol::wire::Frame;
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Frames that wait for a session. A session that does not keep up asks its runs for what it missed.
const MAILBOX: usize = 64;
/// The largest frame a client may send.
const FRAME_BYTES: usize = 64 * 1024;
/// Topics one socket may have open.
const MAX_TOPICS: usize = 100;
/// A command that was not answered by then is answered `unknown`.
const PATIENCE: Duration = Duration::from_secs(5);
const RETRY_AFTER_MS: u64 = 500;

/// The actor of one socket.
pub struct Session {
    who: Who,
    live: Live,
    hub: HubHandle,
    gate: Arc<dyn Gatekeeper>,
    killer: Option<Killer>,
    pulse: Rc<Pulse>,
    key: Key,
    runs: Vec<Subscription>,
    /// How many questions were asked of runs; each gets its number as a token.
    questions: u64,
    /// Commands without an answer yet, oldest first.
    asked: VecDeque<(u64, Instant)>,
    /// A message that comes in parts.
    partial: Vec<u8>,
    window: (Instant, u32),
}

struct Subscription {
    run: RunId,
    cursor: Cursor<Frame>,
    /// The question that is open: an answer to an older one is for nobody.
    token: u64,
    /// The client's id of the subscribe frame, until it is answered.
    unanswered: Option<u64>,
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
    let session = Session {
        who,
        live: live.clone(),
        hub: hub.clone(),
        gate,
        killer: request.conn_data::<Killer>().cloned(),
        pulse: Rc::new(Pulse { cut: Cell::new(None), heard: Cell::new(now) }),
        key: 0,
        runs: Vec::new(),
        questions: 0,
        asked: VecDeque::new(),
        partial: Vec::new(),
        window: (now, 0),
    };
    ws::WsResponseBuilder::new(session, request, stream).frame_size(FRAME_BYTES).start()
}

type Ctx = ws::WebsocketContext<Session>;

impl Actor for Session {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        ctx.set_mailbox_capacity(MAILBOX);
        let (user, login) = (self.who.user, self.who.session);
        self.key = self.hub.roster.borrow_mut().enter(
            ctx.address(),
            user,
            login,
            self.killer.clone(),
            self.pulse.clone(),
        );
        let heartbeat = self.live.config().heartbeat;
        let welcome = ServerFrame::Welcome {
            session: login,
            user,
            server_time: self.live.now(),
            heartbeat_s: heartbeat.as_secs(),
        };
        ctx.text(live::json(&welcome));
    }

    fn stopped(&mut self, _: &mut Ctx) {
        self.hub.roster.borrow_mut().leave(self.key);
    }
}

impl Session {
    fn shut(&mut self, code: u16, reason: &str, ctx: &mut Ctx) {
        ctx.close(Some(ws::CloseReason { code: code.into(), description: Some(reason.to_owned()) }));
        ctx.stop();
    }

    /// The hub has given this socket up; whatever still lies in the mailbox is for nobody.
    fn is_cut(&mut self, ctx: &mut Ctx) -> bool {
        match self.pulse.cut.get() {
            Some(close::TOO_SLOW) => {
                self.shut(close::TOO_SLOW, "read too slowly: reconnect and resume", ctx);
                true
            }
            Some(_) | None => false,
        }
    }

    fn on_text(&mut self, text: &str, ctx: &mut Ctx) {
        if self.too_many_frames() {
            return self.shut(close::TOO_MANY_FRAMES, "too many frames", ctx);
        }
        match ClientFrame::from_json(text) {
            Ok(ClientFrame::Command { id, run, command_id, command }) => {
                self.command(id, run, command_id, command, ctx)
            }
            Ok(ClientFrame::Subscribe { id, topic, after }) => self.subscribe(id, topic, after, ctx),
            Ok(ClientFrame::Unsubscribe { id, topic }) => {
                self.unsubscribe(topic);
                ctx.text(live::json(&ServerFrame::Unsubscribed { id }));
            }
            Ok(ClientFrame::Ping { id }) => ctx.text(live::json(&ServerFrame::Pong { id })),
            Err(FrameError::Invalid { id, detail }) => reject(id, "INVALID_FRAME", &detail, ctx),
            Err(FrameError::Protocol(reason)) => self.shut(close::PROTOCOL, &short(&reason), ctx),
        }
    }

    fn too_many_frames(&mut self) -> bool {
        let Some(limit) = self.live.config().frames_per_second else { return false };
        let now = Instant::now();
        if now.duration_since(self.window.0) >= Duration::from_secs(1) {
            self.window = (now, 0);
        }
        self.window.1 += 1;
        self.window.1 > limit
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
            return unknown(id, RETRY_AFTER_MS, Some("BUSY"), ctx);
        }
        if self.asked.is_empty() {
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
        let context = match context {
            Ok(context) => context,
            Err(error) => {
                self.answered(id);
                return refuse_gate(id, error, ctx);
            }
        };
        let reply = Reply::Socket { to: ctx.address(), id };
        let ask = Ask { what: What::Command(Box::new((command, context))), reply, queued: Queued::now() };
        if let Err(refusal) = self.live.tell(run, ask) {
            self.answered(id);
            refuse(id, refusal, ctx);
        }
    }

    fn answered(&mut self, id: u64) {
        if let Some(at) = self.asked.iter().position(|(asked, _)| *asked == id) {
            self.asked.remove(at);
        }
    }

    fn give_up_waiting(&mut self, ctx: &mut Ctx) {
        while let Some((id, _)) = self.asked.pop_front_if(|(_, at)| at.elapsed() >= PATIENCE) {
            unknown(id, RETRY_AFTER_MS, None, ctx);
        }
        if let Some((_, at)) = self.asked.front() {
            ctx.run_later(PATIENCE.saturating_sub(at.elapsed()), |session, ctx| session.give_up_waiting(ctx));
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Session {
    fn handle(&mut self, message: Result<ws::Message, ws::ProtocolError>, ctx: &mut Ctx) {
        self.pulse.heard.set(Instant::now());
        if self.is_cut(ctx) {
            return;
        }
        match message {
            Ok(ws::Message::Text(text)) => self.on_text(&text, ctx),
            Ok(ws::Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Ok(ws::Message::Continuation(part)) => self.on_part(part, ctx),
            Ok(ws::Message::Binary(_)) => self.shut(close::PROTOCOL, "text frames only", ctx),
            Err(ws::ProtocolError::Overflow) => self.shut(1009, "a frame holds at most 64 KiB", ctx),
            Err(error) => self.shut(1002, &short(&error.to_string()), ctx),
        }
    }

    fn finished(&mut self, ctx: &mut Ctx) {
        ctx.stop();
    }
}

impl Session {
    fn on_part(&mut self, part: actix_http::ws::Item, ctx: &mut Ctx) {
        use actix_http::ws::Item;
        let (bytes, last) = match part {
            Item::FirstBinary(_) => return self.shut(close::PROTOCOL, "text frames only", ctx),
            Item::FirstText(bytes) => {
                self.partial.clear();
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        if self.partial.len() + bytes.len() > FRAME_BYTES {
            return self.shut(1009, "a frame holds at most 64 KiB", ctx);
        }
        self.partial.extend_from_slice(&bytes);
        if !last {
            return;
        }
        match String::from_utf8(std::mem::take(&mut self.partial)) {
            Ok(text) => self.on_text(&text, ctx),
            Err(_) => self.shut(1007, "text is UTF-8", ctx),
        }
    }
}

fn revoked(topic: Topic, ctx: &mut Ctx) {
    ctx.text(live::json(&ServerFrame::Revoked { topic, reason: "removed_from_group".to_owned() }));
}

fn reject(id: u64, code: &str, detail: &str, ctx: &mut Ctx) {
    let (code, detail) = (code.to_owned(), detail.to_owned());
    ctx.text(live::json(&ServerFrame::Rejected { id, code, detail, facts: serde_json::Map::new() }));
}

/// Not now or not known: a client asks again with the same command id. `BUSY` says that nothing was tried.
fn unknown(id: u64, retry_after_ms: u64, code: Option<&str>, ctx: &mut Ctx) {
    let code = code.map(str::to_owned);
    ctx.text(live::json(&ServerFrame::Unknown { id, retry_after_ms, code }));
}

fn refuse_gate(id: u64, error: GateError, ctx: &mut Ctx) {
    match error {
        GateError::NotFound => {
            reject(id, "RUN_NOT_FOUND", "there is no such run, or it is not yours to see", ctx)
        }
        GateError::Forbidden { code, detail } => reject(id, code, &detail, ctx),
        GateError::Busy => refuse(id, Refusal::Busy { retry_after_ms: RETRY_AFTER_MS }, ctx),
    }
}

fn refuse(id: u64, refusal: Refusal, ctx: &mut Ctx) {
    match refusal {
        Refusal::Rejected(rejection) => ctx.text(live::rejected(id, &rejection)),
        Refusal::NotFound => {
            reject(id, "RUN_NOT_FOUND", "there is no such run, or it is not yours to see", ctx)
        }
        Refusal::Busy { retry_after_ms } => unknown(id, retry_after_ms, Some("BUSY"), ctx),
        Refusal::Unknown { retry_after_ms } => unknown(id, retry_after_ms, None, ctx),
        Refusal::Quarantined { detail } => reject(id, "RUN_QUARANTINED", &detail, ctx),
    }
}

/// A close frame takes 123 bytes of reason.
fn short(reason: &str) -> String {
    reason.char_indices().take_while(|(at, c)| at + c.len_utf8() <= 120).map(|(_, c)| c).collect()
}
