//! Who owes what in a group, over all its runs. Rows are only ever added, and a group's always add up to zero.
//!
//! The journal adds what a run left when it was settled; payments between people are added here.

use crate::database::Tx;
use crate::error::carries_faults;
use crate::ids::id_at;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

words! {
    /// What an entry stems from.
    pub enum EntryKind { Run = "run", Payment = "payment" }
}

record! {
    pub struct Entry {
        pub id: Uuid,
        pub user_id: Uuid,
        pub kind: EntryKind,
        /// What it does to the person's balance; minor units.
        pub amount: i64,
        /// The run that was settled.
        pub run_id: Option<Uuid>,
        /// The other side of a payment.
        pub counterparty: Option<Uuid>,
        pub note: Option<String>,
        /// None if a run ended by itself.
        pub recorded_by: Option<Uuid>,
        pub at: i64,
    }
}

record! {
    /// Positive is to be received.
    pub struct PersonBalance {
        pub user_id: Uuid,
        pub name: String,
        pub balance: i64,
    }
}

/// A payment between two people, made outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// The same payment is recorded once.
    pub id: Uuid,
    pub group_id: Uuid,
    pub from: Uuid,
    /// Somebody else.
    pub to: Uuid,
    /// More than 0; minor units.
    pub amount: i64,
    pub note: Option<String>,
    pub recorded_by: Uuid,
    pub at: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    #[error("{user} neither is nor was in the group")]
    NotInGroup { user: Uuid },
    #[error("payment {id} was recorded before, and was another")]
    IdReused { id: Uuid },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(PaymentError);

/// Adds a payment: whoever paid gains its amount, whoever received it loses as much. False if it was recorded before.
///
/// # Errors
/// [`PaymentError::NotInGroup`], [`PaymentError::IdReused`]; then nothing has changed.
pub async fn record_payment(db: &Database, new: &NewPayment) -> Result<bool, PaymentError> {
    let mut tx = db.begin().await?;
    for user in [new.from, new.to] {
        if !was_in_group(&mut tx, new.group_id, user).await? {
            return Err(PaymentError::NotInGroup { user });
        }
    }
    if !insert_half(&mut tx, new, new.id, (new.from, new.to), new.amount).await? {
        return match is_recorded(&mut tx, new).await? {
            true => Ok(false),
            false => Err(PaymentError::IdReused { id: new.id }),
        };
    }
    insert_half(&mut tx, new, id_at(new.at, 1), (new.to, new.from), -new.amount).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whoever left keeps their row.
async fn was_in_group(tx: &mut Tx, group: Uuid, user: Uuid) -> Result<bool, sqlx::Error> {
    let sql = "select exists (select 1 from group_members where group_id = $1 and user_id = $2)";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(group).bind(user).fetch_one(c).await)
}

/// What a payment means for the first of two people. False if there is an entry with this id.
async fn insert_half(
    tx: &mut Tx,
    new: &NewPayment,
    id: Uuid,
    (user, counterparty): (Uuid, Uuid),
    amount: i64,
) -> Result<bool, sqlx::Error> {
    let sql = "insert into ledger_entries (id, group_id, user_id, kind, amount, counterparty, note, recorded_by, at)
               values ($1, $2, $3, 'payment', $4, $5, $6, $7, $8)
               on conflict (id) do nothing";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(id)
            .bind(new.group_id)
            .bind(user)
            .bind(amount)
            .bind(counterparty)
            .bind(&new.note)
            .bind(new.recorded_by)
            .bind(new.at)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1)
    })
}

/// Whether the entry with the payment's id is this payment, whenever it was recorded.
async fn is_recorded(tx: &mut Tx, new: &NewPayment) -> Result<bool, sqlx::Error> {
    let sql = "select exists (
                   select 1 from ledger_entries
                   where id = $1 and group_id = $2 and user_id = $3 and counterparty = $4 and amount = $5
                       and note is not distinct from $6
               )";
    on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(new.id)
            .bind(new.group_id)
            .bind(new.from)
            .bind(new.to)
            .bind(new.amount)
            .bind(&new.note)
            .fetch_one(c)
            .await
    })
}

/// Everybody whose balance is not zero, members or not, the largest first. They add up to zero.
///
/// # Errors
/// Faults only.
pub async fn balances(db: &Database, group: Uuid) -> Result<Vec<PersonBalance>, StorageError> {
    // Summed before names are looked up: a group has some people and any number of entries.
    let sql = "with balances as (
                   select user_id, cast(sum(amount) as bigint) as balance from ledger_entries
                   where group_id = $1 group by user_id having sum(amount) <> 0
               )
               select b.user_id, u.name, b.balance from balances b join users u on u.id = b.user_id
               order by b.balance desc, b.user_id";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(group).fetch_all(c).await)?)
}

/// Everything in a group's ledger, latest first. A payment is in it twice, once for each side.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn entries(db: &Database, group: Uuid, page: &Page) -> Result<Paged<Entry>, StorageError> {
    let sql =
        "select id, user_id, kind, amount, run_id, counterparty, note, recorded_by, at from ledger_entries
               where group_id = $1 and (at, id) < ($2, $3)
               order by at desc, id desc limit $4";
    let (at, id) = page.below_number()?;
    let rows: Vec<Entry> = on_db!(
        db,
        read | c | sqlx::query_as(sql).bind(group).bind(at).bind(id).bind(page.rows()).fetch_all(c).await
    )?;
    Ok(page.cut(rows, |entry| Cursor::number(entry.at, entry.id)))
}

/// What a person's balance is made of, latest first.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn entries_of(
    db: &Database,
    group: Uuid,
    user: Uuid,
    page: &Page,
) -> Result<Paged<Entry>, StorageError> {
    let sql =
        "select id, user_id, kind, amount, run_id, counterparty, note, recorded_by, at from ledger_entries
               where group_id = $1 and user_id = $2 and (at, id) < ($3, $4)
               order by at desc, id desc limit $5";
    let (at, id) = page.below_number()?;
    let rows: Vec<Entry> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(group).bind(user).bind(at).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |entry| Cursor::number(entry.at, entry.id)))
}
