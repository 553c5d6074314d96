-- What bids.sql works on.
create table peer_runs (id bigint primary key, seq bigint not null default 0, changed_at timestamptz not null default now());
create table peer_bids (
    run_id bigint not null,
    product_id bigint not null,
    person_id bigint not null,
    quantity bigint not null,
    changed_at timestamptz not null default now(),
    primary key (run_id, product_id, person_id)
);
create table peer_events (id bigserial primary key, run_id bigint not null, body jsonb not null, at timestamptz not null default now());
create index peer_events_of_run on peer_events (run_id, id);
insert into peer_runs (id) select generate_series(1, 200);
