//! The writing half of a socket, past actix: a frame for a thousand screens is a thousand calls of the kernel and hardly
//! anything else.
//!
//! actix writes the answer to the handshake and the welcome. From the first frame of the client on – by then it has
//! both – only this writes. What is pushed within one turn of the thread goes out together, in one call per socket.

use crate::transport::Killer;
use actix::fut::wrap_future;
use actix::prelude::*;
use bulq_sendmany::SendMany;
use bytes::{BufMut, Bytes, BytesMut};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice};
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Frames that wait for a socket. A screen that does not keep up asks its runs for what it missed.
const ROOM: usize = 64;
/// Frames handed to the kernel in one call.
const AT_ONCE: usize = 64;
/// After so many sockets the thread does something else for a turn. They are one call of the kernel where it takes many sends
/// at once.
const SOCKETS_IN_A_ROW: u32 = 128;
/// About what one write takes before any was measured, and how far from it a measurement is believed.
const EACH_NS: u64 = 5_000;
const BELIEVED_NS: RangeInclusive<u64> = 1_000..=25_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// actix still writes.
    Early,
    Open,
    /// Nothing more comes; what is there still goes out.
    Closing,
    /// The client is gone.
    Broken,
}

/// Of one socket.
pub struct Writer {
    socket: Killer,
    flusher: Rc<Flusher>,
    phase: Cell<Phase>,
    queue: RefCell<VecDeque<Bytes>>,
    /// It is on the flusher's list.
    listed: Cell<bool>,
    /// The kernel takes nothing more for now.
    blocked: Cell<bool>,
    /// Somebody waits until everything is written.
    awaited: Cell<bool>,
    drained: Notify,
}

/// One per worker thread: writes out what its sockets were given.
pub struct Flusher {
    list: RefCell<Vec<Rc<Writer>>>,
    more: Notify,
    /// None where each send has to be a call of its own.
    many: RefCell<Option<SendMany>>,
    /// Single frames on their way to it.
    row: RefCell<Vec<(Rc<Writer>, Bytes)>>,
    /// What one write took lately, in nanoseconds.
    each_ns: Cell<u64>,
}

impl Default for Flusher {
    fn default() -> Self {
        let (list, more) = (RefCell::default(), Notify::new());
        Self { list, more, many: RefCell::default(), row: RefCell::default(), each_ns: Cell::new(EACH_NS) }
    }
}

impl Writer {
    pub fn new(socket: Killer, flusher: Rc<Flusher>) -> Rc<Self> {
        Rc::new(Self {
            socket,
            flusher,
            phase: Cell::new(Phase::Early),
            queue: RefCell::default(),
            listed: Cell::new(false),
            blocked: Cell::new(false),
            awaited: Cell::new(false),
            drained: Notify::new(),
        })
    }

    /// The client has spoken.
    pub fn open(&self) {
        if self.phase.get() == Phase::Early {
            self.phase.set(Phase::Open);
        }
    }

