//! The batcher against a model of a database that fails in every way it can.

use bulq_actors::batcher::{Batcher, Output, Presence, TxResult, Work};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The `n`-th change of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    run: u8,
    n: u32,
    /// The database will never take it.
    poison: bool,
}

impl Work for Item {
    type Run = u8;

    fn run(&self) -> u8 {
        self.run
    }
}

/// What the database does with one transaction.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Commit,
    Down,
    LostAfterCommit,
    LostBeforeCommit,
    Conflict(u8),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        5 => Just(Fate::Commit),
        1 => Just(Fate::Down),
        1 => Just(Fate::LostAfterCommit),
        1 => Just(Fate::LostBeforeCommit),
        1 => (0u8..4).prop_map(Fate::Conflict),
    ]
}

/// The shell and the database around a batcher.
#[derive(Default)]
struct World {
    log: Vec<Item>,
    acked: Vec<Item>,
    nacked: Vec<Item>,
    in_flight: Option<Output<Item>>,
    sleeping: bool,
}

impl World {
    fn take(&mut self, outputs: Vec<Output<Item>>) {
        for output in outputs {
            match output {
                Output::Ack(batch) => self.acked.extend(batch),
                Output::Nack(batch) => self.nacked.extend(batch),
                Output::Wait { .. } => self.sleeping = true,
                work @ (Output::Begin(_) | Output::Look(_)) => {
                    assert!(self.in_flight.is_none() && !self.sleeping, "one transaction at a time");
                    self.in_flight = Some(work);
                }
            }
        }
    }

    /// Lets the database get on by one step.
    fn step(&mut self, batcher: &mut Batcher<Item>, fate: Fate) {
        if std::mem::take(&mut self.sleeping) {
            let outputs = batcher.on_wake();
            return self.take(outputs);
        }
        let outputs = match self.in_flight.take() {
            None => return,
            Some(Output::Begin(batch)) => {
                let result = self.transaction(&batch, fate);
                batcher.on_result(batch, result)
            }
            Some(Output::Look(batch)) => {
                let presence = match fate {
                    Fate::Down => Presence::Down,
                    _ if self.log.contains(&batch[0]) => Presence::There,
                    _ => Presence::NotThere,
                };
                batcher.on_presence(batch, presence)
            }
            Some(other) => unreachable!("{other:?} is not work"),
        };
        self.take(outputs);
    }

    fn transaction(&mut self, batch: &[Item], fate: Fate) -> TxResult<u8> {
        assert!(!batch.is_empty(), "an empty transaction is wasted");
        match fate {
            Fate::Down => return TxResult::Down,
            Fate::LostBeforeCommit => return TxResult::Unknown,
            Fate::Conflict(run) if batch.iter().any(|item| item.run == run) => {
                return TxResult::Conflict(vec![run]);
            }
            _ => {}
        }
        if batch.iter().any(|item| item.poison) {
            return TxResult::Rejected;
        }
        self.log.extend_from_slice(batch);
        match fate {
            Fate::LostAfterCommit => TxResult::Unknown,
            _ => TxResult::Committed,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_change_ends_once_and_in_the_order_of_its_run(
        work in prop::collection::vec((0u8..4, prop::bool::weighted(0.05)), 1..60),
        fates in prop::collection::vec(fate(), 1..60),
        max_batch in 1usize..10,
        pace in 1usize..5,
    ) {
        let mut batcher = Batcher::new(max_batch);
        let mut world = World::default();
        let mut counts: BTreeMap<u8, u32> = BTreeMap::new();
        let mut fates: VecDeque<Fate> = fates.into();
        let items: Vec<Item> = work.into_iter().map(|(run, poison)| {
            let n = counts.entry(run).or_default();
            *n += 1;
            Item { run, n: *n, poison }
        }).collect();

        for (i, item) in items.iter().enumerate() {
            batcher.on_submit(item.clone());
            if i % pace == 0 {
                let outputs = batcher.on_turn();
                world.take(outputs);
                let fate = fates.pop_front().unwrap_or(Fate::Commit);
                world.step(&mut batcher, fate);
            }
        }
        let outputs = batcher.on_turn();
        world.take(outputs);
        while world.in_flight.is_some() || world.sleeping {
            let fate = fates.pop_front().unwrap_or(Fate::Commit);
            world.step(&mut batcher, fate);
        }

        prop_assert_eq!(batcher.waiting(), 0);
        prop_assert_eq!(&world.acked, &world.log, "what is acknowledged is what is in the log, in its order");
        prop_assert_eq!(world.acked.len() + world.nacked.len(), items.len(), "nothing is forgotten, nothing told twice");
        for run in 0..4u8 {
            let numbers: Vec<u32> = world.log.iter().filter(|item| item.run == run).map(|item| item.n).collect();
            prop_assert!(numbers.is_sorted(), "run {} out of order: {:?}", run, numbers);
        }
        let poisoned: BTreeSet<u8> = items.iter().filter(|item| item.poison).map(|item| item.run).collect();
        let conflicted = world.nacked.iter().any(|item| !poisoned.contains(&item.run));
        if !conflicted {
            for item in items.iter().filter(|item| !poisoned.contains(&item.run)) {
                prop_assert!(world.log.contains(item), "a healthy neighbour was lost: {:?}", item);
            }
        }
    }
}

#[test]
fn whatever_comes_during_a_commit_is_the_next_batch() {
    let item = |n| Item { run: 1, n, poison: false };
    let mut batcher = Batcher::new(100);

    batcher.on_submit(item(1));
    assert_eq!(batcher.on_turn(), vec![Output::Begin(vec![item(1)])]);
    batcher.on_submit(item(2));
    assert_eq!(batcher.on_turn(), vec![]);
    batcher.on_submit(item(3));

    let outputs = batcher.on_result(vec![item(1)], TxResult::Committed);
    assert_eq!(outputs, vec![Output::Ack(vec![item(1)]), Output::Begin(vec![item(2), item(3)])]);
}

#[test]
fn a_conflict_of_one_run_does_not_touch_its_neighbours() {
    let item = |run, n| Item { run, n, poison: false };
    let mut batcher = Batcher::new(100);
    batcher.on_submit(item(1, 1));
    assert_eq!(batcher.on_turn().len(), 1);
    batcher.on_submit(item(2, 1));
    batcher.on_submit(item(1, 2));

    let outputs = batcher.on_result(vec![item(1, 1)], TxResult::Conflict(vec![1]));

    assert_eq!(outputs, vec![Output::Nack(vec![item(1, 1), item(1, 2)]), Output::Begin(vec![item(2, 1)])]);
}
