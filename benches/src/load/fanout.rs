//! Many screens on one run. A publisher bids; every screen must see every event, in order, each once.

use super::args::{Fanout, Scenario};
use super::cast::Cast;
use super::meter::{Round, Tally};
use super::pace::Due;
use super::report::Report;
use super::scan::{Scanner, Seen, subscribed};
use super::server::Server;
use super::wire::{self, Receiver, Scratch};
use super::{Failure, say};
use bulq_client::commands;
use bulq_domain::{ProductId, Quantity, RunId};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;
use uuid::Uuid;

const HANDSHAKES_AT_ONCE: usize = 64;

/// A screen: its socket, and the last seq it saw.
pub(super) struct Screen {
    pub(super) receiver: Receiver,
    pub(super) seq: u64,
    /// Dropping it would half-close the connection.
    pub(super) out: OwnedWriteHalf,
}

/// Where the events of the run have got to.
pub(super) struct Room {
    screens: usize,
    tally: Rc<Tally>,
    scanner: RefCell<Scanner>,
    /// What was published and is not on every screen yet, the oldest first: since when, and on how many.
    open: RefCell<VecDeque<(Instant, usize)>>,
    /// The last seq that is on every screen.
    complete: Cell<u64>,
    progress: Notify,
}

pub(super) async fn play(options: &Fanout, round: &Round<'_>) -> Result<Report, Failure> {
    let (server, tally) = (round.server, &round.tally);
    let cast = Cast::hire(&server.client(), options.users, 1, 1).await?;
    let (run, product) = (cast.runs[0], cast.products[0]);
    // From here on one bid is one event.
    cast.people[0].command(run, &commands::bid(product, Quantity::ONE)).await.committed();

    let scratch = wire::scratch();
    let screens = join(server, &cast, options.sockets, &scratch).await?;
    let room =
        Rc::new(Room::new(screens.len(), screens.first().map_or(0, |screen| screen.seq), tally.clone()));
    for screen in screens {
        tally.spawn(watch(screen, room.clone()));
    }
    let due = Due::for_senders(1, options.rate, tally).remove(0);
    let (receiver, out) = wire::connect(server.address(), &cast.token(0)?, &scratch).await?;
    tally.spawn(hear(receiver));
    tally.spawn(publish(out, run, product, options.clone(), room.clone(), due));

    let windows = round.windows().await?;
    Ok(Report::new(&Scenario::Fanout(options.clone()), "event on a screen", windows))
}

/// Opens this many sockets and subscribes each to one of the cast's runs, going round.
pub(super) async fn join(
    server: &Server,
    cast: &Cast,
    sockets: usize,
    scratch: &Scratch,
) -> Result<Vec<Screen>, Failure> {
    let begin = Instant::now();
    let one = |i: usize| async move {
        let connection = wire::connect(server.address(), &cast.token(i)?, scratch).await?;
        subscribe(connection, cast.runs[i % cast.runs.len()]).await
    };
    let screens: Vec<_> =
        stream::iter(0..sockets).map(one).buffered(HANDSHAKES_AT_ONCE).try_collect().await?;
    say(&format!("{sockets} sockets joined in {:.1} s", begin.elapsed().as_secs_f64()));
    Ok(screens)
}