    /// actix has to write what is to be written now.
    pub(crate) fn is_early(&self) -> bool {
        self.phase.get() == Phase::Early
    }

    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.phase.get() == Phase::Closing
    }

    /// The client does not read as fast as is written.
    pub(crate) fn is_full(&self) -> bool {
        self.blocked.get() && self.queue.borrow().len() >= ROOM
    }

    /// Goes out at the end of this turn. After a close frame nothing is taken.
    pub fn push(self: &Rc<Self>, frame: Bytes) {
        if self.phase.get() != Phase::Open {
            return;
        }
        self.queue.borrow_mut().push_back(frame);
        if !self.blocked.get() && !self.listed.replace(true) {
            self.flusher.enlist(self.clone());
        }
    }

    /// The last frame.
    pub fn close(self: &Rc<Self>, frame: Bytes) {
        self.push(frame);
        if self.phase.get() == Phase::Open {
            self.phase.set(Phase::Closing);
        }
    }

    /// Stops the actor of this socket when this last frame and what is before it is written, or when `patience` is over.
    pub fn end<A>(self: &Rc<Self>, last: Bytes, patience: Duration, ctx: &mut A::Context)
    where
        A: Actor,
        A::Context: AsyncContext<A>,
    {
        if self.is_closing() {
            return;
        }
        self.close(last);
        let writer = self.clone();
        let written = async move {
            let _ = tokio::time::timeout(patience, writer.drained()).await;
        };
        // Waited for, not spawned: a decoder that has met a wrong frame says so again whenever it is asked, and only an actor
        // that waits asks nothing.
        ctx.wait(wrap_future::<_, A>(written).map(|(), _, ctx| ctx.stop()));
    }

    /// Waits until everything is written, or nothing can be any more.
    pub async fn drained(&self) {
        self.awaited.set(true);
        while !self.queue.borrow().is_empty() {
            self.drained.notified().await;
        }
    }

    fn flush(self: &Rc<Self>) {
        self.listed.set(false);
        while !self.blocked.get() && !self.queue.borrow().is_empty() {
            let sent = self.write_some();
            self.sent(sent);
        }
        if self.queue.borrow().is_empty() {
            if self.is_closing() {
                // The server is the one who hangs up (RFC 6455, 7.1.1); the client need not wait for it.
                self.socket.finish();
            }
            if self.awaited.get() {
                self.drained.notify_one();
            }
        }
    }

    /// Takes what it has to write, if that is a single frame.
    fn take_only_frame(&self) -> Option<Bytes> {
        let mut queue = self.queue.borrow_mut();
        if queue.len() == 1 && !self.blocked.get() { queue.pop_front() } else { None }
    }

    /// A frame that was taken and could not be written as a whole comes first again.
    fn put_back(&self, frame: Bytes) {
        self.queue.borrow_mut().push_front(frame);
    }

    fn sent(self: &Rc<Self>, sent: std::io::Result<usize>) {
        match sent {
            Ok(bytes) => self.written(bytes),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait_for_room(),
            Err(_) => self.break_off(),
        }
    }

    fn write_some(&self) -> std::io::Result<usize> {
        let queue = self.queue.borrow();
        match queue.front() {
            Some(only) if queue.len() == 1 => self.socket.send(only),
            _ => {
                let slices: Vec<_> = queue.iter().take(AT_ONCE).map(|frame| IoSlice::new(frame)).collect();
                self.socket.send_all(&slices)
            }
        }
    }

    fn written(&self, mut bytes: usize) {
        let mut queue = self.queue.borrow_mut();
        while let Some(front) = queue.front_mut() {
            if bytes < front.len() {
                // The rest of it keeps its place.
                let _ = front.split_to(bytes);
                return;
            }
            bytes -= front.len();
            queue.pop_front();
        }
    }

    fn wait_for_room(self: &Rc<Self>) {
        self.blocked.set(true);
        let writer = self.clone();
        actix::spawn(async move {
            let writable = writer.socket.writable().await;
            writer.blocked.set(false);
            match writable {
                Ok(()) => writer.flush(),
                Err(_) => writer.break_off(),
            }
        });
    }

    /// The reading half hears of it by itself.
    fn break_off(&self) {
        self.phase.set(Phase::Broken);
        self.queue.borrow_mut().clear();
        self.drained.notify_one();
    }
}

