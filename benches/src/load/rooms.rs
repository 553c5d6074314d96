//! Many small rooms: every run has a few screens and is bid on at the same slow pace, one run after the other.
//! The CPU of a delivery has a share of what it takes to make the bid durable.

use super::args::{Rooms, Scenario};
use super::cast::Cast;
use super::fanout::{Room, hear, join, turn_text, watch};
use super::meter::Round;
use super::pace::Due;
use super::report::Report;
use super::{Failure, affordable, wire};
use std::rc::Rc;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

/// A socket that bids on every so many-th run.
struct Publisher {
    /// The first of its turns; the next is `step` further.
    turn: usize,
    step: usize,
    cast: Rc<Cast>,
    rooms: Rc<Vec<Rc<Room>>>,
    due: Rc<Due>,
}

pub(super) async fn play(options: &Rooms, round: &Round<'_>) -> Result<Report, Failure> {
    let (server, tally) = (round.server, &round.tally);
    let per_run = options.screens.max(1);
    let runs = (affordable(options.runs * per_run, round.pids()) / per_run).max(1);
    let cast = Rc::new(Cast::hire(&server.client(), options.users, runs, 1).await?);
    cast.open_runs().await?;

    let scratch = wire::scratch();
    let screens = join(server, &cast, runs * per_run, &scratch).await?;
    let of_run = |screen| Rc::new(Room::new(per_run, screen, tally.clone()));
    // Screens go round the runs: the first ones are one of each.
    let rooms: Rc<Vec<_>> = Rc::new(screens.iter().take(runs).map(|screen| of_run(screen.seq)).collect());
    for (i, screen) in screens.into_iter().enumerate() {
        tally.spawn(watch(screen, rooms[i % runs].clone()));
    }
    let rate = options.per_second * runs as f64;
    let dues = Due::for_senders(options.publishers.max(1), Some(rate), tally);
    let step = dues.len();
    for (turn, due) in dues.into_iter().enumerate() {
        let (receiver, out) = wire::connect(server.address(), &cast.token(0)?, &scratch).await?;
        tally.spawn(hear(receiver));
        let publisher = Publisher { turn, step, cast: cast.clone(), rooms: rooms.clone(), due };
        tally.spawn(publisher.keep_publishing(out));
    }
    let windows = round.windows().await?;
    let played = Rooms { runs, screens: per_run, ..options.clone() };
    Ok(Report::new(&Scenario::Rooms(played), "event on a screen", windows))
}

impl Publisher {
    async fn keep_publishing(mut self, mut out: OwnedWriteHalf) -> Result<(), Failure> {
        let (mut id, mut bytes) = (0, Vec::new());
        loop {
            while let Some(at) = self.due.take() {
                id += 1;
                let (run, lap) = (self.turn % self.rooms.len(), self.turn / self.rooms.len());
                let text = turn_text(id, self.cast.runs[run], self.cast.products[0], lap as u64 + 1);
                wire::push_text(&mut bytes, &text);
                self.rooms[run].published(at);
                self.turn += self.step;
            }
            out.write_all(&bytes).await?;
            bytes.clear();
            self.due.more().await;
        }
    }
}
