-- Families, other names, tags and hours; one index to search everything by; who noted a price in which run.

-- Comes with PostgreSQL (contrib); whoever may create in a database may create it.
create extension if not exists pg_trgm;

alter table stores add column hours text;
alter table stores add column verified_at bigint;
alter table stores add column merged_into uuid references stores (id);
create index stores_merged_into on stores (merged_into) where merged_into is not null;

-- aliases: a JSON object of arrays, by language. tags: a JSON array. A family has members and no family of its own.
alter table products add column is_family boolean not null default false;
alter table products add column family_id uuid references products (id);
alter table products add column aliases text not null default '{}';
alter table products add column tags text not null default '[]';
alter table products add column verified_at bigint;
alter table products add column merged_into uuid references products (id);
create index products_family on products (family_id, name_key, id) where family_id is not null;
create index products_merged_into on products (merged_into) where merged_into is not null;

alter table price_observations add column run_id uuid references runs (id);
create index price_observations_run on price_observations (run_id) where run_id is not null;
create index price_observations_history on price_observations (product_id, store_id, observed_at, id);

-- What is searched: names without case, accents and alphabets, and everything else a product or store is found by.
-- A stale row is written anew when the server starts.
create table search_entries (
    entry bigint  generated always as identity primary key,
    kind  text    not null check (kind in ('product', 'store')),
    id    uuid    not null,
    name  text    collate "C" not null,
    words text    collate "C" not null,
    stale boolean not null,
    constraint search_entries_key unique (kind, id)
);
create index search_entries_prefix on search_entries (kind, name, id);
create index search_entries_stale on search_entries (entry) where stale;
create index search_entries_name on search_entries using gin (name gin_trgm_ops);
create index search_entries_words on search_entries using gin (words gin_trgm_ops);

insert into search_entries (kind, id, name, words, stale) select 'product', id, name_key, name_key, true from products;
insert into search_entries (kind, id, name, words, stale) select 'store', id, name_key, name_key, true from stores;
