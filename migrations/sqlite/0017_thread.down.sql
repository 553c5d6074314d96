drop table run_receipts;
drop table run_messages;
