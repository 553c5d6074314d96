-- What people say about a run, and its receipts. Neither is part of the run's log.

-- Append-only. words is the text as it is searched. The same command id of the same author counts once.
create table run_messages (
    id         blob not null primary key,
    run_id     blob not null references runs (id),
    author_id  blob not null references users (id),
    command_id blob,
    text       text not null,
    words      text not null,
    created_at integer not null,
    constraint run_messages_command_key unique (run_id, author_id, command_id)
) strict;
create index run_messages_run on run_messages (run_id, created_at, id);
create index run_messages_author on run_messages (author_id);

-- The content lies in the data folder under its SHA-256.
create table run_receipts (
    id          blob not null primary key,
    run_id      blob not null references runs (id),
    product_id  blob references products (id),
    uploaded_by blob not null references users (id),
    name        text not null,
    media       text not null check (media in ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    size        integer not null check (size > 0),
    hash        blob not null,
    created_at  integer not null
) strict;
create index run_receipts_run on run_receipts (run_id, created_at, id);
create index run_receipts_product on run_receipts (product_id) where product_id is not null;
create index run_receipts_uploaded_by on run_receipts (uploaded_by);
create index run_receipts_hash on run_receipts (hash);
