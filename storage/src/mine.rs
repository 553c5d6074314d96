//! What somebody finds of their own: groups they are in, and the latest runs of those. Both are few for one person, so
//! they are read and then compared, letter by folded letter.

use crate::fold::fold;
use crate::{Database, StorageError};
use uuid::Uuid;

/// More groups than this are not looked through.
const GROUPS: i64 = 1000;
/// Older runs are found in the list of their group.
const RUNS: i64 = 1000;

record! {
    pub struct FoundGroup {
        pub id: Uuid,
        pub name: String,
    }
}

record! {
    pub struct FoundRun {
        pub id: Uuid,
        pub group_id: Uuid,
        pub group_name: String,
        pub store_name: String,
        pub state: String,
        pub comment: Option<String>,
        pub created_at: i64,
    }
}

/// The groups somebody is in whose name holds `query`, by name.
///
/// # Errors
/// Faults only.
pub async fn find_groups(
    db: &Database,
    user: Uuid,
    query: &str,
    limit: usize,
) -> Result<Vec<FoundGroup>, StorageError> {
    let sql = "select g.id, g.name from group_members m join groups g on g.id = m.group_id
               where m.user_id = $1 and m.left_at is null order by g.name_key, g.id limit $2";
    let rows: Vec<FoundGroup> =
        on_db!(db, read | c | sqlx::query_as(sql).bind(user).bind(GROUPS).fetch_all(c).await)?;
    let query = fold(query);
    Ok(rows.into_iter().filter(|group| fold(&group.name).contains(&query)).take(limit).collect())
}

/// `$3` of each group.
macro_rules! runs_of {
    ($latest:literal) => {
        concat!(
            "select r.id, r.group_id, g.name as group_name, s.name as store_name, r.state, r.comment, r.created_at
             from group_members m join groups g on g.id = m.group_id ",
            $latest,
            " join stores s on s.id = r.store_id
             where m.user_id = $1 and m.left_at is null
             order by r.created_at desc, r.id desc limit $2"
        )
    };
}

/// The latest runs of somebody's groups, as many of each group, whose store or comment holds `query`, latest first.
///
/// # Errors
/// Faults only.
pub async fn find_runs(
    db: &Database,
    user: Uuid,
    query: &str,
    limit: usize,
) -> Result<Vec<FoundRun>, StorageError> {
    let sql = match db {
        Database::Postgres(_) => runs_of!(
            "join lateral (
                 select * from runs n where n.group_id = m.group_id order by n.created_at desc, n.id desc limit $3
             ) r on true"
        ),
        Database::Sqlite(_) => runs_of!(
            "join runs r on r.id in (
                 select n.id from runs n where n.group_id = m.group_id order by n.created_at desc, n.id desc limit $3
             )"
        ),
    };
    let each = RUNS / group_count(db, user).await?.max(1) + 1;
    let rows: Vec<FoundRun> =
        on_db!(db, read | c | sqlx::query_as(sql).bind(user).bind(RUNS).bind(each).fetch_all(c).await)?;
    let query = fold(query);
    let holds = |run: &FoundRun| {
        let texts = [Some(run.store_name.as_str()), run.comment.as_deref()];
        texts.into_iter().flatten().any(|text| fold(text).contains(&query))
    };
    Ok(rows.into_iter().filter(holds).take(limit).collect())
}

async fn group_count(db: &Database, user: Uuid) -> Result<i64, StorageError> {
    let sql = "select count(*) from group_members where user_id = $1 and left_at is null";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?)
}
