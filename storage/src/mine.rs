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

/// The runs of somebody's groups whose store or comment holds `query`, latest first.
///
/// # Errors
/// Faults only.
pub async fn find_runs(
    db: &Database,
    user: Uuid,
    query: &str,
    limit: usize,
) -> Result<Vec<FoundRun>, StorageError> {
    let sql = "select r.id, r.group_id, g.name as group_name, s.name as store_name, r.state, r.comment, r.created_at
               from group_members m join groups g on g.id = m.group_id join runs r on r.group_id = g.id
                   join stores s on s.id = r.store_id
               where m.user_id = $1 and m.left_at is null
               order by r.created_at desc, r.id desc limit $2";
    let rows: Vec<FoundRun> =
        on_db!(db, read | c | sqlx::query_as(sql).bind(user).bind(RUNS).fetch_all(c).await)?;
    let query = fold(query);
    let holds = |run: &FoundRun| {
        let texts = [Some(run.store_name.as_str()), run.comment.as_deref()];
        texts.into_iter().flatten().any(|text| fold(text).contains(&query))
    };
    Ok(rows.into_iter().filter(holds).take(limit).collect())
}
