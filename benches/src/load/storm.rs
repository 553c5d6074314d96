//! All sockets are cut at once. While they are away every run goes on; then all come back for exactly that.

use super::args::{Scenario, Storm};
use super::bids::commit_all;
use super::cast::Cast;
use super::fanout::{join, turn_text};
use super::meter::{Round, Tally};
use super::report::{Report, median};
use super::scan::{Resumed, resumed};
use super::wire::{self, Scratch};
use super::{Failure, affordable, say};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

/// Runs whose missed events are made at a time, each over a socket of its own.
const BIDDERS: usize = 8;
/// Bids a bidder has outstanding.
const PIPELINE: u64 = 100;
/// A storm that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(300);

/// Whoever comes back, and what for.
struct Away {
    address: String,
    cast: Rc<Cast>,
    tally: Rc<Tally>,
    scratch: Scratch,
    after: Vec<u64>,
    missed: u64,
    begin: Instant,
    snapshots: Cell<u64>,
    /// Answers of each run that were read: everybody gets the same bytes.
    known: RefCell<Vec<(Vec<u8>, Resumed)>>,
}

pub(super) async fn play(options: &Storm, round: &Round<'_>) -> Result<Report, Failure> {
    let (server, runs) = (round.server, options.runs.max(1));
    let sockets = affordable(options.sockets, round.pids());
    let cast = Rc::new(Cast::hire(&server.client(), options.users, runs, 1).await?);
    cast.open_runs().await?;

    let scratch = wire::scratch();
    let mut screens = join(server, &cast, sockets, &scratch).await?;
    // Nobody watches a run beyond the last socket.
    let mut after: Vec<u64> = screens.iter().take(runs).map(|screen| screen.seq).collect();
    let (mut windows, mut snapshots, mut turn) = (Vec::new(), 0, 0);
    for n in 1..=round.repeat() {
        drop(std::mem::take(&mut screens));
        make_events(&cast, server.address(), &scratch, after.len(), turn, options.missed).await?;
        turn += options.missed;

        let edge = round.begin();
        let away = Rc::new(Away {
            address: server.address().to_owned(),
            cast: cast.clone(),
            tally: round.tally.clone(),
            scratch: scratch.clone(),
            after: after.clone(),
            missed: options.missed,
            begin: Instant::now(),
            snapshots: Cell::new(0),
            known: RefCell::new(vec![(Vec::new(), Resumed::Bad); after.len()]),
        });
        let back =
            stream::iter(0..sockets).map(|i| away.clone().come_back(i)).buffer_unordered(options.at_once);
        let all = tokio::time::timeout(LONGEST, back.try_collect::<Vec<_>>());
        let back = all.await.map_err(|_| "not everybody was back after five minutes")??;
        let window = round.since(&edge)?;
        snapshots += away.snapshots.get();
        say(&format!(
            "storm {n}: {} sockets back in {:.2} s, {:.1} cores of the server, {} snapshots, no gap",
            back.len(),
            window.seconds,
            window.server_cores,
            away.snapshots.get()
        ));
        windows.push(window);
        after.iter_mut().for_each(|seq| *seq += options.missed);
        // They stay for a while; leaving this turn cuts them again.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let all_back = median(&windows, |w| w.seconds);
    let cpu = median(&windows, |w| w.server_cores * w.seconds);
    let played = Storm { sockets, ..options.clone() };
    Ok(Report::new(&Scenario::Storm(played), "missed event on a screen", windows)
        .with("all_back_s", all_back)
        .with("server_cpu_s", cpu)
        .with("snapshots", snapshots as f64)
        .with("gaps", 0.0))
}

/// So many events on each of the first `runs` runs, all of them committed.
async fn make_events(
    cast: &Cast,
    address: &str,
    scratch: &Scratch,
    runs: usize,
    turn: u64,
    count: u64,
) -> Result<(), Failure> {
    let begin = Instant::now();
    let one = |run: usize| async move {
        let socket = wire::connect(address, &cast.token(0)?, scratch).await?;
        let text = |n| turn_text(n, cast.runs[run], cast.products[0], turn + n);
        commit_all(socket, (1..=count).map(text), PIPELINE).await
    };
    stream::iter(0..runs).map(one).buffer_unordered(BIDDERS).try_for_each(|()| async { Ok(()) }).await?;
    say(&format!("{count} events on each of {runs} runs in {:.1} s", begin.elapsed().as_secs_f64()));
    Ok(())
}

impl Away {
    /// Reconnects, subscribes after what it had, and checks what it is given. Returns the open connection.
    async fn come_back(self: Rc<Self>, i: usize) -> Result<impl Sized, Failure> {
        let run = i % self.after.len();
        let (mut receiver, mut out) =
            wire::connect(&self.address, &self.cast.token(i)?, &self.scratch).await?;
        let (id, after) = (self.cast.runs[run], self.after[run]);
        let text = format!(r#"{{"type":"subscribe","id":1,"topic":"run:{id}","after":{after}}}"#);
        let mut frame = Vec::new();
        wire::push_text(&mut frame, &text);
        out.write_all(&frame).await?;
        match receiver.until(|text| self.look(run, text)).await? {
            Resumed::Events(Some(seqs)) if seqs == (after + 1..=after + self.missed) => {}
            Resumed::Events(None) if self.missed == 0 => {}
            Resumed::Snapshot(seq) if seq == after + self.missed => {
                self.snapshots.set(self.snapshots.get() + 1);
            }
            other => return Err(format!("a gap: {} events after {after}, but {other:?}", self.missed).into()),
        }
        self.tally.count(self.missed);
        self.tally.took(self.begin);
        Ok((receiver, out))
    }

    fn look(&self, run: usize, text: &[u8]) -> Option<Resumed> {
        let (bytes, what) = &mut self.known.borrow_mut()[run];
        if bytes != text {
            *what = resumed(text)?;
            text.clone_into(bytes);
        }
        Some(what.clone())
    }
}
