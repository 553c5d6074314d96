//! One hub per worker thread: a run sends a frame once per thread, the hub hands it to that thread's sessions.

use crate::directory::Directory;
use crate::logins::Seat;
use crate::pacing::{Paced, Pacer};
use crate::roster::{Channel, Roster};
use crate::run::Viewers;
use crate::writer::Flusher;
use actix::prelude::*;
use bulq_domain::run::Notice;
use bulq_domain::{GroupId, RunId, Seq, UserId};
use bulq_protocol::live::{GroupEvent, Topic, UserEvent};
use bulq_protocol::wire::Frame;
use bytestring::ByteString;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Frames that wait for a thread. When full, the thread's sessions look for what they missed themselves.
const MAILBOX: usize = 8192;
const TICK: Duration = Duration::from_millis(100);
/// How often runs hear who opened or left them.
const PRESENCE: Duration = Duration::from_secs(1);
/// Watched runs are kept in memory by this.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// While draining, this many sockets are closed per tick and thread.
const CLOSED_PER_TICK: usize = 200;

/// A frame for everybody who has its run open.
#[derive(Clone, Message)]
#[rtype(result = "()")]
pub struct Publish(pub Frame);

/// A person sees nothing more of a run.
#[derive(Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct ShutOut {
    pub run: RunId,
    pub user: UserId,
}

/// A person sees nothing more of a group.
#[derive(Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct ShutOutOfGroup {
    pub group: GroupId,
    pub user: UserId,
}

/// A hint for a group's or a user's topic.
#[derive(Clone, Message)]
#[rtype(result = "()")]
pub struct Tell {
    pub channel: Channel,
    pub text: ByteString,
}

/// The sockets of this login end.
#[derive(Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CloseLogin(pub Uuid);

/// This socket gives way to a newer one of the same person.
#[derive(Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CloseSeat(pub Seat);

/// Close all sockets, paced.
#[derive(Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Drain;

/// What a worker thread keeps of its hub.
#[derive(Clone)]
pub struct HubHandle {
    pub(crate) roster: Rc<RefCell<Roster>>,
    pub(crate) flusher: Rc<Flusher>,
}

/// The actor of one worker thread.
pub struct Hub {
    number: usize,
    roster: Rc<RefCell<Roster>>,
    directory: Directory,
    pacer: Pacer,
    flusher: Rc<Flusher>,
    missed: Arc<AtomicBool>,
    draining: bool,
    ticks: u64,
    /// Each socket is pinged once in so many ticks.
    beats: u64,
}

/// All hubs of this process, as seen from the runs.
#[derive(Clone, Default)]
pub struct Hubs(Arc<RwLock<Vec<HubAddr>>>);

#[derive(Clone)]
struct HubAddr {
    addr: Addr<Hub>,
    missed: Arc<AtomicBool>,
}

impl Hubs {
    /// Starts a hub on the current thread.
    pub fn start_here(&self, directory: Directory, heartbeat: Duration) -> HubHandle {
        let roster = Rc::new(RefCell::new(Roster::default()));
        let flusher = Rc::<Flusher>::default();
        let missed = Arc::new(AtomicBool::new(false));
        let mut hubs = self.0.write().expect("no holder of this lock panics");
        let number = hubs.len();
        let hub = Hub {
            number,
            roster: roster.clone(),
            directory,
            pacer: Pacer::default(),
            flusher: flusher.clone(),
            missed: missed.clone(),
            draining: false,
            ticks: 0,
            beats: ticks_in(heartbeat),
        };
        hubs.push(HubAddr { addr: hub.start(), missed });
        actix::spawn(flusher.clone().run());
        HubHandle { roster, flusher }
    }

    /// A hub that cannot take the frame is told to look after its sessions: nothing is lost, it only comes later.
    pub fn publish(&self, publish: &Publish) {
        self.each(|hub| {
            if hub.addr.try_send(publish.clone()).is_err() {
                metrics::counter!("bulq_broadcast_failures_total").increment(1);
                hub.missed.store(true, Ordering::Release);
            }
        });
    }

