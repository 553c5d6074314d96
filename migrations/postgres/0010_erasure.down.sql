alter table users drop column erased_at;
