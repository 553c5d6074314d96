//! Closed circles of people.

mod farewell;
mod invites;
mod members;

pub use farewell::Left;
pub(crate) use farewell::leave_all;
pub use invites::{
    AcceptError, Accepted, Invite, InvitePreview, MembershipLimits, NewInvite, accept_invite, create_invite,
    invite_by_token, invites, revoke_invite,
};
pub use members::{Member, MemberError, Role, member_count, members, membership, remove_member, set_role};

use crate::database::Tx;
use crate::error::carries_faults;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

record! {
    pub struct Group {
        pub id: Uuid,
        pub name: String,
        /// ISO 4217, fixed at creation.
        pub currency: String,
        pub shortage_policy: String,
        /// A JSON array.
        pub default_costs: String,
        pub joining_open: bool,
        /// An admin of the server lets nobody join, and no runs begin.
        pub disabled_at: Option<i64>,
        pub created_by: Uuid,
        pub created_at: i64,
    }
}

record! {
    /// A group as one of its members sees it in a list.
    pub struct GroupOfUser {
        pub id: Uuid,
        pub name: String,
        pub currency: String,
        pub shortage_policy: String,
        pub default_costs: String,
        pub joining_open: bool,
        /// An admin of the server lets nobody join, and no runs begin.
        pub disabled_at: Option<i64>,
        pub created_by: Uuid,
        pub created_at: i64,
        pub name_key: String,
        pub role: Role,
        pub members: i64,
    }
}

#[derive(Clone, Debug)]
pub struct NewGroup {
    pub id: Uuid,
    pub name: String,
    pub currency: String,
    /// Becomes its first admin.
    pub created_by: Uuid,
    pub at: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    #[error("you are in {limit} groups, which is as many as there may be")]
    TooManyGroups { limit: i64 },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(CreateError);

/// `limit` is how many groups somebody may be in, however many they make or join at once.
///
/// # Errors
/// [`CreateError::TooManyGroups`].
pub async fn create_group(db: &Database, new: NewGroup, limit: i64) -> Result<Group, CreateError> {
    let mut tx = db.begin().await?;
    if is_in_too_many(&mut tx, new.created_by, limit).await? {
        return Err(CreateError::TooManyGroups { limit });
    }
    let group = insert_group(&mut tx, &new).await?;
    members::put_member(&mut tx, new.id, new.created_by, Role::Admin, new.at).await?;
    tx.commit().await?;
    Ok(group)
}

async fn insert_group(tx: &mut Tx, new: &NewGroup) -> Result<Group, StorageError> {
    let sql = "insert into groups (id, name, name_key, currency, created_by, created_at)
               values ($1, $2, $3, $4, $5, $6) returning *";
    Ok(on_tx!(tx, |c| {
        sqlx::query_as(sql)
            .bind(new.id)
            .bind(&new.name)
            .bind(new.name.to_lowercase())
            .bind(&new.currency)
            .bind(new.created_by)
            .bind(new.at)
            .fetch_one(c)
            .await
    })?)
}

/// # Errors
/// Faults only.
pub async fn group(db: &Database, id: Uuid) -> Result<Option<Group>, StorageError> {
    let sql = "select * from groups where id = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// What a group's admin may change; None leaves it.
#[derive(Clone, Debug, Default)]
pub struct GroupPatch {
    pub name: Option<String>,
    pub shortage_policy: Option<String>,
    pub default_costs: Option<String>,
    pub joining_open: Option<bool>,
}

/// # Errors
/// Faults only.
pub async fn update_group(db: &Database, id: Uuid, patch: GroupPatch) -> Result<Option<Group>, StorageError> {
    let sql = "update groups set name = coalesce($2, name), name_key = coalesce($3, name_key),
                   shortage_policy = coalesce($4, shortage_policy), joining_open = coalesce($5, joining_open),
                   default_costs = coalesce($6, default_costs)
               where id = $1 returning *";
    let name_key = patch.name.as_ref().map(|name| name.to_lowercase());
    Ok(on_db!(
        db,
        write | c | {
            sqlx::query_as(sql)
                .bind(id)
                .bind(patch.name)
                .bind(name_key)
                .bind(patch.shortage_policy)
                .bind(patch.joining_open)
                .bind(patch.default_costs)
                .fetch_optional(c)
                .await
        }
    )?)
}

/// The groups somebody is in now, by name.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn groups_of(db: &Database, user: Uuid, page: &Page) -> Result<Paged<GroupOfUser>, StorageError> {
    let sql = "select g.*, m.role,
                   (select count(*) from group_members n where n.group_id = g.id and n.left_at is null) as members
               from group_members m join groups g on g.id = m.group_id
               where m.user_id = $1 and m.left_at is null and (g.name_key, g.id) > ($2, $3)
               order by g.name_key, g.id limit $4";
    let (name_key, id) = page.above_text()?;
    let rows: Vec<GroupOfUser> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(user).bind(name_key).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |group| Cursor::text(&group.name_key, group.id)))
}

/// Whoever else makes this person join a group waits until the end of the transaction.
async fn is_in_too_many(tx: &mut Tx, user: Uuid, limit: i64) -> Result<bool, sqlx::Error> {
    let lock = "update users set name = name where id = $1";
    on_tx!(tx, |c| sqlx::query(lock).bind(user).execute(c).await.map(drop))?;
    let count = "select count(*) from group_members where user_id = $1 and left_at is null";
    let groups: i64 = on_tx!(tx, |c| sqlx::query_scalar(count).bind(user).fetch_one(c).await)?;
    Ok(groups >= limit)
}

/// Makes everybody else who changes this group's members wait: a write that changes nothing locks the row on every
/// database. Returns whether joining is open; None if there is no such group.
async fn lock_group(tx: &mut Tx, group: Uuid) -> Result<Option<bool>, sqlx::Error> {
    let sql = "update groups set joining_open = joining_open where id = $1
               returning joining_open and disabled_at is null";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(group).fetch_optional(c).await)
}
