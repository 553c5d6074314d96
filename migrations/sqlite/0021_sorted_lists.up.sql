-- Pages of what a search finds, and of what a store sells, in the order of names without reading all of it: both keep the
-- product's or store's name_key.
alter table search_entries add column name_key text not null default '';
update search_entries set name_key = coalesce((select p.name_key from products p where p.id = search_entries.id), name_key)
    where kind = 'product';
update search_entries set name_key = coalesce((select s.name_key from stores s where s.id = search_entries.id), name_key)
    where kind = 'store';

alter table store_products add column name_key text not null default '';
update store_products set name_key = (select p.name_key from products p where p.id = store_products.product_id);
create index store_products_name on store_products (store_id, name_key, product_id);
