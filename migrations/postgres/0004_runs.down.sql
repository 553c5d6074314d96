drop table bids;
drop table run_products;
drop table participants;
drop table run_snapshots;
drop table run_commands;
drop table run_events;
drop table runs;
