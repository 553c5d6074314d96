-- What was bought in a run, who gets what of it, and what else was paid; who is offered the lead.

alter table runs add column shortage_policy text not null default 'equal_awards'
    check (shortage_policy in ('equal_awards', 'proportional', 'equal_losses', 'first_come'));
alter table runs add column handover_to blob references users (id);
create index runs_handover on runs (handover_to) where handover_to is not null;

-- Projection: the shopping list. requested is what the plan said, bought and total are what its purchases add up to,
-- changed_seq is the seq of the last event about it, outcome is what became of it when the run was cancelled.
create table run_items (
    run_id                blob    not null,
    product_id            blob    not null,
    requested_thousandths integer not null check (requested_thousandths >= 0),
    bought_thousandths    integer not null check (bought_thousandths >= 0),
    total                 integer not null check (total >= 0),
    changed_seq           integer not null,
    outcome               text    check (outcome in ('returned', 'kept_by_payer', 'shared_anyway')),
    primary key (run_id, product_id),
    foreign key (run_id, product_id) references run_products (run_id, product_id)
) strict, without rowid;

-- Projection: the parts of a purchase, counted from 0. picked_product_id is which product of a family it was.
create table run_purchases (
    run_id               blob    not null,
    product_id           blob    not null,
    part                 integer not null check (part >= 0),
    quantity_thousandths integer not null check (quantity_thousandths > 0),
    total                integer not null check (total > 0),
    payer_id             blob    not null,
    picked_product_id    blob    references products (id),
    primary key (run_id, product_id, part),
    foreign key (run_id, product_id) references run_items (run_id, product_id),
    foreign key (run_id, payer_id) references participants (run_id, user_id)
) strict, without rowid;
create index run_purchases_payer on run_purchases (run_id, payer_id);
create index run_purchases_picked on run_purchases (picked_product_id) where picked_product_id is not null;

-- Projection: what of an item goes to whom. The shares of an item add up to its total.
create table allocations (
    run_id               blob    not null,
    product_id           blob    not null,
    user_id              blob    not null,
    received_thousandths integer not null check (received_thousandths >= 0),
    share                integer not null check (share >= 0),
    taken                text    check (taken in ('picked_up', 'left_with_leader')),
    primary key (run_id, product_id, user_id),
    foreign key (run_id, product_id) references run_items (run_id, product_id),
    foreign key (run_id, user_id) references participants (run_id, user_id)
) strict, without rowid;
create index allocations_user on allocations (run_id, user_id);

-- Projection: what was paid besides the goods. id is the seq of the event that added it.
create table run_costs (
    run_id   blob    not null,
    id       integer not null,
    label    text    not null,
    amount   integer not null check (amount > 0),
    split    text    not null check (split in ('by_value', 'equally', 'by_quantity')),
    payer_id blob    not null,
    primary key (run_id, id),
    foreign key (run_id, payer_id) references participants (run_id, user_id)
) strict, without rowid;
create index run_costs_payer on run_costs (run_id, payer_id);
