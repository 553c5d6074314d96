//! An fsck for one run: replays its log with the domain and compares with everything derived from it.

mod goods;
mod money;
mod tables;

use crate::journal::{self, CommandRow, SnapshotRow, StoredEvent};
use crate::{Database, StorageError};
use bulq_domain::{CommandId, Event, Recorded, Run, RunId, Timestamp, UserId};
use goods::StoredGoods;
use money::StoredMoney;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use tables::{BidTable, ParticipantTable, ProductTable, RunTable};
use uuid::Uuid;

/// Something the log and a table do not agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which row, in words.
    pub what: String,
    /// What follows from the log.
    pub log: String,
    /// What is stored.
    pub stored: String,
}

/// Everything stored about a run, seen at one moment.
struct Stored {
    run: Option<RunTable>,
    events: Vec<StoredEvent>,
    commands: Vec<CommandRow>,
    snapshot: Option<SnapshotRow>,
    participants: Vec<ParticipantTable>,
    products: Vec<ProductTable>,
    bids: Vec<BidTable>,
    goods: StoredGoods,
    money: StoredMoney,
}

/// Groups whose ledger does not add up to zero.
///
/// # Errors
/// Faults of the database only.
pub async fn verify_ledgers(db: &Database) -> Result<Vec<Difference>, StorageError> {
    let mut tx = db.begin_read().await?;
    let uneven = money::uneven_groups(&mut tx).await?;
    tx.rollback().await?;
    let mut found = Findings::default();
    for (group, sum) in uneven {
        found.compare(&format!("sum of the ledger of group {group}"), &0, &sum);
    }
    Ok(found.0)
}

/// Empty if everything agrees. A log that cannot be read is a difference too.
///
/// # Errors
/// Faults of the database only.
pub async fn verify_run(db: &Database, run: Uuid) -> Result<Vec<Difference>, StorageError> {
    let mut tx = db.begin_read().await?;
    let stored = Stored {
        run: tables::run(&mut tx, run).await?,
        events: journal::events(&mut tx, run, 0).await?,
        commands: journal::commands(&mut tx, run).await?,
        snapshot: journal::snapshot(&mut tx, run).await?,
        participants: tables::participants(&mut tx, run).await?,
        products: tables::products(&mut tx, run).await?,
        bids: tables::bids(&mut tx, run).await?,
        goods: StoredGoods::read(&mut tx, run).await?,
        money: StoredMoney::read(&mut tx, run).await?,
    };
    tx.rollback().await?;
    Ok(stored.differences(run))
}

impl Stored {
    fn differences(&self, id: Uuid) -> Vec<Difference> {
        let mut found = Findings::default();
        self.check_seqs_and_epochs(&mut found);
        self.check_commands(&mut found);
        if let Some(run) = self.fold(id, &mut found) {
            self.check_run(&run, &mut found);
            self.check_participants(&run, &mut found);
            self.check_products(&run, &mut found);
            self.check_bids(&run, &mut found);
            self.goods.check(&run, &mut found);
            self.money.check(&run, &self.events, &mut found);
        }
        found.0
    }

    /// seq = 1…n without a hole, and the epoch never falls.
    fn check_seqs_and_epochs(&self, found: &mut Findings) {
        for (expected, event) in (1..).zip(&self.events) {
            found.compare(&format!("seq of event {expected}"), &expected, &event.seq);
        }
        for pair in self.events.windows(2).filter(|pair| pair[1].epoch < pair[0].epoch) {
            found.add(&format!("epoch of event {}", pair[1].seq), &pair[0].epoch, &pair[1].epoch);
        }
    }

    /// Each event's command has a row that spans it, and each committed row spans events of its command.
    fn check_commands(&self, found: &mut Findings) {
        let mut caused: BTreeMap<Uuid, BTreeSet<i64>> = BTreeMap::new();
        for event in &self.events {
            if let Some(command) = event.command_id {
                caused.entry(command).or_default().insert(event.seq);
            }
        }
        for row in &self.commands {
            let log = caused.remove(&row.command_id).unwrap_or_default();
            let stored: BTreeSet<i64> = match row.outcome {
                None => (row.first_seq..=row.seq).collect(),
                Some(_) => BTreeSet::new(),
            };
            found.compare(&format!("events of command {}", row.command_id), &log, &stored);
        }
        for (command, seqs) in caused {
            found.add(&format!("row of command {command}"), &seqs, &"none");
        }
    }

