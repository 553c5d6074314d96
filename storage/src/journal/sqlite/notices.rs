//! What people are told.

use super::Script;
use crate::journal::batch::{NoteRow, Notices};

pub(super) fn write(script: &mut Script, notices: &Notices) {
    let rows = notices.rows();
    merge(script, &rows);
    insert_unmerged(script, &rows);
}

/// Into the open notification about the run, if there is one.
fn merge(script: &mut Script, rows: &[&NoteRow]) {
    let sql = "update notifications set seq = n.value ->> 'seq', kind = n.value ->> 'kind', body = n.value ->> 'body',
                   count = count + (n.value ->> 'count'), updated_at = n.value ->> 'updated_at'
               from json_each($1) n
               where notifications.id = (
                   select p.id from notifications p
                   where p.user_id = unhex(n.value ->> 'user_id') and p.run_id = unhex(n.value ->> 'run_id')
                       and p.read_at is null and p.created_at > n.value ->> 'open_after'
                   order by p.created_at desc, p.id desc limit 1
               )";
    script.write(sql, rows);
}

/// Whatever was merged has the row's seq now.
fn insert_unmerged(script: &mut Script, rows: &[&NoteRow]) {
    let sql = "insert into notifications (id, user_id, run_id, seq, kind, body, count, created_at, updated_at)
               select unhex(value ->> 'id'), unhex(value ->> 'user_id'), unhex(value ->> 'run_id'), value ->> 'seq',
                   value ->> 'kind', value ->> 'body', value ->> 'count', value ->> 'created_at',
                   value ->> 'updated_at'
               from json_each($1)
               where exists (select 1 from users u where u.id = unhex(value ->> 'user_id'))
                   and not exists (
                       select 1 from notifications p
                       where p.user_id = unhex(value ->> 'user_id') and p.run_id = unhex(value ->> 'run_id')
                           and p.read_at is null and p.seq = value ->> 'seq'
                   )";
    script.write(sql, rows);
}
