//! Erasing somebody: who it was goes, the books stay.
//!
//! The row of the user stays, nameless, because runs, prices and invitations refer to it. The name also stands in the
//! events by which somebody joined a run; there it is replaced. This is the one change ever made to a written event: its
//! seq, its kind and everything the rules look at stay as they are. What they said beside the log goes as well; receipts stay,
//! they belong to the books.

use crate::admin::{count_admins, lock_admins};
use crate::database::Tx;
use crate::error::carries_faults;
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

#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error("the server's last admin stays while others are here: make somebody else admin first")]
    LastAdmin,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(EraseError);

/// None if there is no such user, or they were erased before.
///
/// # Errors
/// [`EraseError`]; then nothing has changed.
pub async fn erase_user(db: &Database, id: Uuid, at: i64) -> Result<Option<Erased>, EraseError> {
    let mut tx = db.begin().await?;
    let erased = erase_in(&mut tx, id, at).await?;
    if erased.is_some() {
        tx.commit().await?;
    }
    Ok(erased)
}

/// As [`erase_user`], in a transaction under way. Whatever it says no to has to be rolled back.
pub(crate) async fn erase_in(tx: &mut Tx, id: Uuid, at: i64) -> Result<Option<Erased>, EraseError> {
    lock_admins(tx).await?;
    let Some(was_admin) = is_admin(tx, id).await? else { return Ok(None) };
    blank(tx, id, at).await?;
    if was_admin && count_admins(tx).await? == 0 && super::any_user(tx).await? {
        return Err(EraseError::LastAdmin);
    }
    let erased = Erased {
        sessions: drop_sessions(tx, id).await?,
        groups: groups::leave_all(tx, id, at).await?,
        runs: runs_of(tx, id).await?,
    };
    drop_notifications(tx, id).await?;
    blank_messages(tx, id).await?;
    blank_receipts(tx, id).await?;
    for run in &erased.runs {
        blank_in_log(tx, *run, id).await?;
        drop_snapshot(tx, *run).await?;
    }
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

async fn is_admin(tx: &mut Tx, id: Uuid) -> Result<Option<bool>, sqlx::Error> {
    let sql = "update users set name = name where id = $1 and erased_at is null returning is_admin";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)
}

/// A username with a tilde can neither be registered nor logged in with.
async fn blank(tx: &mut Tx, id: Uuid, at: i64) -> Result<(), sqlx::Error> {
    let sql = "update users set username = $2, name = $3, password_hash = '!', is_admin = false,
                      language = 'en', theme = 'system', disabled_at = $4, erased_at = $4
               where id = $1";
    let username = format!("~{}", id.simple());
    on_tx!(tx, |c| {
        sqlx::query(sql).bind(id).bind(&username).bind(NOBODY).bind(at).execute(c).await.map(drop)
    })
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

/// That something was said stays, what it was does not.
async fn blank_messages(tx: &mut Tx, author: Uuid) -> Result<(), sqlx::Error> {
    let sql = "update run_messages set text = $2, words = '', command_id = null where author_id = $1";
    on_tx!(tx, |c| sqlx::query(sql).bind(author).bind(NOBODY).execute(c).await.map(drop))
}

/// What was bought is part of the books; what they called its picture is not.
async fn blank_receipts(tx: &mut Tx, by: Uuid) -> Result<(), sqlx::Error> {
    let sql = "update run_receipts set name = $2 where uploaded_by = $1";
    on_tx!(tx, |c| sqlx::query(sql).bind(by).bind(NOBODY).execute(c).await.map(drop))
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
