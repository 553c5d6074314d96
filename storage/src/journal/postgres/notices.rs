//! What people are told.

use super::Done;
use super::json::write_all;
use crate::journal::batch::Notices;
use sqlx::PgConnection;

/// Into the open notification about the run if there is one, else as a new one. Whoever marks theirs as read at the
/// same time gets a new one.
pub(super) async fn write(c: &mut PgConnection, notices: &Notices) -> Done {
    let sql = "with n as materialized (
                   select n.* from json_to_recordset($1::json) as n (id uuid, user_id uuid, run_id uuid, seq bigint,
                       kind text, body text, count bigint, created_at bigint, updated_at bigint, open_after bigint)
                   where exists (select 1 from users u where u.id = n.user_id)
               ), merged as (
                   update notifications o set seq = n.seq, kind = n.kind, body = n.body, count = o.count + n.count,
                       updated_at = n.updated_at
                   from n
                   where o.read_at is null and o.id = (
                       select p.id from notifications p
                       where p.user_id = n.user_id and p.run_id = n.run_id and p.read_at is null
                           and p.created_at > n.open_after
                       order by p.created_at desc, p.id desc limit 1
                   )
                   returning o.user_id, o.run_id
               )
               insert into notifications (id, user_id, run_id, seq, kind, body, count, created_at, updated_at)
               select n.id, n.user_id, n.run_id, n.seq, n.kind, n.body, n.count, n.created_at, n.updated_at
               from n
               where not exists (select 1 from merged m where m.user_id = n.user_id and m.run_id = n.run_id)";
    write_all(c, sql, &notices.rows()).await
}
