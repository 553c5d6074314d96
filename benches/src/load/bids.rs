//! Bids over the live connection, pipelined.

use super::Failure;
use super::args::{Bids, Scenario};
use super::cast::Cast;
use super::fanout::bid_text;
use super::meter::{Round, Tally};
use super::pace::Due;
use super::report::Report;
use super::scan::{Scanner, Seen};
use super::wire::{self, Receiver};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

/// A socket that bids.
struct Bidder {
    number: usize,
    cast: Rc<Cast>,
    due: Rc<Due>,
    tally: Rc<Tally>,
    pipeline: usize,
    last_id: u64,
    /// What was sent and not answered: id, and when it was meant to be sent.
    open: VecDeque<(u64, Instant)>,
}

pub(super) async fn play(options: &Bids, round: &Round<'_>) -> Result<Report, Failure> {
    let field = &options.field;
    let cast = Cast::hire(&round.server.client(), field.users, field.runs, field.products).await?;
    start(options, &Rc::new(cast), round).await?;
    let windows = round.windows().await?;
    Ok(Report::new(&Scenario::Bids(options.clone()), "durable bid", windows))
}

/// Sockets that bid until the round ends.
pub(super) async fn start(options: &Bids, cast: &Rc<Cast>, round: &Round<'_>) -> Result<(), Failure> {
    let (server, field, tally) = (round.server, &options.field, &round.tally);
    let (scratch, dues) = (wire::scratch(), Due::for_senders(options.clients, field.rate, tally));
    for (number, due) in dues.into_iter().enumerate() {
        let (receiver, out) = wire::connect(server.address(), &cast.token(number)?, &scratch).await?;
        let (cast, tally, pipeline) = (cast.clone(), tally.clone(), options.pipeline);
        let bidder = Bidder { number, cast, due, tally, pipeline, last_id: 0, open: VecDeque::new() };
        round.tally.spawn(bidder.keep_bidding(receiver, out));
    }
    Ok(())
}

/// Commits all of these over one socket, with so many outstanding. Their ids count from one.
pub(super) async fn commit_all(
    (mut receiver, mut out): (Receiver, OwnedWriteHalf),
    texts: impl Iterator<Item = String>,
    pipeline: u64,
) -> Result<(), Failure> {
    let (mut texts, mut scanner) = (texts.peekable(), Scanner::default());
    let (mut sent, mut done) = (0, 0);
    while texts.peek().is_some() || done < sent {
        let mut bytes = Vec::new();
        while sent - done < pipeline
            && let Some(text) = texts.next()
        {
            sent += 1;
            wire::push_text(&mut bytes, &text);
        }
        out.write_all(&bytes).await?;
        let read = receiver.read(|text| match scanner.see(text) {
            Seen::Committed(_) => {
                done += 1;
                Ok(())
            }
            Seen::Bad => Err(not_committed(text)),
            Seen::Events(_) | Seen::Other => Ok(()),
        });
        read.await?;
    }
    Ok(())
}

fn not_committed(text: &[u8]) -> Failure {
    format!("a bid was answered {}", String::from_utf8_lossy(text)).into()
}

impl Bidder {
    async fn keep_bidding(mut self, mut receiver: Receiver, mut out: OwnedWriteHalf) -> Result<(), Failure> {
        let (mut scanner, mut bytes) = (Scanner::default(), Vec::new());
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
                read = receiver.read(|text| self.answered(scanner.see(text), text)) => read?,
                () = due.more() => {}
            }
        }
    }

    /// Goes over runs and products in an order of its own, so that no two sockets walk in step.
    fn next(&mut self, at: Instant) -> String {
        self.last_id += 1;
        self.open.push_back((self.last_id, at));
        let step = usize::try_from(self.last_id).unwrap_or(0).wrapping_mul(7919) + self.number * 104_729;
        let run = self.cast.runs[step % self.cast.runs.len()];
        let product = self.cast.products[(step / 31) % self.cast.products.len()];
        bid_text(self.last_id, run, product)
    }

    fn answered(&mut self, seen: Seen, text: &[u8]) -> Result<(), Failure> {
        let Seen::Committed(id) = seen else {
            return match seen {
                Seen::Bad => Err(not_committed(text)),
                _ => Ok(()),
            };
        };
        let at = self.open.iter().position(|(open, _)| *open == id).ok_or("an answer nobody waits for")?;
        if let Some((_, since)) = self.open.remove(at) {
            self.tally.took(since);
            self.tally.count(1);
        }
        Ok(())
    }
}
