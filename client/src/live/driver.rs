//! The task that owns the socket: carries messages between the connection and the state machines.

use super::{Heard, Picture, Record, Status};
use crate::backoff::Backoff;
use crate::pending::Pending;
use crate::resume::{Input, Output, Resume};
use crate::socket::{self, LiveSocket, Stream};
use crate::{Client, ClientError, Outcome};
use bulq_domain::{Command, CommandId, Recorded, RunId};
use bulq_protocol::live::{ClientFrame, ServerFrame, close};
use futures_util::stream::SplitSink;
use futures_util::{Sink, SinkExt, StreamExt};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

/// The server pings every 25 s; silent for longer than this is broken.
const SILENCE: Duration = Duration::from_secs(60);
/// A subscription that is not answered within this time is tried on a new connection.
const JOIN: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub(crate) enum Request {
    Command {
        id: CommandId,
        command: Command,
        reply: oneshot::Sender<Outcome>,
    },
    /// Drop the connection.
    Cut,
}

#[derive(Debug)]
pub(crate) struct Driver {
    client: Client,
    resume: Resume,
    pending: Pending<oneshot::Sender<Outcome>>,
    picture: watch::Sender<Picture>,
    record: Arc<Mutex<Record>>,
    requests: mpsc::Receiver<Request>,
    backoff: Backoff,
}

/// The sending half of a connection. `outbox` is bounded by the commands in flight and a few subscriptions.
struct Outgoing {
    sink: SplitSink<Stream, Message>,
    outbox: VecDeque<ClientFrame>,
    unflushed: bool,
}

/// What a connection's end means.
enum End {
    /// Try again.
    Lost,
    /// It makes no sense to try again.
    Final(String),
}

impl Driver {
    pub(crate) fn new(
        client: Client,
        run: RunId,
        picture: watch::Sender<Picture>,
        record: Arc<Mutex<Record>>,
        requests: mpsc::Receiver<Request>,
    ) -> Self {
        let (resume, pending) = (Resume::new(run), Pending::new(run));
        Self { client, resume, pending, picture, record, requests, backoff: Backoff::default() }
    }

    /// Until the connection ends for good, or nobody is left who looks.
    pub(crate) async fn drive(mut self) {
        loop {
            let end = match LiveSocket::connect(&self.client).await {
                Ok(socket) => self.serve(socket.into_stream()).await,
                Err(error) => meaning(&error),
            };
            self.resume.on(Input::Offline);
            for (reply, outcome) in self.pending.lost() {
                let _ = reply.send(outcome);
            }
            match end {
                End::Final(reason) => return self.set_status(Status::Ended { reason }),
                End::Lost if self.resume.is_ended() => {}
                End::Lost => self.set_status(Status::Connecting),
            }
            tokio::time::sleep(self.backoff.next_wait()).await;
        }
    }

    async fn serve(&mut self, stream: Stream) -> End {
        let (sink, mut frames) = stream.split();
        let mut line = Outgoing { sink, outbox: VecDeque::new(), unflushed: false };
        let mut patience = Patience::new();
        let outputs = self.resume.on(Input::Online);
        let mut step = self.perform(outputs, &mut line);
        loop {
            if let Err(end) = step {
                return end;
            }
            let idle = !self.resume.is_joining();
            step = tokio::select! {
                message = frames.next() => match socket::received(message) {
                    Ok(message) => {
                        patience.heard();
                        self.on_message(&message, &mut line)
                    }
                    Err(error) => Err(meaning(&error)),
                },
                sent = line.write(), if line.wants_to_write() => sent.map_err(|e| meaning(&e)),
                request = self.requests.recv(), if self.pending.has_room() => self.on_request(request, &mut line),
                () = tokio::time::sleep_until(patience.ends(idle)) => Err(End::Lost),
            };
        }
    }

