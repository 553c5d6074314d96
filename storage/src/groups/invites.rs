//! How one gets into a group. Only the hash of an invitation's token is kept.

use super::members::{self, Role};
use super::{is_in_too_many, lock_group};
use crate::database::Tx;
use crate::error::carries_faults;
use crate::outbox::Change;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

record! {
    pub struct Invite {
        pub id: Uuid,
        pub group_id: Uuid,
        pub token_hash: Vec<u8>,
        pub created_by: Uuid,
        pub expires_at: Option<i64>,
        pub max_uses: Option<i64>,
        pub uses: i64,
        pub revoked_at: Option<i64>,
        pub created_at: i64,
    }
}

record! {
    /// What somebody who holds the token may know before joining.
    pub struct InvitePreview {
        pub id: Uuid,
        pub group_id: Uuid,
        pub group_name: String,
        pub members: i64,
        pub inviter_name: String,
        pub joining_open: bool,
        pub expires_at: Option<i64>,
        pub max_uses: Option<i64>,
        pub uses: i64,
        pub revoked_at: Option<i64>,
    }
}

#[derive(Clone, Debug)]
pub struct NewInvite {
    pub id: Uuid,
    pub group_id: Uuid,
    pub token_hash: Vec<u8>,
    pub created_by: Uuid,
    pub expires_at: Option<i64>,
    pub max_uses: Option<i64>,
    pub at: i64,
}

/// The group somebody is in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub group_id: Uuid,
    /// Was a member before; the group's live runs are told.
    pub returned: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    #[error("there is no such invitation")]
    NotFound,
    #[error("the invitation was withdrawn")]
    Revoked,
    #[error("the invitation has expired")]
    Expired,
    #[error("the invitation has been used as often as it may be")]
    UsedUp,
    #[error("the group takes no new members now")]
    JoiningClosed,
    #[error("the group has {limit} members, which is as many as there may be")]
    GroupFull { limit: i64 },
    #[error("you are in {limit} groups, which is as many as there may be")]
    TooManyGroups { limit: i64 },
    #[error("already a member of this group")]
    AlreadyMember { group: Uuid },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(AcceptError);

/// # Errors
/// Faults only.
pub async fn create_invite(db: &Database, new: NewInvite) -> Result<Invite, StorageError> {
    let sql =
        "insert into group_invites (id, group_id, token_hash, created_by, expires_at, max_uses, created_at)
               values ($1, $2, $3, $4, $5, $6, $7) returning *";
    Ok(on_db!(
        db,
        write | c | {
            sqlx::query_as(sql)
                .bind(new.id)
                .bind(new.group_id)
                .bind(new.token_hash)
                .bind(new.created_by)
                .bind(new.expires_at)
                .bind(new.max_uses)
                .bind(new.at)
                .fetch_one(c)
                .await
        }
    )?)
}

/// Those that were not withdrawn, latest first.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn invites(db: &Database, group: Uuid, page: &Page) -> Result<Paged<Invite>, StorageError> {
    let sql = "select * from group_invites
               where group_id = $1 and revoked_at is null and (created_at, id) < ($2, $3)
               order by created_at desc, id desc limit $4";
    let (created_at, id) = page.below_number()?;
    let rows: Vec<Invite> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(group).bind(created_at).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |invite| Cursor::number(invite.created_at, invite.id)))
}

/// False if there is no such invitation of this group, or it was withdrawn before.
///
/// # Errors
/// Faults only.
pub async fn revoke_invite(db: &Database, group: Uuid, id: Uuid, at: i64) -> Result<bool, StorageError> {
    let sql =
        "update group_invites set revoked_at = $3 where id = $1 and group_id = $2 and revoked_at is null";
    let rows = on_db!(
        db,
        write | c | {
            sqlx::query(sql).bind(id).bind(group).bind(at).execute(c).await.map(|done| done.rows_affected())
        }
    )?;
    Ok(rows == 1)
}

