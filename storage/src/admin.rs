//! What the admins of the server look at and do. Every change writes a line of the log in its own transaction.

mod groups;
mod log;
mod merging;
mod people;
mod removing;
mod things;

pub use groups::{GroupOfServer, disable_group, groups, rename_group};
pub use log::{Entry, NewEntry, entries};
pub use merging::{MergeError, merge_products, merge_stores};
pub use people::{AdminError, UserOfServer, disable, enable, erase_user, rename_user, set_admin, users};
pub(crate) use people::{count_admins, lock_admins};
pub use removing::{RemoveError, remove_group, remove_product, remove_store};
pub use things::{Thing, disable_thing, products, stores, verify};

use crate::database::Tx;
use crate::{Database, StorageError};
use uuid::Uuid;

/// Things an admin can switch.
const REGISTRATION: &str = "registration";

/// Whether people may make accounts. Open until somebody closes it.
///
/// # Errors
/// Faults only.
pub async fn registration_is_open(db: &Database) -> Result<bool, StorageError> {
    let sql = "select is_on from server_switches where name = $1";
    let on: Option<bool> =
        on_db!(db, read | c | sqlx::query_scalar(sql).bind(REGISTRATION).fetch_optional(c).await)?;
    Ok(on.unwrap_or(true))
}

/// # Errors
/// Faults only.
pub async fn switch_registration(db: &Database, open: bool, entry: &NewEntry) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    let sql = "insert into server_switches (name, is_on) values ($1, $2)
               on conflict (name) do update set is_on = excluded.is_on";
    on_tx!(&mut tx, |c| sqlx::query(sql).bind(REGISTRATION).bind(open).execute(c).await.map(drop))?;
    log::write(&mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// Runs a statement about one or two ids.
async fn run(tx: &mut Tx, sql: &'static str, id: Uuid, other: Option<Uuid>) -> Result<(), sqlx::Error> {
    on_tx!(tx, |c| {
        let query = sqlx::query(sql).bind(id);
        match other {
            Some(other) => query.bind(other).execute(c).await.map(drop),
            None => query.execute(c).await.map(drop),
        }
    })
}
