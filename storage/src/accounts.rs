//! People and their logins.

mod about;
mod access;
mod erasure;
mod profile;
mod sessions;

pub use about::{AmountOfUser, BidOfUser, CountsOfUser, EventOfUser, MessageOfUser, NoteOfUser, RunOfUser};
pub use about::{bids_of, counts_of, events_by, messages_by, notes_to, receipts_by, runs_with, saved, spent};
pub(crate) use access::end_sessions;
pub use access::{replace_password_hash, set_password};
pub(crate) use erasure::erase_in;
pub use erasure::{EraseError, Erased, erase_user, forget_snapshots};
pub use profile::{ProfilePatch, update_profile};
pub use sessions::{
    NewSession, Session, SessionKind, create_session, revoke_family, revoke_other_sessions, revoke_session,
    revoke_sessions_of, rotate_session, session, session_by_secret, sessions_of, sessions_page,
    touch_session,
};

use crate::database::{Tx, hex_list};
use crate::error::{Unique, carries_faults};
use crate::{Database, StorageError};
use uuid::Uuid;

record! {
    /// A person with an account.
    pub struct User {
        pub id: Uuid,
        /// Lower case.
        pub username: String,
        pub name: String,
        pub password_hash: String,
        pub is_admin: bool,
        pub disabled_at: Option<i64>,
        /// Then nothing of who it was is left in this row.
        pub erased_at: Option<i64>,
        pub language: String,
        pub theme: String,
        pub created_at: i64,
    }
}

#[derive(Clone, Debug)]
pub struct NewUser {
    pub id: Uuid,
    pub username: String,
    pub name: String,
    pub password_hash: String,
    pub language: String,
    pub at: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the username {username:?} is taken")]
    UsernameTaken { username: String },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(AccountError);

pub(crate) const USERNAME: Unique = Unique { constraint: "users_username_key", columns: "users.username" };

/// The username is stored in lower case. Whoever registers where nobody is, or everybody was erased, becomes site admin.
///
/// # Errors
/// [`AccountError::UsernameTaken`].
pub async fn create_user(db: &Database, new: NewUser) -> Result<User, AccountError> {
    let mut tx = db.begin().await?;
    let user = User {
        is_admin: is_first(&mut tx).await?,
        id: new.id,
        username: new.username.to_lowercase(),
        name: new.name,
        password_hash: new.password_hash,
        disabled_at: None,
        erased_at: None,
        language: new.language,
        theme: "system".to_owned(),
        created_at: new.at,
    };
    if let Err(error) = insert_user(&mut tx, &user).await {
        return Err(if USERNAME.is_violated_by(&error) {
            AccountError::UsernameTaken { username: user.username }
        } else {
            error.into()
        });
    }
    tx.commit().await?;
    Ok(user)
}

/// Whether there is nobody yet. Two who register at once on an empty PostgreSQL server wait for each other here.
async fn is_first(tx: &mut Tx) -> Result<bool, sqlx::Error> {
    if any_user(tx).await? {
        return Ok(false);
    }
    if let Tx::Postgres(pg) = &mut *tx {
        sqlx::query("lock table users in share row exclusive mode").execute(&mut **pg).await?;
    }
    Ok(!any_user(tx).await?)
}

async fn any_user(tx: &mut Tx) -> Result<bool, sqlx::Error> {
    on_tx!(tx, |c| sqlx::query_scalar("select exists (select 1 from users where erased_at is null)")
        .fetch_one(c)
        .await)
}

async fn insert_user(tx: &mut Tx, user: &User) -> Result<(), sqlx::Error> {
    let sql = "insert into users (id, username, name, password_hash, is_admin, language, theme, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(user.id)
            .bind(&user.username)
            .bind(&user.name)
            .bind(&user.password_hash)
            .bind(user.is_admin)
            .bind(&user.language)
            .bind(&user.theme)
            .bind(user.created_at)
            .execute(c)
            .await
            .map(drop)
    })
}

/// # Errors
/// Faults only.
pub async fn user(db: &Database, id: Uuid) -> Result<Option<User>, StorageError> {
    let sql = "select * from users where id = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// In any case of letters.
///
/// # Errors
/// Faults only.
pub async fn user_by_username(db: &Database, username: &str) -> Result<Option<User>, StorageError> {
    let sql = "select * from users where username = $1";
    let username = username.to_lowercase();
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(username).fetch_optional(c).await)?)
}

/// In no particular order; unknown ids are left out.
///
/// # Errors
/// Faults only.
pub async fn users_by_ids(db: &Database, ids: &[Uuid]) -> Result<Vec<User>, StorageError> {
    Ok(match db {
        Database::Postgres(store) => {
            let sql = "select * from users where id = any($1)";
            sqlx::query_as(sql).bind(ids).fetch_all(&store.pool).await?
        }
        Database::Sqlite(store) => {
            let sql = "select * from users where id in (select unhex(value) from json_each($1))";
            sqlx::query_as(sql).bind(hex_list(ids)).fetch_all(&store.readers).await?
        }
    })
}
