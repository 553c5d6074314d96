-- Who owes what: run by run, and over all runs of a group.

-- Projection: what everybody paid and owes in a run that was settled. Over all people both add up to the same.
create table run_balances (
    run_id  blob    not null,
    user_id blob    not null,
    paid    integer not null check (paid >= 0),
    owes    integer not null check (owes >= 0),
    primary key (run_id, user_id),
    foreign key (run_id, user_id) references participants (run_id, user_id)
) strict, without rowid;
create index run_balances_user on run_balances (user_id);

-- Append-only. The entries of a group always add up to zero. A run leaves one entry per person who paid more or less
-- than they owe; a payment leaves two, of which the one of who paid has the payment's id.
create table ledger_entries (
    id           blob    not null primary key,
    group_id     blob    not null references groups (id),
    user_id      blob    not null references users (id),
    run_id       blob    references runs (id),
    kind         text    not null check (kind in ('run', 'payment')),
    amount       integer not null check (amount <> 0),
    counterparty blob    references users (id),
    note         text,
    recorded_by  blob    references users (id),
    at           integer not null,
    check ((kind = 'run') = (run_id is not null) and (kind = 'payment') = (counterparty is not null))
) strict;
create unique index ledger_entries_run on ledger_entries (run_id, user_id) where run_id is not null;
create index ledger_entries_person on ledger_entries (group_id, user_id, at, id);
create index ledger_entries_group on ledger_entries (group_id, at, id);
create index ledger_entries_user on ledger_entries (user_id);
create index ledger_entries_counterparty on ledger_entries (counterparty) where counterparty is not null;
create index ledger_entries_recorded_by on ledger_entries (recorded_by) where recorded_by is not null;
