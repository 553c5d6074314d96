-- Closed circles of people, who is in them, and how one gets in.

create table groups (
    id              uuid    not null primary key,
    name            text    not null,
    name_key        text    collate "C" not null,
    currency        text    not null check (length(currency) = 3),
    shortage_policy text    not null default 'equal_awards'
                    check (shortage_policy in ('equal_awards', 'proportional', 'equal_losses', 'first_come')),
    joining_open    boolean not null default true,
    created_by      uuid    not null references users (id),
    created_at      bigint  not null
);
create index groups_created_by on groups (created_by);

-- A member who left keeps the row: left_at says so, and coming back clears it.
create table group_members (
    group_id  uuid   not null references groups (id),
    user_id   uuid   not null references users (id),
    role      text   not null check (role in ('admin', 'member')),
    joined_at bigint not null,
    left_at   bigint,
    primary key (group_id, user_id)
);
create index group_members_user on group_members (user_id) where left_at is null;
create index group_members_active on group_members (group_id, joined_at, user_id) where left_at is null;

create table group_invites (
    id         uuid   not null primary key,
    group_id   uuid   not null references groups (id),
    token_hash bytea  not null constraint group_invites_token_hash_key unique,
    created_by uuid   not null references users (id),
    expires_at bigint,
    max_uses   bigint check (max_uses > 0),
    uses       bigint not null default 0 check (uses >= 0 and (max_uses is null or uses <= max_uses)),
    revoked_at bigint,
    created_at bigint not null
);
create index group_invites_group on group_invites (group_id, created_at);
create index group_invites_created_by on group_invites (created_by);
