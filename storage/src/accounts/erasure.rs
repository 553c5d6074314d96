//! Erasing somebody: who it was goes, the books stay.
//!
//! The row of the user stays, nameless, because runs, prices and invitations refer to it. The name also stands in the
//! events by which somebody joined a run; there it is replaced. This is the one change ever made to a written event: its
//! seq, its kind and everything the rules look at stay as they are.

use crate::database::Tx;
use crate::groups::{self, Left};
use crate::{Database, StorageError};
use bulq_domain::{Event, UserId};
use uuid::Uuid;

/// What is shown in the place of a name.
const NOBODY: &str = "(deleted)";

/// What ended with somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    pub sessions: Vec<Uuid>,
    /// The groups they were in until now.
    pub groups: Vec<Left>,
    /// The runs their name stood in. Whatever of these is in memory has to be read again.
    pub runs: Vec<Uuid>,
}

/// None if there is no such user, or they were erased before.
///
/// # Errors
/// Faults only; then nothing has changed.
pub async fn erase_user(db: &Database, id: Uuid, at: i64) -> Result<Option<Erased>, StorageError> {
    let mut tx = db.begin().await?;
    if !blank(&mut tx, id, at).await? {
        return Ok(None);
    }
    let erased = Erased {
        sessions: drop_sessions(&mut tx, id).await?,
        groups: groups::leave_all(&mut tx, id, at).await?,
        runs: runs_of(&mut tx, id).await?,
    };
    drop_notifications(&mut tx, id).await?;
    for run in &erased.runs {
        blank_in_log(&mut tx, *run, id).await?;
        drop_snapshot(&mut tx, *run).await?;
    }
    tx.commit().await?;
    Ok(Some(erased))
}

/// Snapshots are rebuilt from the log when they are missed.
///
/// # Errors
/// Faults only.
pub async fn forget_snapshots(db: &Database, runs: &[Uuid]) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    for run in runs {
        drop_snapshot(&mut tx, *run).await?;
    }
    Ok(tx.commit().await?)
}

/// A username with a tilde can neither be registered nor logged in with.
async fn blank(tx: &mut Tx, id: Uuid, at: i64) -> Result<bool, sqlx::Error> {
    let sql = "update users set username = $2, name = $3, password_hash = '!', is_admin = false,
                      language = 'en', theme = 'system', disabled_at = $4, erased_at = $4
               where id = $1 and erased_at is null";
    let username = format!("~{}", id.simple());
    let rows = on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(id)
            .bind(&username)
            .bind(NOBODY)
            .bind(at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// They say where somebody was and with what device.
async fn drop_sessions(tx: &mut Tx, user: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    let sql = "delete from sessions where user_id = $1 returning id";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(user).fetch_all(c).await)
}

async fn drop_notifications(tx: &mut Tx, user: Uuid) -> Result<(), sqlx::Error> {
    let sql = "delete from notifications where user_id = $1";
    on_tx!(tx, |c| sqlx::query(sql).bind(user).execute(c).await.map(drop))
}

async fn runs_of(tx: &mut Tx, user: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    let sql = "select run_id from participants where user_id = $1 order by run_id";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(user).fetch_all(c).await)
}

async fn drop_snapshot(tx: &mut Tx, run: Uuid) -> Result<(), sqlx::Error> {
    let sql = "delete from run_snapshots where run_id = $1";
    on_tx!(tx, |c| sqlx::query(sql).bind(run).execute(c).await.map(drop))
}

async fn blank_in_log(tx: &mut Tx, run: Uuid, user: Uuid) -> Result<(), StorageError> {
    for (seq, body) in joinings(tx, run).await? {
        let event: Event = serde_json::from_str(&body)
            .map_err(|error| StorageError::Corrupt(format!("event {seq} of run {run}: {error}")))?;
        if let Event::ParticipantJoined { user_id, .. } = event
            && user_id == UserId(user)
        {
            let nameless = Event::ParticipantJoined { user_id, name: NOBODY.into() };
            let body = serde_json::to_string(&nameless).expect("events are plain data");
            rewrite(tx, run, seq, &body).await?;
        }
    }
    Ok(())
}

async fn joinings(tx: &mut Tx, run: Uuid) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let sql =
        "select seq, body from run_events where run_id = $1 and kind = 'participant_joined' order by seq";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

async fn rewrite(tx: &mut Tx, run: Uuid, seq: i64, body: &str) -> Result<(), sqlx::Error> {
    let sql = "update run_events set body = $3 where run_id = $1 and seq = $2";
    on_tx!(tx, |c| sqlx::query(sql).bind(run).bind(seq).bind(body).execute(c).await.map(drop))
}
