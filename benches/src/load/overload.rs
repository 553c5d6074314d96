//! More bids than the server takes. First the peak, each bid sent once another is answered; then a multiple of that
//! rate whatever is answered. Nothing that was refused is sent again.

use super::args::{Bids, Field, Overload, Scenario};
use super::cast::Cast;
use super::fanout::bid_text;
use super::meter::{Round, Tally};
use super::pace::Due;
use super::report::{Report, median};
use super::scan::{Fate, fate};
use super::wire::{self, Receiver};
use super::{Failure, bids, say};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

/// Bytes written at a time: beyond that, what is due waits here instead of in a growing buffer.
const MOST_AT_ONCE: usize = 64 * 1024;

/// What was sent and what became of it, over all sockets.
#[derive(Debug, Default)]
struct Counts {
    sent: Cell<u64>,
    busy: Cell<u64>,
    unknown: Cell<u64>,
    rejected: Cell<u64>,
}

/// A socket that sends whatever is answered. The halves do not wait for each other.
struct Sender {
    number: usize,
    cast: Rc<Cast>,
    due: Rc<Due>,
    tally: Rc<Tally>,
    counts: Rc<Counts>,
    /// What was not answered, since when it was meant to be sent.
    open: RefCell<HashMap<u64, Instant>>,
}

pub(super) async fn play(options: &Overload, round: &Round<'_>) -> Result<Report, Failure> {
    let (server, tally) = (round.server, &round.tally);
    let field = Field { runs: options.runs, products: options.products, users: options.users, rate: None };
    let cast = Rc::new(Cast::hire(&server.client(), field.users, field.runs, field.products).await?);
    let closed = Bids { field, clients: options.clients, pipeline: options.pipeline };
    bids::start(&closed, &cast, round).await?;
    let peak = median(&round.windows().await?, |w| w.units_per_s);
    round.end().await;

    let rate = peak * options.times;
    say(&format!("the peak is {peak:.0}/s; now {rate:.0}/s whatever is answered"));
    let (counts, scratch) = (Rc::new(Counts::default()), wire::scratch());
    let mut connections = Vec::new();
    for number in 0..options.clients {
        connections.push(wire::connect(server.address(), &cast.token(number)?, &scratch).await?);
    }
    let begin = Instant::now();
    let dues = Due::for_senders(options.clients, Some(rate), tally);
    for ((number, due), (receiver, out)) in dues.into_iter().enumerate().zip(connections) {
        let (cast, tally, counts) = (cast.clone(), tally.clone(), counts.clone());
        let sender = Rc::new(Sender { number, cast, due, tally, counts, open: RefCell::default() });
        round.tally.spawn(sender.clone().hear(receiver));
        round.tally.spawn(sender.keep_sending(out));
    }
    let windows = round.windows().await?;
    let seconds = begin.elapsed().as_secs_f64();

    let goodput = median(&windows, |w| w.units_per_s);
    let per_s = |count: &Cell<u64>| count.get() as f64 / seconds;
    say(&format!("goodput is {:.0} % of the peak", goodput / peak * 100.0));
    Ok(Report::new(&Scenario::Overload(options.clone()), "durable bid", windows)
        .with("peak_per_s", peak)
        .with("goodput_per_s", goodput)
        .with("goodput_of_peak", goodput / peak)
        .with("meant_per_s", rate)
        .with("sent_per_s", per_s(&counts.sent))
        .with("busy_per_s", per_s(&counts.busy))
        .with("unknown_per_s", per_s(&counts.unknown))
        .with("rejected_per_s", per_s(&counts.rejected)))
}

impl Sender {
    async fn keep_sending(self: Rc<Self>, mut out: OwnedWriteHalf) -> Result<(), Failure> {
        let (mut id, mut bytes) = (0, Vec::new());
        loop {
            while bytes.len() < MOST_AT_ONCE
                && let Some(at) = self.due.take()
            {
                id += 1;
                self.open.borrow_mut().insert(id, at);
                wire::push_text(&mut bytes, &self.bid(id));
                self.counts.sent.set(self.counts.sent.get() + 1);
            }
            if bytes.is_empty() {
                self.due.more().await;
                continue;
            }
            out.write_all(&bytes).await?;
            bytes.clear();
        }
    }

    fn bid(&self, id: u64) -> String {
        let step = usize::try_from(id).unwrap_or(0).wrapping_mul(7919) + self.number * 104_729;
        let run = self.cast.runs[step % self.cast.runs.len()];
        let product = self.cast.products[(step / 31) % self.cast.products.len()];
        bid_text(id, run, product)
    }

    async fn hear(self: Rc<Self>, mut receiver: Receiver) -> Result<(), Failure> {
        loop {
            receiver.read(|text| fate(text).map_or(Ok(()), |(id, fate)| self.answered(id, fate))).await?;
        }
    }

    fn answered(&self, id: u64, fate: Fate) -> Result<(), Failure> {
        let Some(since) = self.open.borrow_mut().remove(&id) else {
            return Err(format!("{fate:?} for bid {id}, which nobody waits for").into());
        };
        let more = |count: &Cell<u64>| count.set(count.get() + 1);
        match fate {
            Fate::Committed => {
                self.tally.took(since);
                self.tally.count(1);
            }
            Fate::Busy => more(&self.counts.busy),
            Fate::Unknown => more(&self.counts.unknown),
            Fate::Rejected => more(&self.counts.rejected),
        }
        Ok(())
    }
}
