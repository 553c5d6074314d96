drop table run_costs;
drop table allocations;
drop table run_purchases;
drop table run_items;
drop index runs_handover;
alter table runs drop column handover_to;
alter table runs drop column shortage_policy;
