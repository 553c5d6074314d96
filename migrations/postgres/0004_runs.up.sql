-- The log of every run, which is the truth, and what is derived from it.

-- Projection of a run, and its fence: a batch of events is written only if seq and epoch are still what the
-- writer believes. Only seq, epoch and updated_at change with every batch; none of them is indexed, so that
-- such an update stays within its page.
create table runs (
    id                  uuid    not null primary key,
    group_id            uuid    not null references groups (id),
    store_id            uuid    not null references stores (id),
    leader_id           uuid    not null references users (id),
    state               text    not null check (state in ('planning', 'active', 'confirmed', 'shopping', 'adjusting',
                                                          'distributing', 'completed', 'cancelled')),
    seq                 bigint  not null check (seq >= 0),
    epoch               bigint  not null check (epoch >= 0),
    comment             text,
    planned_on          text,
    bidding_deadline_at bigint,
    auto_confirm        boolean not null default false,
    created_at          bigint  not null,
    updated_at          bigint  not null
) with (fillfactor = 70);
create index runs_group on runs (group_id, created_at, id);
create index runs_group_live on runs (group_id) where state not in ('completed', 'cancelled');
create index runs_store on runs (store_id);
create index runs_leader on runs (leader_id);

-- The truth. The primary key is the second fence: two writers can never both write seq n.
-- No reference to runs: every batch has moved the run's row on in the same transaction, and rows are never deleted.
create table run_events (
    run_id     uuid   not null,
    seq        bigint not null check (seq > 0),
    command_id uuid,
    actor_id   uuid,
    at         bigint not null,
    kind       text   not null,
    body       text   not null,
    epoch      bigint not null,
    constraint run_events_pkey primary key (run_id, seq)
);

-- A command id takes effect once for the life of the run. outcome is null if it was committed,
-- else the rejection as JSON. It caused the events first_seq..=seq (none if seq < first_seq).
create table run_commands (
    run_id      uuid   not null,
    command_id  uuid   not null,
    actor_id    uuid   not null,
    fingerprint bigint not null,
    first_seq   bigint not null,
    seq         bigint not null,
    outcome     text,
    constraint run_commands_pkey primary key (run_id, command_id)
);

-- The state at seq, so that waking a run need not replay its whole log. May be deleted at any time.
create table run_snapshots (
    run_id uuid   not null primary key references runs (id),
    seq    bigint not null,
    body   text   not null,
    at     bigint not null
);

-- Projection. position is the seq of the event by which somebody joined first: the order of joining.
create table participants (
    run_id   uuid    not null references runs (id),
    user_id  uuid    not null references users (id),
    position bigint  not null,
    ready    boolean not null,
    helper   boolean not null,
    removed  boolean not null,
    primary key (run_id, user_id)
);
create index participants_user on participants (user_id);

-- Projection: the products of a run and the terms frozen when they joined it.
create table run_products (
    run_id              uuid   not null references runs (id),
    product_id          uuid   not null references products (id),
    position            bigint not null,
    name                text   not null,
    unit                text   not null,
    step_thousandths    bigint not null check (step_thousandths > 0),
    pack_thousandths    bigint check (pack_thousandths > 0),
    minimum_thousandths bigint not null check (minimum_thousandths >= 0),
    price               bigint,
    primary key (run_id, product_id)
);
create index run_products_product on run_products (product_id);

-- Projection. position is the seq of the event that placed the bid first, updated_seq that of the latest.
create table bids (
    run_id               uuid    not null,
    product_id           uuid    not null,
    user_id              uuid    not null,
    position             bigint  not null,
    min_thousandths      bigint  not null check (min_thousandths >= 0),
    quantity_thousandths bigint  not null check (quantity_thousandths >= min_thousandths),
    max_thousandths      bigint  not null check (max_thousandths >= quantity_thousandths),
    interested_only      boolean not null,
    comment              text,
    updated_seq          bigint  not null,
    primary key (run_id, product_id, user_id),
    foreign key (run_id, product_id) references run_products (run_id, product_id),
    foreign key (run_id, user_id) references participants (run_id, user_id)
) with (fillfactor = 70);
create index bids_user on bids (run_id, user_id);
