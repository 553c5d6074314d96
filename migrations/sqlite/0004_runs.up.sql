-- The log of every run, which is the truth, and what is derived from it.

-- Projection of a run, and its fence: a batch of events is written only if seq and epoch are still what the
-- writer believes. Only seq, epoch and updated_at change with every batch; none of them is indexed.
create table runs (
    id                  blob    not null primary key,
    group_id            blob    not null references groups (id),
    store_id            blob    not null references stores (id),
    leader_id           blob    not null references users (id),
    state               text    not null check (state in ('planning', 'active', 'confirmed', 'shopping', 'adjusting',
                                                          'distributing', 'completed', 'cancelled')),
    seq                 integer not null check (seq >= 0),
    epoch               integer not null check (epoch >= 0),
    comment             text,
    planned_on          text,
    bidding_deadline_at integer,
    auto_confirm        integer not null default 0,
    created_at          integer not null,
    updated_at          integer not null
) strict;
create index runs_group on runs (group_id, created_at, id);
create index runs_group_live on runs (group_id) where state not in ('completed', 'cancelled');
create index runs_store on runs (store_id);
create index runs_leader on runs (leader_id);

-- The truth. The primary key is the second fence: two writers can never both write seq n.
-- No reference to runs: every batch has moved the run's row on in the same transaction, and rows are never deleted.
create table run_events (
    run_id     blob    not null,
    seq        integer not null check (seq > 0),
    command_id blob,
    actor_id   blob,
    at         integer not null,
    kind       text    not null,
    body       text    not null,
    epoch      integer not null,
    constraint run_events_pkey primary key (run_id, seq)
) strict;

-- A command id takes effect once for the life of the run. outcome is null if it was committed,
-- else the rejection as JSON. It caused the events first_seq..=seq (none if seq < first_seq).
create table run_commands (
    run_id      blob    not null,
    command_id  blob    not null,
    actor_id    blob    not null,
    fingerprint integer not null,
    first_seq   integer not null,
    seq         integer not null,
    outcome     text,
    constraint run_commands_pkey primary key (run_id, command_id)
) strict, without rowid;

-- The state at seq, so that waking a run need not replay its whole log. May be deleted at any time.
create table run_snapshots (
    run_id blob    not null primary key references runs (id),
    seq    integer not null,
    body   text    not null,
    at     integer not null
) strict;

-- Projection. position is the seq of the event by which somebody joined first: the order of joining.
create table participants (
    run_id   blob    not null references runs (id),
    user_id  blob    not null references users (id),
    position integer not null,
    ready    integer not null,
    helper   integer not null,
    removed  integer not null,
    primary key (run_id, user_id)
) strict, without rowid;
create index participants_user on participants (user_id);

-- Projection: the products of a run and the terms frozen when they joined it.
create table run_products (
    run_id              blob    not null references runs (id),
    product_id          blob    not null references products (id),
    position            integer not null,
    name                text    not null,
    unit                text    not null,
    step_thousandths    integer not null check (step_thousandths > 0),
    pack_thousandths    integer check (pack_thousandths > 0),
    minimum_thousandths integer not null check (minimum_thousandths >= 0),
    price               integer,
    primary key (run_id, product_id)
) strict, without rowid;
create index run_products_product on run_products (product_id);

-- Projection. position is the seq of the event that placed the bid first, updated_seq that of the latest.
create table bids (
    run_id               blob    not null,
    product_id           blob    not null,
    user_id              blob    not null,
    position             integer not null,
    min_thousandths      integer not null check (min_thousandths >= 0),
    quantity_thousandths integer not null check (quantity_thousandths >= min_thousandths),
    max_thousandths      integer not null check (max_thousandths >= quantity_thousandths),
    interested_only      integer not null,
    comment              text,
    updated_seq          integer not null,
    primary key (run_id, product_id, user_id),
    foreign key (run_id, product_id) references run_products (run_id, product_id),
    foreign key (run_id, user_id) references participants (run_id, user_id)
) strict, without rowid;
create index bids_user on bids (run_id, user_id);
