//! A run on which one screen in ten stops reading: what the others feel, and what memory does.
//!
//! A window in which all read, one in which some stop, and again: one after the other is all that makes their latencies
//! comparable. What the others feel is how long after it is durable an event is on their screens. From when it was due it
//! is longer by a commit; a slow flush of the disk is the p99 of that, and says nothing about who reads.

use super::args::{Scenario, SlowReaders};
use super::cast::Cast;
use super::fanout::{Screen, follow, join, subscribe};
use super::meter::{Round, Tally, Window, latencies, micros_since};
use super::pace::Due;
use super::report::{Report, median, middle};
use super::scan::{Scanner, Seen, is_reset};
use super::server::Server;
use super::wire::{self, Receiver, Scratch};
use super::{Failure, affordable, say};
use bulq_domain::{ProductId, RunId};
use hdrhistogram::Histogram;
use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::watch;
use uuid::Uuid;

/// What the kernel keeps for a screen that will stop reading: little, so that it is the server that has to wait.
const SMALL_BUFFER: u32 = 8 * 1024;
/// How long those that stopped may take to find out whether they were cut.
const FIND_OUT: Duration = Duration::from_secs(10);

/// What the screens that may stop are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Reading,
    Stopped,
    /// Reads on, to see whether it was cut.
    Back,
}

