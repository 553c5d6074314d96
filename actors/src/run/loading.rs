//! Rebuilding a run from its snapshot and the tail of its log.

use super::remembered::{Entry, Outcome, Remembered};
use super::ring::Ring;
use bulq_domain::{CommandId, Event, Recorded, Run, RunId, Seq, Timestamp, UserId};
use bulq_protocol::wire;
use bulq_storage::journal::{self, CommandRow, Loaded, StoredEvent};
use bulq_storage::{Database, StorageError};
use std::sync::Arc;

/// What a run's actor starts from.
pub(super) struct Rebuilt {
    /// None if there is no such run yet.
    pub run: Option<Run>,
    pub epoch: i64,
    pub snapshot_seq: Seq,
    pub recent: Ring,
    pub remembered: Remembered,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The log is not what this server writes: the run is shut rather than guessed at.
    #[error("{0}")]
    Broken(String),
}

pub(super) async fn rebuild(db: Database, id: RunId) -> Result<Rebuilt, LoadError> {
    let Some(loaded) = journal::load(&db, id.0).await? else {
        let (recent, remembered) = (Ring::default(), Remembered::default());
        return Ok(Rebuilt { run: None, epoch: 0, snapshot_seq: 0, recent, remembered });
    };
    let Loaded { epoch, seq, snapshot, events, commands, .. } = loaded;
    let mut run: Option<Run> = None;
    if let Some(snapshot) = snapshot {
        let read = serde_json::from_str(&snapshot.body);
        run = Some(read.map_err(|e| {
            LoadError::Broken(format!("the snapshot at seq {} is unreadable: {e}", snapshot.seq))
        })?);
    }
    let snapshot_seq = run.as_ref().map_or(0, |run| run.seq);
    let mut recent = Ring::default();
    for stored in &events {
        let recorded = recorded_of(stored).map_err(LoadError::Broken)?;
        let expected = run.as_ref().map_or(0, |run| run.seq) + 1;
        if recorded.seq != expected {
            return Err(LoadError::Broken(format!(
                "the log has a hole: seq {} follows {}",
                recorded.seq,
                expected - 1
            )));
        }
        recent.push(recorded.seq, envelope_of(stored));
        super::deciding::fold(&mut run, id, &recorded);
    }
    let reached = run.as_ref().map_or(0, |run| run.seq);
    if reached != seq.cast_unsigned() {
        return Err(LoadError::Broken(format!("the log ends at seq {reached}, the run's row says {seq}")));
    }
    // What was read one by one has up to twice the room it needs; a copy has just that.
    let run = run.as_ref().cloned();
    Ok(Rebuilt { run, epoch, snapshot_seq, recent, remembered: remembered(commands)? })
}

fn remembered(commands: Vec<CommandRow>) -> Result<Remembered, LoadError> {
    let read = commands.into_iter().map(|row| {
        let outcome = match row.outcome {
            None => Outcome::committed(row.first_seq.cast_unsigned(), row.seq.cast_unsigned()),
            Some(text) => Outcome::Rejected(Box::new(serde_json::from_str(&text).map_err(|e| {
                LoadError::Broken(format!("the outcome of command {} is unreadable: {e}", row.command_id))
            })?)),
        };
        Ok((CommandId(row.command_id), Entry { fingerprint: row.fingerprint, outcome }))
    });
    Ok(Remembered::of(read.collect::<Result<_, LoadError>>()?))
}

/// The event as everybody sees it.
pub(super) fn envelope_of(stored: &StoredEvent) -> Arc<str> {
    let (by, command_id) = (stored.actor_id.map(UserId), stored.command_id.map(CommandId));
    wire::envelope(stored.seq.cast_unsigned(), time_of(stored), by, command_id, &stored.body)
}

fn recorded_of(stored: &StoredEvent) -> Result<Recorded, String> {
    let event: Event = serde_json::from_str(&stored.body)
        .map_err(|e| format!("the event at seq {} is unreadable: {e}", stored.seq))?;
    Ok(Recorded {
        seq: stored.seq.cast_unsigned(),
        at: time_of(stored),
        by: stored.actor_id.map(UserId),
        command_id: stored.command_id.map(CommandId),
        event,
    })
}

fn time_of(stored: &StoredEvent) -> Timestamp {
    Timestamp::from_timestamp_micros(stored.at).unwrap_or_default()
}
