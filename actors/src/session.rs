//! One socket. The only file that knows actix-web-actors.
//!
//! A session parses frames, asks the gatekeeper, hands commands to runs and sends what its cursors say. It holds
//! no rule. Frames of one socket are handled in the order they came.

use crate::cursor::{Cursor, Output};
use crate::gatekeeper::{GateError, Gatekeeper, Who};
use crate::hub::HubHandle;
use crate::live::{Live, Refusal};
use crate::roster::{Channel, Key, Pulse};
use crate::run::{Ask, CatchUp, Reply, Shown, What};
use crate::transport::Killer;
use actix::prelude::*;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;
use bulq_domain::{Command, CommandId, RunId, Seq};
use bulq_protocol::live::{self, ClientFrame, FrameError, ServerFrame, Topic, close};
use bulq_protocol::wire::Frame;
use bytestring::ByteString;
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

/// A batch of events. Answered by nothing.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Deliver(pub Frame);

/// Ping the client. Comes from the hub: a timer in every session would cost each of its turns.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Beat;

/// Something of this run could not be handed over: look for it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Nudge(pub RunId);

/// Send this text.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Say(pub ByteString);

/// Nothing of this topic comes any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Revoke(pub Topic);

/// Close the socket.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Shut {
    pub code: u16,
    pub reason: String,
}

/// What became of a command.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Answered {
    pub id: u64,
    pub run: RunId,
    pub outcome: Result<Seq, Refusal>,
}

/// What a run says to [`CatchUp`].
#[derive(Message)]
#[rtype(result = "()")]
pub struct CaughtUp {
    pub run: RunId,
    /// That of the question.
    pub token: u64,
    pub missed: Result<Missed, Refusal>,
}

/// What a socket has missed.
pub enum Missed {
    /// Too much to send it event by event, or everything.
    Snapshot(Arc<Shown>),
    /// The missed events as a JSON array; the last one is `seq`.
    Events { seq: Seq, json: String },
}

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
        let ask = Ask { what: What::Command(Box::new((command, context))), reply };
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

    fn subscribe(&mut self, id: u64, topic: Topic, after: Option<Seq>, ctx: &mut Ctx) {
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

    fn unsubscribe(&mut self, topic: Topic) {
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

    fn perform(&mut self, run: RunId, output: Output<Frame>, ctx: &mut Ctx) {
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

    fn caught_up(&mut self, run: RunId, missed: Missed, ctx: &mut Ctx) {
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

    fn catch_up_refused(&mut self, run: RunId, refusal: Refusal, ctx: &mut Ctx) {
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