/// Where the events of the run have got to.
struct Room {
    tally: Rc<Tally>,
    scanner: RefCell<Scanner>,
    /// The seq before the first bid.
    base: u64,
    bids: RefCell<Vec<Bid>>,
    /// From durable to each of the others' screens, in this window.
    shown_us: RefCell<Histogram<u64>>,
    /// Bytes of events on all other screens.
    bytes: Cell<u64>,
    cut: Cell<u64>,
    resumed: Cell<u64>,
    reset: Cell<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Bid {
    due: Instant,
    /// When this program first heard of it: from the answer, or from a screen that was quicker.
    durable: Option<Instant>,
}

/// The windows of one kind.
#[derive(Default)]
struct Windows {
    windows: Vec<Window>,
    shown_p99_ms: Vec<f64>,
}

pub(super) async fn play(options: &SlowReaders, round: &Round<'_>) -> Result<Report, Failure> {
    let (server, tally) = (round.server, &round.tally);
    let sockets = affordable(options.sockets, round.pids());
    let cast = Cast::hire(&server.client(), options.users, 1, 1).await?;
    cast.open_runs().await?;

    let scratch = wire::scratch();
    let slow = sockets / usize::try_from(options.one_in)?;
    let others = join(server, &cast, sockets - slow, &scratch).await?;
    let room = Rc::new(Room::new(others.first().map_or(0, |screen| screen.seq), tally.clone())?);
    let watching = others.len() as f64;
    for screen in others {
        tally.spawn(room.clone().keep_reading(screen));
    }
    let due = Due::for_senders(1, Some(options.rate), tally).remove(0);
    let (receiver, out) = wire::connect(server.address(), &cast.token(0)?, &scratch).await?;
    tally.spawn(room.clone().hear(receiver));
    let comment = "x".repeat(usize::try_from(options.comment)?);
    tally.spawn(publish(out, cast.runs[0], cast.products[0], comment, room.clone(), due));

    let (mut all_read, mut some_stopped) = (Windows::default(), Windows::default());
    let (mut before, mut after, mut behind) = (0, 0, 0.0);
    for n in 1..=round.repeat() {
        let (moods, mood) = watch::channel(Mood::Reading);
        for screen in join_small(server, &cast, slow, &scratch).await? {
            tally.spawn(room.clone().read_by_mood(screen, mood.clone()));
        }
        round.warm_up().await?;
        room.measure(round, &mut all_read, &format!("window {n}, all read")).await?;
        let bytes = room.bytes.get();
        if n == 1 {
            before = round.memory();
        }
        moods.send_replace(Mood::Stopped);
        room.measure(round, &mut some_stopped, &format!("window {n}, {slow} of {sockets} have stopped"))
            .await?;
        (after, behind) = (round.memory(), (room.bytes.get() - bytes) as f64 / watching.max(1.0));
        moods.send_replace(Mood::Back);
        room.verdict(slow as u64 * u64::from(n)).await;
    }
    round.check()?;
    let (cut, resumed, reset) = (room.cut.get(), room.resumed.get(), room.reset.get());
    say(&format!(
        "of those that stopped, {cut} were cut, {resumed} read on without a gap, {reset} were sent for a snapshot"
    ));

    let figures = [
        ("all_read_p50_ms", median(&all_read.windows, |w| w.p50_ms)),
        ("all_read_p99_ms", all_read.p99_ms()),
        ("all_read_shown_p99_ms", all_read.shown_p99_ms()),
        ("some_stopped_p50_ms", median(&some_stopped.windows, |w| w.p50_ms)),
        ("some_stopped_p99_ms", some_stopped.p99_ms()),
        ("some_stopped_shown_p99_ms", some_stopped.shown_p99_ms()),
        ("p99_ratio", some_stopped.p99_ms() / all_read.p99_ms()),
        ("shown_p99_ratio", some_stopped.shown_p99_ms() / all_read.shown_p99_ms()),
        ("rss_before_mb", before as f64 / 1024.0),
        ("rss_after_mb", after as f64 / 1024.0),
        ("stopped", slow as f64 * f64::from(round.repeat())),
        ("cut", cut as f64),
        ("read_on", resumed as f64),
        ("reset", reset as f64),
        ("kb_not_read_by_each", behind / 1024.0),
    ];
    let played = SlowReaders { sockets, ..options.clone() };
    // The table is of the windows in which some have stopped.
    let report =
        Report::new(&Scenario::SlowReaders(played), "event on another's screen", some_stopped.windows);
    Ok(figures.into_iter().fold(report, |report, (name, figure)| report.with(name, figure)))
}

/// Like [`join`], with small buffers.
async fn join_small(
    server: &Server,
    cast: &Cast,
    sockets: usize,
    scratch: &Scratch,
) -> Result<Vec<Screen>, Failure> {
    let address = tokio::net::lookup_host(server.address()).await?.next().ok_or("no address")?;
    let mut screens = Vec::with_capacity(sockets);
    for i in 0..sockets {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_recv_buffer_size(SMALL_BUFFER)?;
        let stream = socket.connect(address).await?;
        let connection = wire::upgrade(stream, server.address(), &cast.token(i)?, scratch).await?;
        screens.push(subscribe(connection, cast.runs[0]).await?);
    }
    Ok(screens)
}

async fn publish(
    mut out: OwnedWriteHalf,
    run: RunId,
    product: ProductId,
    comment: String,
    room: Rc<Room>,
    due: Rc<Due>,
) -> Result<(), Failure> {
    let (mut id, mut bytes) = (0u64, Vec::new());
    loop {
        while let Some(at) = due.take() {
            id += 1;
            let (command_id, quantity) = (Uuid::now_v7(), id % 9 + 1);
            let command = format!(
                r#"{{"type":"place_bid","product_id":"{product}","quantity":"{quantity}","comment":"{comment}"}}"#
            );
            let text = format!(
                r#"{{"type":"command","id":{id},"run":"{run}","command_id":"{command_id}","command":{command}}}"#
            );
            wire::push_text(&mut bytes, &text);
            room.bids.borrow_mut().push(Bid { due: at, durable: None });
        }
        out.write_all(&bytes).await?;
        bytes.clear();
        due.more().await;
    }
}

impl Windows {
    fn p99_ms(&self) -> f64 {
        median(&self.windows, |w| w.p99_ms)
    }

    fn shown_p99_ms(&self) -> f64 {
        middle(self.shown_p99_ms.clone())
    }
}

impl Room {
    fn new(base: u64, tally: Rc<Tally>) -> Result<Self, Failure> {
        Ok(Self {
            tally,
            scanner: RefCell::default(),
            base,
            bids: RefCell::default(),
            shown_us: RefCell::new(latencies()?),
            bytes: Cell::new(0),
            cut: Cell::new(0),
            resumed: Cell::new(0),
            reset: Cell::new(0),
        })
    }

