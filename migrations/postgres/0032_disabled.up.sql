-- What the admins of the server took out of use: it stays for what names it.
alter table products add column disabled_at bigint;
alter table stores add column disabled_at bigint;
alter table groups add column disabled_at bigint;
