-- What is to be told: to people, and to live runs.

create table notifications (
    id         uuid   not null primary key,
    user_id    uuid   not null references users (id),
    run_id     uuid   not null references runs (id),
    seq        bigint not null,
    kind       text   not null,
    body       text   not null,
    created_at bigint not null,
    read_at    bigint
);
create index notifications_user on notifications (user_id, created_at, id);
create index notifications_unread on notifications (user_id) where read_at is null;
create index notifications_run on notifications (run_id);

-- Written in the transaction that made it true; deleted when every live run has been told.
create table outbox (
    id         uuid   not null primary key,
    kind       text   not null,
    payload    text   not null,
    created_at bigint not null,
    attempts   bigint not null default 0
);
create index outbox_order on outbox (created_at, id);
