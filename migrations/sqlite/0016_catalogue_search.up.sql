-- Families, other names, tags and hours; one index to search everything by; who noted a price in which run.

alter table stores add column hours text;
alter table stores add column verified_at integer;
alter table stores add column merged_into blob references stores (id);
create index stores_merged_into on stores (merged_into) where merged_into is not null;

-- aliases: a JSON object of arrays, by language. tags: a JSON array. A family has members and no family of its own.
alter table products add column is_family integer not null default 0;
alter table products add column family_id blob references products (id);
alter table products add column aliases text not null default '{}';
alter table products add column tags text not null default '[]';
alter table products add column verified_at integer;
alter table products add column merged_into blob references products (id);
create index products_family on products (family_id, name_key, id) where family_id is not null;
create index products_merged_into on products (merged_into) where merged_into is not null;

alter table price_observations add column run_id blob references runs (id);
create index price_observations_run on price_observations (run_id) where run_id is not null;
create index price_observations_history on price_observations (product_id, store_id, observed_at, id);

-- What is searched: names without case, accents and alphabets, and everything else a product or store is found by.
-- A stale row is written anew when the server starts.
create table search_entries (
    entry integer primary key,
    kind  text    not null check (kind in ('product', 'store')),
    id    blob    not null,
    name  text    not null,
    words text    not null,
    stale integer not null,
    constraint search_entries_key unique (kind, id)
) strict;
create index search_entries_prefix on search_entries (kind, name, id);
create index search_entries_stale on search_entries (entry) where stale;

create virtual table search_index using fts5 (
    name, words, content = 'search_entries', content_rowid = 'entry', tokenize = 'trigram'
);
create trigger search_entries_inserted after insert on search_entries begin
    insert into search_index (rowid, name, words) values (new.entry, new.name, new.words);
end;
create trigger search_entries_deleted after delete on search_entries begin
    insert into search_index (search_index, rowid, name, words) values ('delete', old.entry, old.name, old.words);
end;
create trigger search_entries_updated after update of name, words on search_entries begin
    insert into search_index (search_index, rowid, name, words) values ('delete', old.entry, old.name, old.words);
    insert into search_index (rowid, name, words) values (new.entry, new.name, new.words);
end;

insert into search_entries (kind, id, name, words, stale) select 'product', id, name_key, name_key, 1 from products;
insert into search_entries (kind, id, name, words, stale) select 'store', id, name_key, name_key, 1 from stores;
