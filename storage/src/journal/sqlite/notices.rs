//! What people are told.

use super::Script;
use crate::journal::batch::Notices;
use sqlx::SqliteConnection;

/// Into the open notification about the run, if there is one.
const MERGE: &str =
    "update notifications set seq = n.value ->> 'seq', kind = n.value ->> 'kind', body = n.value ->> 'body',
         count = count + (n.value ->> 'count'), updated_at = n.value ->> 'updated_at'
     from json_each($1) n
     where notifications.id = (
         select p.id from notifications p
         where p.user_id = unhex(n.value ->> 'user_id') and p.run_id = unhex(n.value ->> 'run_id')
             and p.read_at is null and p.created_at > n.value ->> 'open_after'
         order by p.created_at desc, p.id desc limit 1
     )";

/// Whatever was merged is open, and has the row's seq and time now. The seq alone does not tell: something is said
/// while the run stands still.
const INSERT_UNMERGED: &str =
    "insert into notifications (id, user_id, run_id, seq, kind, body, count, created_at, updated_at)
     select unhex(value ->> 'id'), unhex(value ->> 'user_id'), unhex(value ->> 'run_id'), value ->> 'seq',
         value ->> 'kind', value ->> 'body', value ->> 'count', value ->> 'created_at', value ->> 'updated_at'
     from json_each($1)
     where exists (select 1 from users u where u.id = unhex(value ->> 'user_id'))
         and not exists (
             select 1 from notifications p
             where p.user_id = unhex(value ->> 'user_id') and p.run_id = unhex(value ->> 'run_id')
                 and p.read_at is null and p.created_at > value ->> 'open_after'
                 and p.seq = value ->> 'seq' and p.updated_at = value ->> 'updated_at'
         )";

pub(super) fn write(script: &mut Script, notices: &Notices) {
    let rows = notices.rows();
    script.write(MERGE, &rows);
    script.write(INSERT_UNMERGED, &rows);
}

pub(super) async fn tell(c: &mut SqliteConnection, notices: &Notices) -> Result<(), sqlx::Error> {
    if notices.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(&notices.rows()).expect("rows of plain values make JSON");
    sqlx::query(MERGE).bind(&rows).execute(&mut *c).await?;
    sqlx::query(INSERT_UNMERGED).bind(&rows).execute(&mut *c).await?;
    Ok(())
}
