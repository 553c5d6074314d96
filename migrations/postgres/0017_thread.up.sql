-- What people say about a run, and its receipts. Neither is part of the run's log.

-- Append-only. words is the text as it is searched. The same command id of the same author counts once.
create table run_messages (
    id         uuid not null primary key,
    run_id     uuid not null references runs (id),
    author_id  uuid not null references users (id),
    command_id uuid,
    text       text not null,
    words      text not null,
    created_at bigint not null,
    constraint run_messages_command_key unique (run_id, author_id, command_id)
);
create index run_messages_run on run_messages (run_id, created_at, id);
create index run_messages_author on run_messages (author_id);

-- The content lies in the data folder under its SHA-256.
create table run_receipts (
    id          uuid not null primary key,
    run_id      uuid not null references runs (id),
    product_id  uuid references products (id),
    uploaded_by uuid not null references users (id),
    name        text not null,
    media       text not null check (media in ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    size        bigint not null check (size > 0),
    hash        bytea not null,
    created_at  bigint not null
);
create index run_receipts_run on run_receipts (run_id, created_at, id);
create index run_receipts_product on run_receipts (product_id) where product_id is not null;
create index run_receipts_uploaded_by on run_receipts (uploaded_by);
create index run_receipts_hash on run_receipts (hash);
