drop table search_entries;
drop index price_observations_history;
drop index price_observations_run;
alter table price_observations drop column run_id;
drop index products_merged_into;
drop index products_family;
alter table products drop column merged_into;
alter table products drop column verified_at;
alter table products drop column tags;
alter table products drop column aliases;
alter table products drop column family_id;
alter table products drop column is_family;
drop index stores_merged_into;
alter table stores drop column merged_into;
alter table stores drop column verified_at;
alter table stores drop column hours;
-- The extension stays: it may not be ours alone.
