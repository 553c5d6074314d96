alter table groups drop column disabled_at;
alter table stores drop column disabled_at;
alter table products drop column disabled_at;
