drop index store_products_name;
alter table store_products drop column name_key;
alter table search_entries drop column name_key;
