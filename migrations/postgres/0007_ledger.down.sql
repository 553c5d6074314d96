drop table ledger_entries;
drop table run_balances;
