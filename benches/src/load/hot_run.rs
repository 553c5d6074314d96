//! One run: everybody bids on it, and everybody who bids looks on, as do others. Every screen must see every event, in
//! order, each once.

use super::args::{HotRun, Scenario};
use super::cast::Cast;
use super::fanout::{Screen, bid_text, join, subscribe};
use super::meter::{Round, Tally};
use super::pace::Due;
use super::report::Report;
use super::scan::{Scanner, Seen};
use super::wire::{self, Receiver};
use super::{Failure, affordable, say};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

/// How long the last events may take to every screen once it is asked where they are.
const PATIENCE: Duration = Duration::from_secs(10);

/// What everybody sees.
struct Stands {
    scanner: RefCell<Scanner>,
    delivered: Cell<u64>,
    /// The last seq on each screen.
    at: RefCell<Vec<u64>>,
}

/// A socket that bids, and sees what the others do.
struct Bidder {
    number: usize,
    cast: Rc<Cast>,
    due: Rc<Due>,
    tally: Rc<Tally>,
    stands: Rc<Stands>,
    pipeline: usize,
    last_id: u64,
    /// What was sent and not answered: id, and when it was meant to be sent.
    open: VecDeque<(u64, Instant)>,
}

pub(super) async fn play(options: &HotRun, round: &Round<'_>) -> Result<Report, Failure> {
    let (server, tally) = (round.server, &round.tally);
    let screens = affordable(options.clients + options.screens, round.pids()).saturating_sub(options.clients);
    let cast = Rc::new(Cast::hire(&server.client(), options.users, 1, options.products).await?);
    cast.open_runs().await?;

    let scratch = wire::scratch();
    let watchers = join(server, &cast, screens, &scratch).await?;
    let stands = Rc::new(Stands {
        scanner: RefCell::default(),
        delivered: Cell::new(0),
        at: RefCell::new(vec![0; screens + options.clients]),
    });
    for (number, screen) in watchers.into_iter().enumerate() {
        tally.spawn(stands.clone().look_on(number, screen));
    }
    let mut bidders = Vec::new();
    for (number, due) in Due::for_senders(options.clients, options.rate, tally).into_iter().enumerate() {
        let connection = wire::connect(server.address(), &cast.token(number)?, &scratch).await?;
        let screen = subscribe(connection, cast.runs[0]).await?;
        let bidder = Bidder {
            number: screens + number,
            cast: cast.clone(),
            due,
            tally: tally.clone(),
            stands: stands.clone(),
            pipeline: options.pipeline,
            last_id: 0,
            open: VecDeque::new(),
        };
        bidders.push((bidder, screen));
    }
    // All of them are level before the first bid.
    for (bidder, screen) in bidders {
        tally.spawn(bidder.keep_bidding(screen));
    }
    let before = stands.delivered.get();
    let begin = Instant::now();
    let windows = round.windows().await?;
    let deliveries = (stands.delivered.get() - before) as f64 / begin.elapsed().as_secs_f64();
    let latest = stands.everybody_has_it(round).await?;
    let played = HotRun { screens, ..options.clone() };
    say(&format!("every screen has everything up to {latest}, without a gap"));
    Ok(Report::new(&Scenario::HotRun(played), "durable bid", windows)
        .with("deliveries_per_s", deliveries)
        .with("gaps", 0.0)
        .with("last_seq", latest as f64))
}

impl Stands {
    async fn look_on(self: Rc<Self>, number: usize, screen: Screen) -> Result<(), Failure> {
        let Screen { mut receiver, seq, out: _out } = screen;
        self.at.borrow_mut()[number] = seq;
        loop {
            receiver.read(|text| self.see(number, text).map(drop)).await?;
        }
    }

    /// Events must follow on what this screen has.
    fn see(&self, number: usize, text: &[u8]) -> Result<Seen, Failure> {
        let seen = self.scanner.borrow_mut().see(text);
        match &seen {
            Seen::Events(seqs) => {
                let at = &mut self.at.borrow_mut()[number];
                if *seqs.start() != *at + 1 {
                    return Err(format!("after {at} came {seqs:?}").into());
                }
                *at = *seqs.end();
                self.delivered.set(self.delivered.get() + seqs.end() - seqs.start() + 1);
            }
            Seen::Bad => return Err(format!("a bad frame: {}", String::from_utf8_lossy(text)).into()),
            Seen::Committed(_) | Seen::Other => {}
        }
        Ok(seen)
    }

    /// Waits until every screen has what the furthest one has now.
    async fn everybody_has_it(&self, round: &Round<'_>) -> Result<u64, Failure> {
        let latest = self.at.borrow().iter().copied().max().unwrap_or(0);
        let begin = Instant::now();
        while self.at.borrow().iter().any(|at| *at < latest) {
            round.check()?;
            if begin.elapsed() > PATIENCE {
                let behind = self.at.borrow().iter().filter(|at| **at < latest).count();
                return Err(format!("{behind} screens do not have event {latest}").into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(latest)
    }
}

impl Bidder {
    async fn keep_bidding(mut self, screen: Screen) -> Result<(), Failure> {
        let Screen { mut receiver, seq, mut out } = screen;
        self.stands.at.borrow_mut()[self.number] = seq;
        let mut bytes = Vec::new();
        loop {
            while self.open.len() < self.pipeline
                && let Some(at) = self.due.take()
            {
                wire::push_text(&mut bytes, &self.next(at));
            }
            out.write_all(&bytes).await?;
            bytes.clear();
            let due = self.due.clone();
            tokio::select! {
                read = self.hear(&mut receiver) => read?,
                () = due.more() => {}
            }
        }
    }

    fn next(&mut self, at: Instant) -> String {
        self.last_id += 1;
        self.open.push_back((self.last_id, at));
        let step = usize::try_from(self.last_id).unwrap_or(0).wrapping_mul(7919) + self.number * 104_729;
        bid_text(self.last_id, self.cast.runs[0], self.cast.products[step % self.cast.products.len()])
    }

    async fn hear(&mut self, receiver: &mut Receiver) -> Result<(), Failure> {
        let (stands, number, open, tally) = (&self.stands, self.number, &mut self.open, &self.tally);
        receiver
            .read(|text| {
                let Seen::Committed(id) = stands.see(number, text)? else { return Ok(()) };
                let at = open.iter().position(|(open, _)| *open == id).ok_or("an answer nobody waits for")?;
                if let Some((_, since)) = open.remove(at) {
                    tally.took(since);
                    tally.count(1);
                }
                Ok(())
            })
            .await
    }
}
