//! Everybody on the server.

use super::log::{self, NewEntry};
use crate::accounts::{EraseError, Erased, USERNAME, end_sessions, erase_in};
use crate::database::Tx;
use crate::error::carries_faults;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

record! {
    pub struct UserOfServer {
        pub id: Uuid,
        pub username: String,
        pub name: String,
        pub is_admin: bool,
        pub disabled_at: Option<i64>,
        pub created_at: i64,
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("the server's last admin stays: make somebody else admin first")]
    LastAdmin,
    #[error("no such user")]
    NoSuchUser,
    #[error("only an admin of the server may do this")]
    NotAdmin,
    #[error("the username {username} is taken")]
    UsernameTaken { username: String },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(AdminError);

/// Everybody, or those whose username begins so; by username.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn users(db: &Database, page: &Page, beginning: &str) -> Result<Paged<UserOfServer>, StorageError> {
    let sql = "select id, username, name, is_admin, disabled_at, created_at from users
               where username >= $1 and username < $2 and username > $3 order by username limit $4";
    let (after, _) = page.above_text()?;
    let (from, to) = (beginning.to_lowercase(), format!("{}\u{10ffff}", beginning.to_lowercase()));
    let rows: Vec<UserOfServer> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(from).bind(to).bind(after).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |user| Cursor::text(&user.username, user.id)))
}

/// Makes somebody an admin of the server, or takes that back. Nobody who is disabled becomes one.
///
/// # Errors
/// [`AdminError`]; then nothing has changed.
pub async fn set_admin(
    db: &Database,
    user: Uuid,
    is_admin: bool,
    entry: &NewEntry,
) -> Result<(), AdminError> {
    let mut tx = db.begin().await?;
    begin_deed(&mut tx, entry).await?;
    let sql = "update users set is_admin = $2
               where id = $1 and erased_at is null and (disabled_at is null or not $2)";
    let rows = on_tx!(&mut tx, |c| {
        sqlx::query(sql).bind(user).bind(is_admin).execute(c).await.map(|done| done.rows_affected())
    })?;
    end_deed(tx, rows, entry).await
}

/// Gives somebody another username or name; what is None stays.
///
/// # Errors
/// [`AdminError`], [`AdminError::NoSuchUser`] also for somebody who was erased; then nothing has changed.
pub async fn rename_user(
    db: &Database,
    user: Uuid,
    username: Option<&str>,
    name: Option<&str>,
    entry: &NewEntry,
) -> Result<(), AdminError> {
    let mut tx = db.begin().await?;
    begin_deed(&mut tx, entry).await?;
    let sql = "update users set username = coalesce($2, username), name = coalesce($3, name)
               where id = $1 and erased_at is null";
    let renamed = on_tx!(&mut tx, |c| {
        let query = sqlx::query(sql).bind(user).bind(username).bind(name);
        query.execute(c).await.map(|done| done.rows_affected())
    });
    let rows = renamed.map_err(|error| match username {
        Some(username) if USERNAME.is_violated_by(&error) => {
            AdminError::UsernameTaken { username: username.to_owned() }
        }
        _ => error.into(),
    })?;
    end_deed(tx, rows, entry).await
}

/// Who it was goes, the books stay.
///
/// # Errors
/// [`AdminError`], [`AdminError::NoSuchUser`] also for somebody who was erased before; then nothing has changed.
pub async fn erase_user(db: &Database, user: Uuid, entry: &NewEntry) -> Result<Erased, AdminError> {
    let mut tx = db.begin().await?;
    begin_deed(&mut tx, entry).await?;
    let erased = erase_in(&mut tx, user, entry.at).await.map_err(|error| match error {
        EraseError::LastAdmin => AdminError::LastAdmin,
        EraseError::Storage(error) => error.into(),
    })?;
    let erased = erased.ok_or(AdminError::NoSuchUser)?;
    end_deed(tx, 1, entry).await?;
    Ok(erased)
}

/// Nobody logs in as this user or uses a session of theirs any more. Returns the sessions that ended.
///
/// # Errors
/// [`AdminError`]; then nothing has changed.
pub async fn disable(db: &Database, user: Uuid, entry: &NewEntry) -> Result<Vec<Uuid>, AdminError> {
    let mut tx = db.begin().await?;
    begin_deed(&mut tx, entry).await?;
    let sql = "update users set disabled_at = coalesce(disabled_at, $2) where id = $1";
    let rows = on_tx!(&mut tx, |c| {
        sqlx::query(sql).bind(user).bind(entry.at).execute(c).await.map(|done| done.rows_affected())
    })?;
    let ended = end_sessions(&mut tx, user, Uuid::nil(), entry.at).await?;
    end_deed(tx, rows, entry).await?;
    Ok(ended)
}

/// They may log in again.
///
/// # Errors
/// [`AdminError`], [`AdminError::NoSuchUser`] also for somebody who was erased; then nothing has changed.
pub async fn enable(db: &Database, user: Uuid, entry: &NewEntry) -> Result<(), AdminError> {
    let mut tx = db.begin().await?;
    begin_deed(&mut tx, entry).await?;
    let sql = "update users set disabled_at = null where id = $1 and erased_at is null";
    let rows = on_tx!(&mut tx, |c| {
        sqlx::query(sql).bind(user).execute(c).await.map(|done| done.rows_affected())
    })?;
    end_deed(tx, rows, entry).await
}

/// Of two admins who take each other's place at once the second is none any more.
async fn begin_deed(tx: &mut Tx, entry: &NewEntry) -> Result<(), AdminError> {
    lock_admins(tx).await?;
    let sql = "select exists (select 1 from users where id = $1 and is_admin and disabled_at is null)";
    let may: bool = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(entry.admin_id).fetch_one(c).await)?;
    if may { Ok(()) } else { Err(AdminError::NotAdmin) }
}

async fn end_deed(mut tx: Tx, rows: u64, entry: &NewEntry) -> Result<(), AdminError> {
    if rows == 0 {
        return Err(AdminError::NoSuchUser);
    }
    if count_admins(&mut tx).await? == 0 {
        return Err(AdminError::LastAdmin);
    }
    log::write(&mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// Whoever else changes who is admin waits: all their rows are written without a change.
pub(crate) async fn lock_admins(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let sql = "update users set is_admin = is_admin where is_admin";
    on_tx!(tx, |c| sqlx::query(sql).execute(c).await.map(drop))
}

/// Those who can log in.
pub(crate) async fn count_admins(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let sql = "select count(*) from users where is_admin and disabled_at is null";
    on_tx!(tx, |c| sqlx::query_scalar(sql).fetch_one(c).await)
}
