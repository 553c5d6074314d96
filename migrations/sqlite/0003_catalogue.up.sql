-- Stores, products, and what a product costs where. Prices are minor units, quantities thousandths of a unit.
-- name_key is the name in lower case: what lists are sorted and searched by, byte by byte on every database.

create table stores (
    id         blob    not null primary key,
    name       text    not null,
    name_key   text    not null,
    chain      text,
    address    text,
    note       text,
    created_by blob    not null references users (id),
    created_at integer not null
) strict;
create index stores_name on stores (name_key, id);
create index stores_created_by on stores (created_by);

create table products (
    id               blob    not null primary key,
    name             text    not null,
    name_key         text    not null,
    brand            text,
    unit             text    not null,
    step_thousandths integer not null check (step_thousandths > 0),
    created_by       blob    not null references users (id),
    created_at       integer not null
) strict;
create index products_name on products (name_key, id);
create index products_created_by on products (created_by);

create table store_products (
    store_id            blob    not null references stores (id),
    product_id          blob    not null references products (id),
    price               integer check (price >= 0),
    pack_thousandths    integer check (pack_thousandths > 0),
    minimum_thousandths integer check (minimum_thousandths >= 0),
    note                text,
    updated_at          integer not null,
    primary key (store_id, product_id)
) strict, without rowid;
create index store_products_product on store_products (product_id);

-- Append-only.
create table price_observations (
    id               blob    not null primary key,
    product_id       blob    not null references products (id),
    store_id         blob    not null references stores (id),
    price            integer not null check (price >= 0),
    pack_thousandths integer,
    observed_by      blob    not null references users (id),
    observed_at      integer not null
) strict;
create index price_observations_product on price_observations (product_id, observed_at, id);
create index price_observations_pair on price_observations (store_id, product_id, observed_at);
create index price_observations_observed_by on price_observations (observed_by);