/// Makes a screen of a connection.
pub(super) async fn subscribe(
    (mut receiver, mut out): (Receiver, OwnedWriteHalf),
    run: RunId,
) -> Result<Screen, Failure> {
    let mut frame = Vec::new();
    wire::push_text(&mut frame, &format!(r#"{{"type":"subscribe","id":1,"topic":"run:{run}"}}"#));
    out.write_all(&frame).await?;
    let (mut scanner, mut seq) = (Scanner::default(), None);
    loop {
        // Where bids come already, events may come together with the answer.
        let read = receiver.read(|text| match &mut seq {
            None => {
                seq = subscribed(text);
                Ok(())
            }
            Some(seq) => follow(&mut scanner, seq, text).map(drop),
        });
        read.await?;
        if let Some(seq) = seq {
            return Ok(Screen { receiver, seq, out });
        }
    }
}

/// The events in a frame, which must follow on `seq`.
pub(super) fn follow(
    scanner: &mut Scanner,
    seq: &mut u64,
    text: &[u8],
) -> Result<Option<RangeInclusive<u64>>, Failure> {
    match scanner.see(text) {
        Seen::Events(seqs) if *seqs.start() == *seq + 1 => {
            *seq = *seqs.end();
            Ok(Some(seqs))
        }
        Seen::Events(seqs) => Err(format!("after {seq} came {seqs:?}").into()),
        Seen::Bad => Err(format!("a bad frame: {}", String::from_utf8_lossy(text)).into()),
        Seen::Committed(_) | Seen::Other => Ok(None),
    }
}

pub(super) async fn watch(mut screen: Screen, room: Rc<Room>) -> Result<(), Failure> {
    loop {
        let seq = &mut screen.seq;
        let read = screen.receiver.read(|text| {
            if let Some(seqs) = follow(&mut room.scanner.borrow_mut(), seq, text)? {
                room.arrived(seqs);
            }
            Ok(())
        });
        read.await?;
    }
}

/// The publisher's own answers: only a "no" matters.
pub(super) async fn hear(mut receiver: Receiver) -> Result<(), Failure> {
    let mut scanner = Scanner::default();
    loop {
        let read = receiver.read(|text| match scanner.see(text) {
            Seen::Bad => Err(format!("the publisher heard {}", String::from_utf8_lossy(text)).into()),
            _ => Ok(()),
        });
        read.await?;
    }
}

async fn publish(
    mut out: OwnedWriteHalf,
    run: RunId,
    product: ProductId,
    options: Fanout,
    room: Rc<Room>,
    due: Rc<Due>,
) -> Result<(), Failure> {
    let (mut id, mut bytes) = (0u64, Vec::new());
    loop {
        let room_for_more = || options.rate.is_some() || room.outstanding() < options.window;
        while room_for_more()
            && let Some(at) = due.take()
        {
            id += 1;
            wire::push_text(&mut bytes, &bid_text(id, run, product));
            room.published(at);
        }
        out.write_all(&bytes).await?;
        bytes.clear();
        tokio::select! {
            () = room.progress(), if options.rate.is_none() => {}
            () = due.more() => {}
        }
    }
}

/// The frame of a bid that differs from the one before.
pub(super) fn bid_text(id: u64, run: RunId, product: ProductId) -> String {
    turn_text(id, run, product, id)
}

/// The frame of the bid that is the run's turn `turn`: it differs from that of the turn before.
pub(super) fn turn_text(id: u64, run: RunId, product: ProductId, turn: u64) -> String {
    let (command_id, quantity) = (Uuid::now_v7(), turn % 9 + 1);
    format!(
        r#"{{"type":"command","id":{id},"run":"{run}","command_id":"{command_id}","command":{{"type":"place_bid","product_id":"{product}","quantity":"{quantity}"}}}}"#
    )
}

impl Room {
    /// Of so many screens that all stand at `seq`.
    pub(super) fn new(screens: usize, seq: u64, tally: Rc<Tally>) -> Self {
        Self {
            screens,
            tally,
            scanner: RefCell::default(),
            open: RefCell::default(),
            complete: Cell::new(seq),
            progress: Notify::new(),
        }
    }

    pub(super) fn outstanding(&self) -> usize {
        self.open.borrow().len()
    }

    pub(super) fn published(&self, at: Instant) {
        self.open.borrow_mut().push_back((at, 0));
    }

    /// Waits until something more is on every screen.
    pub(super) async fn progress(&self) {
        self.progress.notified().await;
    }

    /// These events are on one more screen.
    pub(super) fn arrived(&self, seqs: RangeInclusive<u64>) {
        let mut open = self.open.borrow_mut();
        let first = seqs.start().saturating_sub(self.complete.get() + 1);
        let count = seqs.end() - seqs.start() + 1;
        self.tally.count(count);
        for (_, on) in open.iter_mut().skip(usize::try_from(first).unwrap_or(usize::MAX)).take(count as usize)
        {
            *on += 1;
        }
        while open.front().is_some_and(|(_, on)| *on >= self.screens)
            && let Some((since, _)) = open.pop_front()
        {
            self.tally.took(since);
            self.complete.set(self.complete.get() + 1);
            self.progress.notify_one();
        }
    }
}
