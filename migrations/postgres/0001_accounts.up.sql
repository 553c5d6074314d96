-- Who may log in, and from where they are logged in.
-- Points in time are microseconds since 1970 (columns *_at), always given by the server, never by the database.

create table users (
    id            uuid   not null primary key,
    username      text   not null constraint users_username_key unique check (username = lower(username)),
    name          text   not null,
    password_hash text   not null,
    is_admin      boolean not null default false,
    disabled_at   bigint,
    language      text   not null default 'en',
    theme         text   not null default 'system',
    created_at    bigint not null
);

-- One row per login. The secret itself is never stored, only its hash.
create table sessions (
    id           uuid   not null primary key,
    user_id      uuid   not null references users (id),
    kind         text   not null check (kind in ('cookie', 'token')),
    secret_hash  bytea  not null constraint sessions_secret_hash_key unique,
    family       uuid   not null,
    expires_at   bigint not null,
    created_at   bigint not null,
    last_seen_at bigint not null,
    user_agent   text,
    revoked_at   bigint
);
create index sessions_user on sessions (user_id);
create index sessions_family on sessions (family);
create index sessions_expires on sessions (expires_at);