/// # Errors
/// Faults only.
pub async fn invite_by_token(db: &Database, hash: &[u8]) -> Result<Option<InvitePreview>, StorageError> {
    let sql = "select i.id, i.group_id, g.name as group_name, u.name as inviter_name,
                   g.joining_open and g.disabled_at is null as joining_open,
                   i.expires_at, i.max_uses, i.uses, i.revoked_at,
                   (select count(*) from group_members m where m.group_id = g.id and m.left_at is null) as members
               from group_invites i join groups g on g.id = i.group_id join users u on u.id = i.created_by
               where i.token_hash = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(hash).fetch_optional(c).await)?)
}

/// How many members a group may have, and how many groups somebody may be in.
#[derive(Clone, Copy, Debug)]
pub struct MembershipLimits {
    pub members_per_group: i64,
    pub groups_per_user: i64,
}

/// Joins the group by an invitation: one use of it and the membership, in one transaction.
///
/// # Errors
/// Why not; then nothing has changed and no use is spent.
pub async fn accept_invite(
    db: &Database,
    hash: &[u8],
    user: Uuid,
    at: i64,
    limits: MembershipLimits,
) -> Result<Accepted, AcceptError> {
    let mut tx = db.begin().await?;
    let Some(group) = spend_use(&mut tx, hash, at).await? else {
        return Err(why_not(&mut tx, hash, user, at).await?);
    };
    let open = lock_group(&mut tx, group).await?.unwrap_or(false);
    let before = left_at(&mut tx, group, user).await?;
    match before {
        Some(None) => return Err(AcceptError::AlreadyMember { group }),
        _ if !open => return Err(AcceptError::JoiningClosed),
        _ => make_room(&mut tx, group, user, limits).await?,
    }
    members::put_member(&mut tx, group, user, Role::Member, at).await?;
    let returned = before.is_some();
    if returned {
        members::tell(&mut tx, group, user, Change::Returned, at).await?;
    }
    tx.commit().await?;
    Ok(Accepted { group_id: group, returned })
}

async fn make_room(
    tx: &mut Tx,
    group: Uuid,
    user: Uuid,
    limits: MembershipLimits,
) -> Result<(), AcceptError> {
    if members::count(tx, group).await? >= limits.members_per_group {
        return Err(AcceptError::GroupFull { limit: limits.members_per_group });
    }
    if is_in_too_many(tx, user, limits.groups_per_user).await? {
        return Err(AcceptError::TooManyGroups { limit: limits.groups_per_user });
    }
    Ok(())
}

/// The group, if the invitation is good for one more use. The row stays locked to the end of the transaction.
async fn spend_use(tx: &mut Tx, hash: &[u8], at: i64) -> Result<Option<Uuid>, sqlx::Error> {
    let sql = "update group_invites set uses = uses + 1
               where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
                   and (max_uses is null or uses < max_uses)
               returning group_id";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(hash).bind(at).fetch_optional(c).await)
}

/// Whoever is in the group already hears that, whatever became of the invitation.
async fn why_not(tx: &mut Tx, hash: &[u8], user: Uuid, at: i64) -> Result<AcceptError, StorageError> {
    let sql = "select * from group_invites where token_hash = $1";
    let invite: Option<Invite> = on_tx!(tx, |c| sqlx::query_as(sql).bind(hash).fetch_optional(c).await)?;
    let Some(invite) = invite else { return Ok(AcceptError::NotFound) };
    let group = invite.group_id;
    if left_at(tx, group, user).await? == Some(None) {
        return Ok(AcceptError::AlreadyMember { group });
    }
    Ok(if invite.revoked_at.is_some() {
        AcceptError::Revoked
    } else if invite.expires_at.is_some_and(|end| end <= at) {
        AcceptError::Expired
    } else {
        AcceptError::UsedUp
    })
}

/// None if the person was never in the group, `Some(None)` if they are in it now.
async fn left_at(tx: &mut Tx, group: Uuid, user: Uuid) -> Result<Option<Option<i64>>, sqlx::Error> {
    let sql = "select left_at from group_members where group_id = $1 and user_id = $2";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(group).bind(user).fetch_optional(c).await)
}
