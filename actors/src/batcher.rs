//! Natural group commit as a plain state machine: whatever arrives during a commit is the next batch.
//!
//! ```text
//!         Submit, Turn                  Committed
//!   Idle ───────────▶ Committing ────────────────────▶ Ack, next batch
//!                      │   ▲  │
//!            Unknown   │   │  │ Fenced, Duplicate: Nack those runs, commit the others
//!   (is it there?)     │   │  │ Rejected: bisect; alone: Nack
//!     Doubt ◀──────────┘   │  └ Down: Waiting
//!       │ there: Ack       │
//!       └ not there ───────┘
//! ```
//!
//! No clock and no database in here: the shell performs the outputs and feeds back what came of them.

use std::collections::{BTreeSet, VecDeque};
use std::hash::Hash;

/// What can be put into a batch.
pub trait Work {
    type Run: Copy + Ord + Hash;

    /// Work of one run is committed in the order of its submission, and fails together from the first failure on.
    fn run(&self) -> Self::Run;
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxResult<R> {
    Committed,
    /// These runs have another writer, or a command id that is there already; nothing was written.
    Conflict(Vec<R>),
    /// The database says that something in the batch is bad; nothing was written.
    Rejected,
    /// COMMIT was sent and the answer was lost.
    Unknown,
    /// Nothing was sent.
    Down,
}

/// Whether a doubtful batch is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    There,
    NotThere,
    /// The database did not answer.
    Down,
}

/// What the shell has to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Output<T: Work> {
    /// Commit these in one transaction and feed back [`Batcher::on_result`].
    Begin(Vec<T>),
    /// Look whether these are in the log and feed back [`Batcher::on_presence`].
    Look(Vec<T>),
    /// The database is away: wait `attempt` steps of back-off, then [`Batcher::on_wake`].
    Wait { attempt: u32 },
    /// Durable.
    Ack(Vec<T>),
    /// Neither these nor anything submitted for their runs before a reload will be committed.
    Nack(Vec<T>),
}

#[derive(Debug)]
enum State<T> {
    Idle,
    /// The shell has the batch.
    Busy,
    /// The database is away; `doubtful` batches are looked for before they are tried again.
    Waiting {
        batch: Vec<T>,
        doubtful: bool,
    },
}

/// Forms batches and decides what becomes of them.
#[derive(Debug)]
pub struct Batcher<T: Work> {
    state: State<T>,
    /// Parts of a bisected batch come before anything newer.
    parts: VecDeque<Vec<T>>,
    queue: VecDeque<T>,
    max_batch: usize,
    attempt: u32,
}

impl<T: Work> Batcher<T> {
    /// `max_batch`: at most this many submissions in one transaction.
    #[must_use]
    pub fn new(max_batch: usize) -> Self {
        let (parts, queue) = (VecDeque::new(), VecDeque::new());
        Self { state: State::Idle, parts, queue, max_batch, attempt: 0 }
    }

    /// How many submissions wait for their batch.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.len() + self.parts.iter().map(Vec::len).sum::<usize>()
    }

    /// Takes note of it; [`Batcher::on_turn`] begins. Between the two, whatever else has arrived can be submitted too.
    pub fn on_submit(&mut self, work: T) {
        self.queue.push_back(work);
    }

    /// Begins a batch if none is under way.
    pub fn on_turn(&mut self) -> Vec<Output<T>> {
        self.next()
    }

    pub fn on_result(&mut self, batch: Vec<T>, result: TxResult<T::Run>) -> Vec<Output<T>> {
        self.state = State::Idle;
        let mut outputs = match result {
            TxResult::Committed => {
                self.attempt = 0;
                vec![Output::Ack(batch)]
            }
            TxResult::Conflict(runs) => self.drop_runs(batch, &runs.into_iter().collect()),
            TxResult::Rejected => self.bisect(batch),
            TxResult::Unknown => {
                self.state = State::Busy;
                return vec![Output::Look(batch)];
            }
            TxResult::Down => return self.wait(batch, false),
        };
        outputs.extend(self.next());
        outputs
    }

    pub fn on_presence(&mut self, batch: Vec<T>, presence: Presence) -> Vec<Output<T>> {
        self.state = State::Idle;
        match presence {
            Presence::There => self.on_result(batch, TxResult::Committed),
            Presence::NotThere => {
                self.parts.push_front(batch);
                self.next()
            }
            Presence::Down => self.wait(batch, true),
        }
    }

    pub fn on_wake(&mut self) -> Vec<Output<T>> {
        match std::mem::replace(&mut self.state, State::Busy) {
            State::Waiting { batch, doubtful: true } => vec![Output::Look(batch)],
            State::Waiting { batch, doubtful: false } => vec![Output::Begin(batch)],
            other => {
                self.state = other;
                Vec::new()
            }
        }
    }

    fn wait(&mut self, batch: Vec<T>, doubtful: bool) -> Vec<Output<T>> {
        self.attempt += 1;
        self.state = State::Waiting { batch, doubtful };
        vec![Output::Wait { attempt: self.attempt }]
    }

    fn next(&mut self) -> Vec<Output<T>> {
        if !matches!(self.state, State::Idle) {
            return Vec::new();
        }
        let batch = match self.parts.pop_front() {
            Some(part) => part,
            None => self.queue.drain(..self.queue.len().min(self.max_batch)).collect(),
        };
        if batch.is_empty() {
            return Vec::new();
        }
        self.state = State::Busy;
        vec![Output::Begin(batch)]
    }

    /// One bad row must not fail its neighbours: halves are tried on their own, down to the one that is bad.
    fn bisect(&mut self, mut batch: Vec<T>) -> Vec<Output<T>> {
        if batch.len() <= 1 {
            let runs = batch.iter().map(Work::run).collect();
            return self.drop_runs(batch, &runs);
        }
        let second = batch.split_off(batch.len() / 2);
        self.parts.push_front(second);
        self.parts.push_front(batch);
        Vec::new()
    }

    /// Everything of `runs` is lost; the rest of `batch` is tried again.
    fn drop_runs(&mut self, batch: Vec<T>, runs: &BTreeSet<T::Run>) -> Vec<Output<T>> {
        let is_lost = |work: &T| runs.contains(&work.run());
        let (mut lost, kept): (Vec<T>, Vec<T>) = batch.into_iter().partition(is_lost);
        for part in &mut self.parts {
            let (gone, rest): (Vec<T>, Vec<T>) = std::mem::take(part).into_iter().partition(is_lost);
            lost.extend(gone);
            *part = rest;
        }
        let (gone, rest): (Vec<T>, Vec<T>) = std::mem::take(&mut self.queue).into_iter().partition(is_lost);
        lost.extend(gone);
        self.queue = rest.into();
        self.parts.retain(|part| !part.is_empty());
        if !kept.is_empty() {
            self.parts.push_front(kept);
        }
        vec![Output::Nack(lost)]
    }
}
