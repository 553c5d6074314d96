//! What people say about a run. Messages are only ever added, and are no part of the run's log. Whom one addresses is told
//! in the same transaction.

mod mentions;

use crate::database::Tx;
use crate::error::{Unique, carries_faults};
use crate::fold::fold;
use crate::journal::{self, NoticeRow};
use crate::{Cursor, Database, Page, Paged, StorageError};
use bulq_domain::run::NoticeKind;
use mentions::mentions;
use std::collections::BTreeSet;
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
    /// Who was told of it just now.
    pub mentioned: Vec<Uuid>,
    /// Where the run was.
    pub seq: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum SayError {
    #[error("this command id was used for another text")]
    CommandIdReused,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(SayError);

/// Adds it and tells the members of the run's group it addresses, but not its author.
///
/// # Errors
/// [`SayError::CommandIdReused`]; then nothing was added.
pub async fn say(db: &Database, new: &NewMessage) -> Result<Said, SayError> {
    let mut tx = db.begin().await?;
    match insert(&mut tx, new).await {
        Ok(()) => {}
        Err(error) if COMMAND_KEY.is_violated_by(&error) => {
            tx.rollback().await?;
            return said_before(db, new).await;
        }
        Err(error) => return Err(error.into()),
    }
    let seq = seq_of(&mut tx, new.run_id).await?;
    let mentioned = members_named(&mut tx, new, &mentions(&new.text)).await?;
    let kind = NoticeKind::Mention.as_str();
    let notice = |&user_id| NoticeRow { user_id, seq, kind, at: new.at };
    journal::tell(&mut tx, new.run_id, &mentioned.iter().map(notice).collect::<Vec<_>>()).await?;
    let message = message(&mut tx, new.id).await?;
    tx.commit().await?;
    Ok(Said { message, replayed: false, mentioned, seq })
}

async fn insert(tx: &mut Tx, new: &NewMessage) -> Result<(), sqlx::Error> {
    let sql = "insert into run_messages (id, run_id, author_id, command_id, text, words, created_at)
               values ($1, $2, $3, $4, $5, $6, $7)";
    on_tx!(tx, |c| {
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
    })
}

async fn seq_of(tx: &mut Tx, run: Uuid) -> Result<i64, sqlx::Error> {
    on_tx!(tx, |c| sqlx::query_scalar("select seq from runs where id = $1").bind(run).fetch_one(c).await)
}

/// In one order for everybody: those who are told of two messages at once do not make them wait for each other.
async fn members_named(
    tx: &mut Tx,
    new: &NewMessage,
    names: &BTreeSet<String>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let sql = match tx {
        Tx::Postgres(_) => {
            "select u.id from json_array_elements_text($3::json) n join users u on u.username = n.value
                 join runs r on r.id = $1
                 join group_members m on m.group_id = r.group_id and m.user_id = u.id and m.left_at is null
             where u.id <> $2 order by u.id"
        }
        Tx::Sqlite(_) => {
            "select u.id from json_each($3) n join users u on u.username = n.value
                 join runs r on r.id = $1
                 join group_members m on m.group_id = r.group_id and m.user_id = u.id and m.left_at is null
             where u.id <> $2 order by u.id"
        }
    };
    let names = serde_json::to_string(names).expect("texts are plain data");
    on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(new.run_id).bind(new.author_id).bind(&names).fetch_all(c).await
    })
}

async fn said_before(db: &Database, new: &NewMessage) -> Result<Said, SayError> {
    let mut tx = db.begin().await?;
    let sql = "select id from run_messages where run_id = $1 and author_id = $2 and command_id = $3";
    let id: Uuid = on_tx!(&mut tx, |c| {
        sqlx::query_scalar(sql).bind(new.run_id).bind(new.author_id).bind(new.command_id).fetch_one(c).await
    })?;
    let (message, seq) = (message(&mut tx, id).await?, seq_of(&mut tx, new.run_id).await?);
    if message.text == new.text {
        Ok(Said { message, replayed: true, mentioned: Vec::new(), seq })
    } else {
        Err(SayError::CommandIdReused)
    }
}

async fn message(tx: &mut Tx, id: Uuid) -> Result<Message, sqlx::Error> {
    let sql = "select m.id, m.run_id, m.author_id, u.name as author_name, m.text, m.created_at
               from run_messages m join users u on u.id = m.author_id where m.id = $1";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(id).fetch_one(c).await)
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
