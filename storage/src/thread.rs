//! What people say about a run. Messages are only ever added, and are no part of the run's log.

use crate::error::{Unique, carries_faults};
use crate::fold::fold;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

const COMMAND_KEY: Unique = Unique {
    constraint: "run_messages_command_key",
    columns: "run_messages.run_id, run_messages.author_id, run_messages.command_id",
};

record! {
    pub struct Message {
        pub id: Uuid,
        pub run_id: Uuid,
        pub author_id: Uuid,
        pub author_name: String,
        pub text: String,
        pub created_at: i64,
    }
}

#[derive(Clone, Debug)]
pub struct NewMessage {
    pub id: Uuid,
    pub run_id: Uuid,
    pub author_id: Uuid,
    /// Given by the author: the same one counts once.
    pub command_id: Option<Uuid>,
    pub text: String,
    pub at: i64,
}

/// A message as it is stored now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub message: Message,
    /// It was there before, by the same command id.
    pub replayed: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum SayError {
    #[error("this command id was used for another text")]
    CommandIdReused,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(SayError);

/// # Errors
/// [`SayError::CommandIdReused`]; then nothing was added.
pub async fn say(db: &Database, new: &NewMessage) -> Result<Said, SayError> {
    match insert(db, new).await {
        Ok(()) => {
            let message = message(db, new.id).await?;
            Ok(Said { message, replayed: false })
        }
        Err(error) if COMMAND_KEY.is_violated_by(&error) => said_before(db, new).await,
        Err(error) => Err(error.into()),
    }
}

async fn insert(db: &Database, new: &NewMessage) -> Result<(), sqlx::Error> {
    let sql = "insert into run_messages (id, run_id, author_id, command_id, text, words, created_at)
               values ($1, $2, $3, $4, $5, $6, $7)";
    on_db!(
        db,
        write | c | {
            sqlx::query(sql)
                .bind(new.id)
                .bind(new.run_id)
                .bind(new.author_id)
                .bind(new.command_id)
                .bind(&new.text)
                .bind(fold(&new.text))
                .bind(new.at)
                .execute(c)
                .await
                .map(drop)
        }
    )
}

async fn said_before(db: &Database, new: &NewMessage) -> Result<Said, SayError> {
    let sql = "select m.id, m.run_id, m.author_id, u.name as author_name, m.text, m.created_at
               from run_messages m join users u on u.id = m.author_id
               where m.run_id = $1 and m.author_id = $2 and m.command_id = $3";
    let message: Message = on_db!(
        db,
        write | c | {
            sqlx::query_as(sql).bind(new.run_id).bind(new.author_id).bind(new.command_id).fetch_one(c).await
        }
    )?;
    if message.text == new.text {
        Ok(Said { message, replayed: true })
    } else {
        Err(SayError::CommandIdReused)
    }
}

async fn message(db: &Database, id: Uuid) -> Result<Message, sqlx::Error> {
    let sql = "select m.id, m.run_id, m.author_id, u.name as author_name, m.text, m.created_at
               from run_messages m join users u on u.id = m.author_id where m.id = $1";
    on_db!(db, write | c | sqlx::query_as(sql).bind(id).fetch_one(c).await)
}

/// A run's messages, latest first; with `query`, those that hold it in whatever case, accents and alphabet.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn messages(
    db: &Database,
    run: Uuid,
    page: &Page,
    query: Option<&str>,
) -> Result<Paged<Message>, StorageError> {
    let sql = "select m.id, m.run_id, m.author_id, u.name as author_name, m.text, m.created_at
               from run_messages m join users u on u.id = m.author_id
               where m.run_id = $1 and (m.created_at, m.id) < ($2, $3) and m.words like $4 escape '\\'
               order by m.created_at desc, m.id desc limit $5";
    let (created_at, id) = page.below_number()?;
    let pattern = crate::fold::containing(&fold(query.unwrap_or_default()));
    let rows: Vec<Message> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql)
                .bind(run)
                .bind(created_at)
                .bind(id)
                .bind(pattern)
                .bind(page.rows())
                .fetch_all(c)
                .await
        }
    )?;
    Ok(page.cut(rows, |message| Cursor::number(message.created_at, message.id)))
}
