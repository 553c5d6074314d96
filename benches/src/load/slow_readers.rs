//! A run on which one screen in ten stops reading: what the others feel, and what memory does.

use super::args::{Scenario, SlowReaders};
use super::cast::Cast;
use super::fanout::{Screen, hear, join, subscribe};
use super::meter::{Round, Tally};
use super::pace::Due;
use super::report::{Report, median};
use super::scan::{Scanner, Seen};
use super::server::Server;
use super::wire::{self, Scratch};
use super::{Failure, affordable, say};
use bulq_domain::{ProductId, RunId};
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
    /// When each bid was meant to be sent.
    published: RefCell<Vec<Instant>>,
    /// Bytes of events on all other screens.
    bytes: Cell<u64>,
    cut: Cell<u64>,
    resumed: Cell<u64>,
}

pub(super) async fn play(options: &SlowReaders, round: &Round<'_>) -> Result<Report, Failure> {
    let (server, tally) = (round.server, &round.tally);
    let sockets = affordable(options.sockets, round.pids());
    let cast = Cast::hire(&server.client(), options.users, 1, 1).await?;
    cast.open_runs().await?;

    let scratch = wire::scratch();
    let slow = sockets / usize::try_from(options.one_in)?;
    let others = join(server, &cast, sockets - slow, &scratch).await?;
    let slow_ones = join_small(server, &cast, slow, &scratch).await?;
    let room = Rc::new(Room::new(others.first().map_or(0, |screen| screen.seq), tally.clone()));
    let watching = others.len() as f64;
    let (moods, mood) = watch::channel(Mood::Reading);
    for screen in others {
        tally.spawn(room.clone().keep_reading(screen));
    }
    for screen in slow_ones {
        tally.spawn(room.clone().read_by_mood(screen, mood.clone()));
    }
    let due = Due::for_senders(1, Some(options.rate), tally).remove(0);
    let (receiver, out) = wire::connect(server.address(), &cast.token(0)?, &scratch).await?;
    tally.spawn(hear(receiver));
    let comment = "x".repeat(usize::try_from(options.comment)?);
    tally.spawn(publish(out, cast.runs[0], cast.products[0], comment, room.clone(), due));

    let all_read = round.windows().await?;
    let (before, bytes) = (round.memory(), room.bytes.get());
    moods.send_replace(Mood::Stopped);
    say(&format!("{slow} of {sockets} screens stop reading"));
    let some_stopped = round.windows().await?;
    let (after, behind) = (round.memory(), (room.bytes.get() - bytes) as f64 / watching.max(1.0));
    moods.send_replace(Mood::Back);
    let (cut, resumed) = room.verdict(slow as u64).await;
    round.check()?;
    say(&format!("of {slow} that stopped, {cut} were cut and {resumed} read on without a gap"));

    let (p50, p99) = (median(&all_read, |w| w.p50_ms), median(&all_read, |w| w.p99_ms));
    let slow_p99 = median(&some_stopped, |w| w.p99_ms);
    let figures = [
        ("all_read_p50_ms", p50),
        ("all_read_p99_ms", p99),
        ("some_stopped_p50_ms", median(&some_stopped, |w| w.p50_ms)),
        ("some_stopped_p99_ms", slow_p99),
        ("p99_ratio", slow_p99 / p99),
        ("rss_before_mb", before as f64 / 1024.0),
        ("rss_after_mb", after as f64 / 1024.0),
        ("stopped", slow as f64),
        ("cut", cut as f64),
        ("read_on", resumed as f64),
        ("kb_not_read_by_each", behind / 1024.0),
    ];
    let played = SlowReaders { sockets, ..options.clone() };
    // The table is of the windows in which some have stopped.
    let report = Report::new(&Scenario::SlowReaders(played), "event on another's screen", some_stopped);
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
            room.published.borrow_mut().push(at);
        }
        out.write_all(&bytes).await?;
        bytes.clear();
        due.more().await;
    }
}

impl Room {
    fn new(base: u64, tally: Rc<Tally>) -> Self {
        Self {
            tally,
            scanner: RefCell::default(),
            base,
            published: RefCell::default(),
            bytes: Cell::new(0),
            cut: Cell::new(0),
            resumed: Cell::new(0),
        }
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
        let (latest, gap) = (self.base + self.published.borrow().len() as u64, Cell::new(false));
        loop {
            let seq = &mut screen.seq;
            let read =
                screen.receiver.read(|text| self.next(seq, text).map(drop).inspect_err(|_| gap.set(true)));
            match read.await {
                Err(failure) if gap.get() => return Err(failure),
                // The server closed it, or the line broke.
                Err(_) => break self.cut.set(self.cut.get() + 1),
                Ok(()) if screen.seq >= latest => break self.resumed.set(self.resumed.get() + 1),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// The events in a frame, which must follow on `seq`.
    fn next(&self, seq: &mut u64, text: &[u8]) -> Result<Option<RangeInclusive<u64>>, Failure> {
        match self.scanner.borrow_mut().see(text) {
            Seen::Events(seqs) if *seqs.start() == *seq + 1 => {
                *seq = *seqs.end();
                Ok(Some(seqs))
            }
            Seen::Events(seqs) => Err(format!("after {seq} came {seqs:?}").into()),
            Seen::Bad => Err(format!("a bad frame: {}", String::from_utf8_lossy(text)).into()),
            Seen::Committed(_) | Seen::Other => Ok(None),
        }
    }

    /// These events are on one more screen.
    fn arrived(&self, seqs: RangeInclusive<u64>) {
        self.tally.count(seqs.end() - seqs.start() + 1);
        let published = self.published.borrow();
        for seq in seqs {
            let at = usize::try_from(seq - self.base - 1).ok().and_then(|at| published.get(at));
            if let Some(at) = at {
                self.tally.took(*at);
            }
        }
    }

    /// How many were cut, and how many read on.
    async fn verdict(&self, slow: u64) -> (u64, u64) {
        let begin = Instant::now();
        while self.cut.get() + self.resumed.get() < slow && begin.elapsed() < FIND_OUT {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        (self.cut.get(), self.resumed.get())
    }
}
