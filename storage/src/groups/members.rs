//! Who is in a group. The last admin cannot go, however many try at once.

use super::lock_group;
use crate::database::Tx;
use crate::error::carries_faults;
use crate::outbox::{self, Change, MembershipChanged};
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

words! {
    /// What somebody may do in a group.
    pub enum Role { Admin = "admin", Member = "member" }
}

/// How somebody stopped being a member.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Departure {
    Left,
    Removed,
}

record! {
    pub struct Member {
        pub user_id: Uuid,
        pub username: String,
        pub name: String,
        pub role: Role,
        pub joined_at: i64,
    }
}

#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    #[error("the group's last admin cannot go: make somebody else admin first")]
    LastAdmin,
    #[error("no such member")]
    NotAMember,
    #[error("only an admin of the group may do this")]
    NotAdmin,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(MemberError);

/// Those who are in the group now, in the order of joining.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn members(db: &Database, group: Uuid, page: &Page) -> Result<Paged<Member>, StorageError> {
    let sql = "select m.user_id, u.username, u.name, m.role, m.joined_at
               from group_members m join users u on u.id = m.user_id
               where m.group_id = $1 and m.left_at is null and (m.joined_at, m.user_id) > ($2, $3)
               order by m.joined_at, m.user_id limit $4";
    let (joined_at, id) = page.above_number()?;
    let rows: Vec<Member> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(group).bind(joined_at).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |member| Cursor::number(member.joined_at, member.user_id)))
}

/// None if the person is not in the group now.
///
/// # Errors
/// Faults only.
pub async fn membership(db: &Database, group: Uuid, user: Uuid) -> Result<Option<Role>, StorageError> {
    let sql = "select role from group_members where group_id = $1 and user_id = $2 and left_at is null";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(group).bind(user).fetch_optional(c).await)?)
}

/// # Errors
/// Faults only.
pub async fn member_count(db: &Database, group: Uuid) -> Result<i64, StorageError> {
    let sql = "select count(*) from group_members where group_id = $1 and left_at is null";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(group).fetch_one(c).await)?)
}

/// Ends a membership and leaves word for the group's live runs, in one transaction. `by` is the person
/// themselves, or an admin.
///
/// # Errors
/// [`MemberError::LastAdmin`], [`MemberError::NotAMember`], [`MemberError::NotAdmin`].
pub async fn remove_member(
    db: &Database,
    group: Uuid,
    by: Uuid,
    user: Uuid,
    at: i64,
) -> Result<(), MemberError> {
    let mut tx = db.begin().await?;
    lock_group(&mut tx, group).await?.ok_or(MemberError::NotAMember)?;
    let reason = if by == user { Departure::Left } else { Departure::Removed };
    if reason == Departure::Removed {
        require_admin(&mut tx, group, by).await?;
    }
    let role = end_membership(&mut tx, group, user, at).await?.ok_or(MemberError::NotAMember)?;
    if role == Role::Admin && admins(&mut tx, group).await? == 0 {
        return Err(MemberError::LastAdmin);
    }
    let change = match reason {
        Departure::Left => Change::Left,
        Departure::Removed => Change::Removed,
    };
    tell(&mut tx, group, user, change, at).await?;
    Ok(tx.commit().await?)
}

/// `by` is an admin; the first one of a group made themselves.
///
/// # Errors
/// [`MemberError::LastAdmin`], [`MemberError::NotAMember`], [`MemberError::NotAdmin`].
pub async fn set_role(
    db: &Database,
    group: Uuid,
    by: Uuid,
    user: Uuid,
    role: Role,
) -> Result<(), MemberError> {
    let mut tx = db.begin().await?;
    lock_group(&mut tx, group).await?.ok_or(MemberError::NotAMember)?;
    require_admin(&mut tx, group, by).await?;
    if !change_role(&mut tx, group, user, role).await? {
        return Err(MemberError::NotAMember);
    }
    if admins(&mut tx, group).await? == 0 {
        return Err(MemberError::LastAdmin);
    }
    Ok(tx.commit().await?)
}

/// Whoever was one when they asked may not be one any more.
async fn require_admin(tx: &mut Tx, group: Uuid, user: Uuid) -> Result<(), MemberError> {
    let sql = "select role from group_members where group_id = $1 and user_id = $2 and left_at is null";
    let role: Option<Role> =
        on_tx!(tx, |c| sqlx::query_scalar(sql).bind(group).bind(user).fetch_optional(c).await)?;
    if role == Some(Role::Admin) { Ok(()) } else { Err(MemberError::NotAdmin) }
}

/// The role the person had; None if they were not in the group.
pub(super) async fn end_membership(
    tx: &mut Tx,
    group: Uuid,
    user: Uuid,
    at: i64,
) -> Result<Option<Role>, sqlx::Error> {
    let sql = "update group_members set left_at = $3
               where group_id = $1 and user_id = $2 and left_at is null returning role";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(group).bind(user).bind(at).fetch_optional(c).await)
}

async fn change_role(tx: &mut Tx, group: Uuid, user: Uuid, role: Role) -> Result<bool, sqlx::Error> {
    let sql = "update group_members set role = $3 where group_id = $1 and user_id = $2 and left_at is null";
    let rows = on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(group)
            .bind(user)
            .bind(role.as_str())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

pub(super) async fn admins(tx: &mut Tx, group: Uuid) -> Result<i64, sqlx::Error> {
    let sql = "select count(*) from group_members where group_id = $1 and left_at is null and role = 'admin'";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(group).fetch_one(c).await)
}

pub(super) async fn count(tx: &mut Tx, group: Uuid) -> Result<i64, sqlx::Error> {
    let sql = "select count(*) from group_members where group_id = $1 and left_at is null";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(group).fetch_one(c).await)
}

/// Adds somebody, or takes them back.
pub(super) async fn put_member(
    tx: &mut Tx,
    group: Uuid,
    user: Uuid,
    role: Role,
    at: i64,
) -> Result<(), sqlx::Error> {
    let sql = "insert into group_members (group_id, user_id, role, joined_at) values ($1, $2, $3, $4)
               on conflict (group_id, user_id)
               do update set role = excluded.role, joined_at = excluded.joined_at, left_at = null";
    on_tx!(tx, |c| {
        sqlx::query(sql).bind(group).bind(user).bind(role.as_str()).bind(at).execute(c).await.map(drop)
    })
}

/// Leaves word of a change for the group's live runs.
pub(super) async fn tell(
    tx: &mut Tx,
    group: Uuid,
    user: Uuid,
    change: Change,
    at: i64,
) -> Result<(), StorageError> {
    let name = name_of(tx, user).await?;
    outbox::put(tx, &MembershipChanged { group_id: group, user_id: user, name, change }, at).await
}

async fn name_of(tx: &mut Tx, user: Uuid) -> Result<String, sqlx::Error> {
    on_tx!(tx, |c| sqlx::query_scalar("select name from users where id = $1").bind(user).fetch_one(c).await)
}