    fn on_message(&mut self, message: &Message, line: &mut Outgoing) -> Result<(), End> {
        let Message::Text(text) = message else { return Ok(()) };
        let frame: ServerFrame = serde_json::from_str(text).map_err(|e| {
            tracing::warn!(error = %e, "a frame that cannot be read");
            End::Lost
        })?;
        if let Some((id, outcome)) = Outcome::of_frame(&frame)
            && let Some(reply) = self.pending.answered(id)
        {
            let _ = reply.send(outcome);
        }
        let outputs = self.resume.on(Input::Frame(Box::new(frame)));
        self.perform(outputs, line)
    }

    fn on_request(&mut self, request: Option<Request>, line: &mut Outgoing) -> Result<(), End> {
        match request {
            Some(Request::Command { id, command, reply }) => {
                line.outbox.push_back(self.pending.ask(id, command, reply));
                Ok(())
            }
            Some(Request::Cut) => Err(End::Lost),
            None => Err(End::Final("nobody looks any more".to_owned())),
        }
    }

    fn perform(&mut self, outputs: Vec<Output>, line: &mut Outgoing) -> Result<(), End> {
        for output in outputs {
            match output {
                Output::Subscribe(frame) => line.outbox.push_back(frame),
                Output::Snapshot(view) => {
                    self.backoff.reset();
                    self.remember(Heard::Snapshot(view.seq));
                    self.picture.send_modify(|picture| picture.view = Some(Arc::new(*view)));
                }
                Output::Event(event) => {
                    self.remember(Heard::Event(Arc::new((*event).clone())));
                    self.fold(&Recorded::from(*event));
                }
                Output::Ended { reason } => self.set_status(Status::Ended { reason }),
                Output::Reconnect { reason } => {
                    tracing::warn!(reason, "the connection is dropped");
                    return Err(End::Lost);
                }
            }
        }
        if self.resume.is_live() {
            self.backoff.reset();
            self.set_status(Status::Live);
        }
        Ok(())
    }

    fn fold(&self, recorded: &Recorded) {
        self.picture.send_modify(|picture| {
            if let Some(view) = &mut picture.view {
                Arc::make_mut(view).apply(recorded);
            }
        });
    }

    fn remember(&self, heard: Heard) {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    }

    fn set_status(&self, status: Status) {
        self.picture.send_if_modified(|picture| {
            let changed = picture.status != status;
            picture.status = status;
            changed
        });
    }
}

impl Outgoing {
    fn wants_to_write(&self) -> bool {
        self.unflushed || !self.outbox.is_empty()
    }

    /// Writes what is waiting. May be dropped at any await: what was taken from the outbox is in the sink.
    async fn write(&mut self) -> Result<(), ClientError> {
        while !self.outbox.is_empty() {
            poll_fn(|cx| Pin::new(&mut self.sink).poll_ready(cx)).await.map_err(socket::broken)?;
            let Some(frame) = self.outbox.pop_front() else { break };
            self.unflushed = true;
            Pin::new(&mut self.sink).start_send(Message::text(frame.to_json())).map_err(socket::broken)?;
        }
        self.sink.flush().await.map_err(socket::broken)?;
        self.unflushed = false;
        Ok(())
    }
}

/// How long a connection may stay silent, and how long a subscription unanswered.
struct Patience {
    heard: Instant,
    joined: Instant,
}

impl Patience {
    fn new() -> Self {
        let now = Instant::now();
        Self { heard: now, joined: now }
    }

    fn heard(&mut self) {
        self.heard = Instant::now();
    }

    /// `idle`: no subscription waits for its answer.
    fn ends(&mut self, idle: bool) -> Instant {
        if idle {
            self.joined = Instant::now();
        }
        (self.heard + SILENCE).min(self.joined + JOIN)
    }
}

/// Whether trying again makes sense.
fn meaning(error: &ClientError) -> End {
    let is_final = match error {
        ClientError::Closed { code, .. } => {
            matches!(*code, close::UNAUTHENTICATED | close::FORBIDDEN | close::REVOKED | close::PROTOCOL)
        }
        ClientError::Problem(problem) => (400..500).contains(&problem.status) && problem.status != 429,
        ClientError::NotLoggedIn => true,
        _ => false,
    };
    if is_final { End::Final(error.to_string()) } else { End::Lost }
}
