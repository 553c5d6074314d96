//! Somebody goes for good and leaves every group they are in.

use super::lock_group;
use super::members::{admins, end_membership, tell};
use crate::StorageError;
use crate::database::Tx;
use crate::outbox::Change;
use uuid::Uuid;

/// A group somebody has left for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    pub group: Uuid,
    /// Who became admin by it.
    pub heir: Option<Uuid>,
}

/// Ends all memberships and leaves word for the live runs of each group. Where nobody else is admin, whoever has been in
/// the group longest becomes it.
pub(crate) async fn leave_all(tx: &mut Tx, user: Uuid, at: i64) -> Result<Vec<Left>, StorageError> {
    let mut all = Vec::new();
    for group in groups_of(tx, user).await? {
        lock_group(tx, group).await?;
        if end_membership(tx, group, user, at).await?.is_none() {
            continue;
        }
        let heir = match admins(tx, group).await? {
            0 => promote_the_eldest(tx, group).await?,
            _ => None,
        };
        tell(tx, group, user, Change::Left, at).await?;
        all.push(Left { group, heir });
    }
    Ok(all)
}

/// In one order for everybody, so that two who go at once never wait for each other.
async fn groups_of(tx: &mut Tx, user: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    let sql = "select group_id from group_members where user_id = $1 and left_at is null order by group_id";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(user).fetch_all(c).await)
}

/// None in an empty group.
async fn promote_the_eldest(tx: &mut Tx, group: Uuid) -> Result<Option<Uuid>, sqlx::Error> {
    let sql = "update group_members set role = 'admin'
               where group_id = $1 and user_id = (
                   select user_id from group_members where group_id = $1 and left_at is null
                   order by joined_at, user_id limit 1)
               returning user_id";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(group).fetch_optional(c).await)
}
