-- What the admins of the server do, and what they have switched.

-- Append-only. target_id names a row of the kind target; it may be gone. detail is a JSON object.
create table admin_log (
    id        blob not null primary key,
    admin_id  blob not null references users (id),
    action    text not null,
    target    text not null,
    target_id blob,
    detail    text not null,
    at        integer not null
) strict;
create index admin_log_order on admin_log (at, id);
create index admin_log_admin on admin_log (admin_id);
create index admin_log_target on admin_log (target_id) where target_id is not null;

-- A switch that was never touched has no row.
create table server_switches (
    name  text not null primary key,
    is_on integer not null
) strict;

create index groups_name on groups (name_key, id);