impl Flusher {
    /// For as long as the thread lives.
    pub async fn run(self: Rc<Self>) {
        match SendMany::new(SOCKETS_IN_A_ROW) {
            Ok(many) => *self.many.borrow_mut() = Some(many),
            Err(error) => tracing::debug!(%error, "no io_uring here: each send is a call of its own"),
        }
        loop {
            self.more.notified().await;
            let list = self.list.take();
            for part in list.chunks(SOCKETS_IN_A_ROW as usize) {
                let begin = Instant::now();
                self.flush(part);
                if part.len() == SOCKETS_IN_A_ROW as usize {
                    self.learn(begin.elapsed() / SOCKETS_IN_A_ROW);
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Writes to it at the end of this turn.
    fn enlist(&self, writer: Rc<Writer>) {
        let mut list = self.list.borrow_mut();
        list.push(writer);
        if list.len() == 1 {
            self.more.notify_one();
        }
    }

    fn flush(&self, part: &[Rc<Writer>]) {
        let mut many = self.many.borrow_mut();
        if let Some(sender) = many.as_mut().filter(|_| part.len() > 1) {
            self.send_together(sender, part);
            if !sender.works() {
                tracing::warn!("io_uring has failed: from now on each send is a call of its own");
                *many = None;
            }
        }
        part.iter().for_each(Writer::flush);
    }

    /// All that have a single frame to write, as nearly all do; what is left is for the socket alone.
    fn send_together(&self, sender: &mut SendMany, part: &[Rc<Writer>]) {
        let mut row = self.row.borrow_mut();
        row.extend(part.iter().filter_map(|writer| Some((writer.clone(), writer.take_only_frame()?))));
        let sent = sender.send(&row, |(writer, frame)| (writer.socket.as_fd(), frame));
        for ((writer, frame), sent) in row.drain(..).zip(sent) {
            if !matches!(sent, Ok(bytes) if bytes == frame.len()) {
                writer.put_back(frame);
                writer.sent(sent);
            }
        }
    }

    /// What one write takes in a row of many.
    pub(crate) fn each(&self) -> Duration {
        Duration::from_nanos(self.each_ns.get())
    }

    fn learn(&self, each: Duration) {
        let ns = u64::try_from(each.as_nanos()).unwrap_or(u64::MAX);
        let ns = ns.clamp(*BELIEVED_NS.start(), *BELIEVED_NS.end());
        self.each_ns.set((self.each_ns.get() * 15 + ns) / 16);
    }
}

/// A text frame as it goes over the wire.
#[must_use]
pub fn text_frame(text: &str) -> Bytes {
    frame(0x1, text.as_bytes())
}

#[must_use]
pub fn binary_frame(bytes: &[u8]) -> Bytes {
    frame(0x2, bytes)
}

pub(crate) fn ping_frame() -> Bytes {
    Bytes::from_static(&[0x89, 0])
}

#[must_use]
pub fn pong_frame(payload: &[u8]) -> Bytes {
    frame(0xA, payload)
}

/// `reason` is at most 123 bytes long; without a code the frame is empty.
#[must_use]
pub fn close_frame(code: Option<u16>, reason: &str) -> Bytes {
    let mut payload = BytesMut::with_capacity(2 + reason.len());
    if let Some(code) = code {
        payload.put_u16(code);
        payload.put_slice(reason.as_bytes());
    }
    frame(0x8, &payload)
}

fn frame(opcode: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    frame.put_u8(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short), _) if short < 126 => frame.put_u8(short),
        (_, Ok(medium)) => {
            frame.put_u8(126);
            frame.put_u16(medium);
        }
        (_, Err(_)) => {
            frame.put_u8(127);
            frame.put_u64(payload.len() as u64);
        }
    }
    frame.put_slice(payload);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    fn pair() -> (UnixStream, Rc<Writer>, Rc<Flusher>) {
        let flusher = Rc::<Flusher>::default();
        let (screen, writer) = pair_on(&flusher);
        (screen, writer, flusher)
    }

    fn pair_on(flusher: &Rc<Flusher>) -> (UnixStream, Rc<Writer>) {
        let (screen, socket) = UnixStream::pair().unwrap();
        socket.set_nonblocking(true).unwrap();
        (screen, Writer::new(Killer::of(OwnedFd::from(socket)), flusher.clone()))
    }

    #[test]
    fn a_frame_says_how_long_it_is() {
        assert_eq!(&text_frame("hi")[..], b"\x81\x02hi");
        assert_eq!(&text_frame(&"x".repeat(126))[..4], b"\x81\x7e\x00\x7e");
        assert_eq!(&text_frame(&"x".repeat(65_536))[..10], b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00");
        assert_eq!(&close_frame(Some(4008), "slow")[..], b"\x88\x06\x0f\xa8slow");
        assert_eq!(&close_frame(None, "")[..], b"\x88\x00");
    }

    #[actix::test]
    async fn nothing_is_written_before_the_client_has_spoken_or_after_the_close_frame() {
        let (mut screen, writer, flusher) = pair();
        actix::spawn(flusher.run());

        writer.push(text_frame("too early"));
        writer.open();
        writer.push(text_frame("one"));
        writer.push(text_frame("two"));
        writer.close(close_frame(Some(1001), ""));
        writer.push(text_frame("too late"));
        writer.drained().await;

        let mut bytes = Vec::new();
        screen.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"\x81\x03one\x81\x03two\x88\x02\x03\xe9");
    }

    #[actix::test]
    async fn whoever_does_not_read_is_full_and_gets_every_byte_once_they_do() {
        let (screen, writer, flusher) = pair();
        actix::spawn(flusher.run());
        writer.open();
        let text = "x".repeat(10_000);

        let mut pushed = 0;
        while !writer.is_full() {
            writer.push(text_frame(&text));
            pushed += 1;
            tokio::task::yield_now().await;
        }
        let reading = std::thread::spawn(move || {
            let (mut screen, mut all) = (screen, vec![0; pushed * (text.len() + 4)]);
            screen.read_exact(&mut all).map(|()| all)
        });
        writer.drained().await;

        let all = reading.join().unwrap().unwrap();
        assert!(all.chunks(10_004).all(|frame| frame.starts_with(b"\x81\x7e\x27\x10xxx")));
        assert!(!writer.is_full());
    }

    #[actix::test]
    async fn what_one_turn_brings_reaches_every_socket_in_order() {
        let flusher = Rc::<Flusher>::default();
        actix::spawn(flusher.clone().run());
        let mut sockets: Vec<_> = (0..300).map(|_| pair_on(&flusher)).collect();
        sockets.iter().for_each(|(_, writer)| writer.open());
        let (screen, gone) = sockets.remove(7);
        drop(screen);
        gone.push(text_frame("hello?"));

        for (n, (_, writer)) in sockets.iter().enumerate() {
            writer.push(text_frame("one"));
            if n % 3 == 0 {
                writer.push(text_frame("two"));
            }
        }
        tokio::task::yield_now().await;
        for (_, writer) in &sockets {
            writer.push(text_frame("three"));
            writer.close(close_frame(None, ""));
        }

        for (n, (screen, writer)) in sockets.iter_mut().enumerate() {
            writer.drained().await;
            let mut bytes = Vec::new();
            screen.read_to_end(&mut bytes).unwrap();
            let two: &[u8] = if n % 3 == 0 { b"\x81\x03two" } else { b"" };
            assert_eq!(bytes, [b"\x81\x03one", two, b"\x81\x05three\x88\x00"].concat());
        }
    }

    /// Whose decoder says the same again whenever it is asked.
    struct Deaf {
        writer: Rc<Writer>,
        heard: Rc<Cell<usize>>,
    }

    impl Actor for Deaf {
        type Context = Context<Self>;

        fn started(&mut self, ctx: &mut Context<Self>) {
            ctx.add_stream(futures_util::stream::repeat(()));
        }
    }

    impl StreamHandler<()> for Deaf {
        fn handle(&mut self, (): (), ctx: &mut Context<Self>) {
            self.heard.set(self.heard.get() + 1);
            self.writer.end::<Self>(close_frame(Some(1002), ""), Duration::from_secs(5), ctx);
        }
    }

    #[actix::test]
    async fn an_actor_that_ends_asks_its_client_nothing_more() {
        let (mut screen, writer, flusher) = pair();
        actix::spawn(flusher.run());
        writer.open();
        let heard = Rc::<Cell<usize>>::default();

        let deaf = Deaf { writer, heard: heard.clone() }.start();
        while deaf.connected() {
            tokio::task::yield_now().await;
        }

        assert_eq!(heard.get(), 1, "it asked on while its last frame was written");
        let mut bytes = Vec::new();
        screen.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"\x88\x02\x03\xea");
    }

    #[actix::test]
    async fn a_client_that_is_gone_takes_nothing_and_holds_nobody_up() {
        let (screen, writer, flusher) = pair();
        actix::spawn(flusher.run());
        writer.open();
        drop(screen);

        writer.push(text_frame("hello?"));
        writer.drained().await;

        writer.push(text_frame("hello??"));
        assert!(writer.queue.borrow().is_empty());
    }
}
