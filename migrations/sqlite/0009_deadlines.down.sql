drop index runs_deadline;
alter table runs drop column active_at;