    pub fn publish_group(&self, group: GroupId, event: &GroupEvent) {
        let topic = Topic::Group(group);
        let event = serde_json::to_string(event).expect("events are plain data");
        let text = format!(r#"{{"type":"events","topic":"{topic}","events":[{event}]}}"#).into();
        self.tell(&Tell { channel: Channel::Group(group), text });
    }

    /// Tells somebody that there is something new in the list of what they were told.
    pub fn notify(&self, run_id: RunId, seq: Seq, notice: Notice) {
        let event = UserEvent::Notified { run_id, kind: notice.kind, seq };
        let event = serde_json::to_string(&event).expect("events are plain data");
        let text = format!(r#"{{"type":"events","topic":"{}","events":[{event}]}}"#, Topic::User).into();
        self.tell(&Tell { channel: Channel::User(notice.user), text });
    }

    /// A hint: a thread that cannot take it misses it, the snapshot stays the truth.
    pub fn tell(&self, tell: &Tell) {
        self.each(|hub| {
            if hub.addr.try_send(tell.clone()).is_err() {
                metrics::counter!("bulq_broadcast_failures_total").increment(1);
            }
        });
    }

    pub fn shut_out(&self, shut_out: ShutOut) {
        self.send_all(shut_out);
    }

    /// Orders that must not be lost: they are rare, and a hub's mailbox only grows by them when its thread stands still.
    #[expect(clippy::disallowed_methods, reason = "one per removal, logout or shutdown, not per event")]
    pub fn send_all<M>(&self, message: M)
    where
        M: Message<Result = ()> + Clone + Send + 'static,
        Hub: Handler<M>,
    {
        self.each(|hub| hub.addr.do_send(message.clone()));
    }

    fn each(&self, f: impl FnMut(&HubAddr)) {
        self.0.read().expect("no holder of this lock panics").iter().for_each(f);
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(TICK, |hub, _| hub.tick());
        ctx.run_interval(PRESENCE, |hub, _| hub.tell_viewers());
        ctx.run_interval(KEEP_ALIVE, |hub, _| hub.keep_alive());
    }
}

impl Hub {
    /// Sends what waits for a room, as one frame, if it is time.
    fn flush(&mut self, run: RunId) {
        let (now, writing) = (Instant::now(), self.writing(run));
        let due = self.pacer.due(run, writing, now);
        self.publish(due, now);
    }

    fn flush_at_once(&mut self, run: RunId) {
        let (now, writing) = (Instant::now(), self.writing(run));
        let waiting = self.pacer.at_once(run, writing, now);
        self.publish(waiting, now);
    }

    fn publish(&self, frame: Option<Frame>, now: Instant) {
        if let Some(frame) = frame {
            self.roster.borrow_mut().publish(&frame, now);
        }
    }

    /// How long a frame for this run takes on this thread.
    fn writing(&self, run: RunId) -> Duration {
        let screens = self.roster.borrow().screens(run);
        self.flusher.each().saturating_mul(u32::try_from(screens).unwrap_or(u32::MAX))
    }

    fn tick(&mut self) {
        let now = Instant::now();
        self.pacer.tidy(now);
        self.ticks += 1;
        let mut roster = self.roster.borrow_mut();
        roster.beat(self.ticks % self.beats, self.beats);
        if self.missed.swap(false, Ordering::AcqRel) {
            roster.nudge_all(now);
        }
        roster.look_after(now);
        if self.draining {
            roster.send_away(CLOSED_PER_TICK);
        }
    }

    /// A run that cannot take it now is told a second later.
    fn tell_viewers(&self) {
        let stirred = self.roster.borrow_mut().take_stirred();
        for run in stirred {
            if !self.tell_run(run, true) {
                self.roster.borrow_mut().stir(Channel::Run(run));
            }
        }
    }

    fn keep_alive(&self) {
        self.roster.borrow_mut().drop_the_silent(Instant::now());
        let watched: Vec<RunId> = self.roster.borrow().watched().collect();
        for run in watched {
            // A run with a full mailbox is in use anyway.
            let _ = self.tell_run(run, false);
        }
    }

    /// A run that is not in memory has nobody to tell.
    fn tell_run(&self, run: RunId, stirred: bool) -> bool {
        let users = self.roster.borrow().viewers(run);
        let viewers = Viewers { hub: self.number, users, stirred };
        self.directory.get(run).is_none_or(|addr| addr.try_send(viewers).is_ok())
    }
}

impl Handler<Publish> for Hub {
    type Result = ();

    fn handle(&mut self, publish: Publish, ctx: &mut Context<Self>) {
        let (run, now) = (publish.0.run(), Instant::now());
        let writing = self.writing(run);
        match self.pacer.on_frame(publish.0, writing, now) {
            Paced::Now(frame) => self.publish(Some(frame), now),
            Paced::After(rest) => {
                ctx.run_later(rest, move |hub, _| hub.flush(run));
            }
            Paced::Waits => {}
        }
    }
}

impl Handler<ShutOut> for Hub {
    type Result = ();

    fn handle(&mut self, shut_out: ShutOut, _: &mut Context<Self>) {
        // What happened before is still theirs to see, what happens after is not.
        self.flush_at_once(shut_out.run);
        self.roster.borrow_mut().shut_out(Channel::Run(shut_out.run), shut_out.user);
    }
}

impl Handler<ShutOutOfGroup> for Hub {
    type Result = ();

    fn handle(&mut self, shut_out: ShutOutOfGroup, _: &mut Context<Self>) {
        self.roster.borrow_mut().shut_out(Channel::Group(shut_out.group), shut_out.user);
    }
}

impl Handler<Tell> for Hub {
    type Result = ();

    fn handle(&mut self, tell: Tell, _: &mut Context<Self>) {
        self.roster.borrow().say(tell.channel, &tell.text);
    }
}

impl Handler<CloseLogin> for Hub {
    type Result = ();

    fn handle(&mut self, close: CloseLogin, _: &mut Context<Self>) {
        self.roster.borrow_mut().close_login(close.0);
    }
}

impl Handler<CloseSeat> for Hub {
    type Result = ();

    fn handle(&mut self, close: CloseSeat, _: &mut Context<Self>) {
        self.roster.borrow_mut().close_seat(close.0);
    }
}

impl Handler<Drain> for Hub {
    type Result = ();

    fn handle(&mut self, _: Drain, _: &mut Context<Self>) {
        self.draining = true;
    }
}

fn ticks_in(period: Duration) -> u64 {
    u64::try_from(period.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX).max(1)
}
