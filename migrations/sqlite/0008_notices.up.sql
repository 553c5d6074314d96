-- A notification that is not read yet collects what follows shortly after it. created_at is when its first event was,
-- seq, kind, body and updated_at are those of the last, count is how many they are.
alter table notifications add column count integer not null default 1 check (count > 0);
alter table notifications add column updated_at integer not null default 0;
update notifications set updated_at = created_at;
drop index notifications_unread;
create index notifications_unread on notifications (user_id, run_id, created_at) where read_at is null;
