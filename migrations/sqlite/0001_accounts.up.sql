-- Who may log in, and from where they are logged in.
-- Points in time are microseconds since 1970 (columns *_at), always given by the server, never by the database.

create table users (
    id            blob    not null primary key,
    username      text    not null constraint users_username_key unique check (username = lower(username)),
    name          text    not null,
    password_hash text    not null,
    is_admin      integer not null default 0,
    disabled_at   integer,
    language      text    not null default 'en',
    theme         text    not null default 'system',
    created_at    integer not null
) strict;

-- One row per login. The secret itself is never stored, only its hash.
create table sessions (
    id           blob    not null primary key,
    user_id      blob    not null references users (id),
    kind         text    not null check (kind in ('cookie', 'token')),
    secret_hash  blob    not null constraint sessions_secret_hash_key unique,
    family       blob    not null,
    expires_at   integer not null,
    created_at   integer not null,
    last_seen_at integer not null,
    user_agent   text,
    revoked_at   integer
) strict;
create index sessions_user on sessions (user_id);
create index sessions_family on sessions (family);
create index sessions_expires on sessions (expires_at);