    async fn measure(&self, round: &Round<'_>, of_a_kind: &mut Windows, name: &str) -> Result<(), Failure> {
        self.shown_us.borrow_mut().reset();
        of_a_kind.windows.push(round.window(name).await?);
        of_a_kind.shown_p99_ms.push(self.shown_us.borrow().value_at_quantile(0.99) as f64 / 1e3);
        Ok(())
    }

    /// The publisher's own answers, which come in the order of the bids: only a "no" fails.
    async fn hear(self: Rc<Self>, mut receiver: Receiver) -> Result<(), Failure> {
        let mut scanner = Scanner::default();
        loop {
            let read = receiver.read(|text| match scanner.see(text) {
                Seen::Bad => Err(format!("the publisher heard {}", String::from_utf8_lossy(text)).into()),
                Seen::Committed(id) => {
                    self.durable(id - 1);
                    Ok(())
                }
                Seen::Events(_) | Seen::Other => Ok(()),
            });
            read.await?;
        }
    }

    /// Notes that the bid is durable, if this is the first that is heard of it. `nth`: counted from zero.
    fn durable(&self, nth: u64) -> Option<Bid> {
        let mut bids = self.bids.borrow_mut();
        let bid = usize::try_from(nth).ok().and_then(|nth| bids.get_mut(nth))?;
        bid.durable.get_or_insert_with(Instant::now);
        Some(*bid)
    }

    async fn keep_reading(self: Rc<Self>, mut screen: Screen) -> Result<(), Failure> {
        loop {
            let seq = &mut screen.seq;
            let read = screen.receiver.read(|text| {
                if let Some(seqs) = self.next(seq, text)? {
                    self.bytes.set(self.bytes.get() + text.len() as u64);
                    self.arrived(seqs);
                }
                Ok(())
            });
            read.await?;
        }
    }

    async fn read_by_mood(
        self: Rc<Self>,
        mut screen: Screen,
        mut mood: watch::Receiver<Mood>,
    ) -> Result<(), Failure> {
        // Reading, until it is told to stop.
        loop {
            let seq = &mut screen.seq;
            tokio::select! {
                read = screen.receiver.read(|text| self.next(seq, text).map(drop)) => read?,
                stop = mood.wait_for(|mood| *mood != Mood::Reading) => { stop?; break }
            }
        }
        mood.wait_for(|mood| *mood == Mood::Back).await?;
        let latest = self.base + self.bids.borrow().len() as u64;
        let (gap, reset) = (Cell::new(false), Cell::new(false));
        loop {
            let seq = &mut screen.seq;
            let read = screen.receiver.read(|text| {
                reset.set(reset.get() || is_reset(text));
                // After a reset it would have to ask for a snapshot.
                if reset.get() {
                    return Ok(());
                }
                self.next(seq, text).map(drop).inspect_err(|_| gap.set(true))
            });
            match read.await {
                Err(failure) if gap.get() => return Err(failure),
                _ if reset.get() => break self.reset.set(self.reset.get() + 1),
                // The server closed it, or the line broke.
                Err(_) => break self.cut.set(self.cut.get() + 1),
                Ok(()) if screen.seq >= latest => break self.resumed.set(self.resumed.get() + 1),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    fn next(&self, seq: &mut u64, text: &[u8]) -> Result<Option<RangeInclusive<u64>>, Failure> {
        follow(&mut self.scanner.borrow_mut(), seq, text)
    }

    /// These events are on one more screen.
    fn arrived(&self, seqs: RangeInclusive<u64>) {
        self.tally.count(seqs.end() - seqs.start() + 1);
        for seq in seqs {
            let Some(Bid { due, durable }) = self.durable(seq - self.base - 1) else { continue };
            self.tally.took(due);
            self.shown_us.borrow_mut().saturating_record(durable.map_or(0, micros_since));
        }
    }

    /// Waits until so many know whether they were cut.
    async fn verdict(&self, stopped: u64) {
        let begin = Instant::now();
        while self.cut.get() + self.resumed.get() + self.reset.get() < stopped && begin.elapsed() < FIND_OUT {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