    /// The run after its last event. On the way, compares it with the snapshot.
    fn fold(&self, id: Uuid, found: &mut Findings) -> Option<Run> {
        let mut run: Option<Run> = None;
        for stored in &self.events {
            let recorded = match recorded(stored) {
                Ok(recorded) => recorded,
                Err(reason) => {
                    found.add(&format!("event {}", stored.seq), &"a readable event", &reason);
                    return None;
                }
            };
            match &mut run {
                None => run = Run::begin(RunId(id), &recorded),
                Some(run) if recorded.seq == run.seq + 1 => run.apply(&recorded),
                Some(_) => return None,
            }
            let Some(run) = &run else {
                found.add("first event", &"run_created at seq 1", &stored.kind);
                return None;
            };
            self.check_snapshot(run, found);
        }
        if run.is_none() {
            found.add("log", &"begins with run_created", &"empty");
        }
        run
    }

    fn check_snapshot(&self, run: &Run, found: &mut Findings) {
        let Some(snapshot) = self.snapshot.as_ref().filter(|s| u64::try_from(s.seq) == Ok(run.seq)) else {
            return;
        };
        match serde_json::from_str::<Run>(&snapshot.body) {
            Ok(stored) => found.compare(&format!("snapshot at {}", run.seq), run, &stored),
            Err(e) => found.add("snapshot", &"readable", &e.to_string()),
        }
    }

    fn check_run(&self, run: &Run, found: &mut Findings) {
        if let Some(snapshot) =
            self.snapshot.as_ref().filter(|s| u64::try_from(s.seq).is_ok_and(|seq| seq > run.seq))
        {
            found.add("seq of the snapshot", &run.seq, &snapshot.seq);
        }
        let Some(stored) = &self.run else {
            found.add("row in runs", &run.seq, &"none");
            return;
        };
        let log = RunTable { epoch: stored.epoch, ..RunTable::of(run, &self.events) };
        found.compare("row in runs", &log, stored);
        let last = self.events.last().map_or(0, |event| event.epoch);
        if stored.epoch < last {
            found.add("epoch of the run", &last, &stored.epoch);
        }
    }

    fn check_participants(&self, run: &Run, found: &mut Findings) {
        let log: Vec<_> = run.participants.iter().map(ParticipantTable::of).collect();
        found.compare_rows("participant", &log, &self.participants);
    }

    fn check_products(&self, run: &Run, found: &mut Findings) {
        let log: Vec<_> = run.lines.iter().map(ProductTable::of).collect();
        found.compare_rows("product", &log, &self.products);
    }

    fn check_bids(&self, run: &Run, found: &mut Findings) {
        let log: Vec<_> = run.lines.iter().flat_map(|line| BidTable::of(run, line)).collect();
        found.compare_rows("bid", &log, &self.bids);
    }
}

/// # Errors
/// Why the row cannot be an event of this program.
fn recorded(stored: &StoredEvent) -> Result<Recorded, String> {
    let event: Event = serde_json::from_str(&stored.body).map_err(|e| e.to_string())?;
    if event.kind() != stored.kind {
        return Err(format!("the kind is {} but the body says {}", stored.kind, event.kind()));
    }
    Ok(Recorded {
        seq: u64::try_from(stored.seq).map_err(|e| e.to_string())?,
        at: Timestamp::from_timestamp_micros(stored.at).ok_or("the time is out of range")?,
        by: stored.actor_id.map(UserId),
        command_id: stored.command_id.map(CommandId),
        event,
    })
}

#[derive(Default)]
struct Findings(Vec<Difference>);

impl Findings {
    fn add(&mut self, what: &str, log: &dyn Debug, stored: &dyn Debug) {
        self.0.push(Difference {
            what: what.to_owned(),
            log: format!("{log:?}"),
            stored: format!("{stored:?}"),
        });
    }

    fn compare<T: PartialEq + Debug>(&mut self, what: &str, log: &T, stored: &T) {
        if log != stored {
            self.add(what, log, stored);
        }
    }

    /// Position by position: the order counts.
    fn compare_rows<T: PartialEq + Debug>(&mut self, what: &str, log: &[T], stored: &[T]) {
        for i in 0..log.len().max(stored.len()) {
            if log.get(i) != stored.get(i) {
                self.add(&format!("{what} {}", i + 1), &log.get(i), &stored.get(i));
            }
        }
    }
}
