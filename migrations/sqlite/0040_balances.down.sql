drop index ledger_entries_person;
create index ledger_entries_person on ledger_entries (group_id, user_id, at, id);
