-- Stores, products, and what a product costs where. Prices are minor units, quantities thousandths of a unit.
-- name_key is the name in lower case: what lists are sorted and searched by, byte by byte on every database.

create table stores (
    id         uuid   not null primary key,
    name       text   not null,
    name_key   text   collate "C" not null,
    chain      text,
    address    text,
    note       text,
    created_by uuid   not null references users (id),
    created_at bigint not null
);
create index stores_name on stores (name_key, id);
create index stores_created_by on stores (created_by);

create table products (
    id               uuid   not null primary key,
    name             text   not null,
    name_key         text   collate "C" not null,
    brand            text,
    unit             text   not null,
    step_thousandths bigint not null check (step_thousandths > 0),
    created_by       uuid   not null references users (id),
    created_at       bigint not null
);
create index products_name on products (name_key, id);
create index products_created_by on products (created_by);

create table store_products (
    store_id            uuid   not null references stores (id),
    product_id          uuid   not null references products (id),
    price               bigint check (price >= 0),
    pack_thousandths    bigint check (pack_thousandths > 0),
    minimum_thousandths bigint check (minimum_thousandths >= 0),
    note                text,
    updated_at          bigint not null,
    primary key (store_id, product_id)
);
create index store_products_product on store_products (product_id);

-- Append-only.
create table price_observations (
    id               uuid   not null primary key,
    product_id       uuid   not null references products (id),
    store_id         uuid   not null references stores (id),
    price            bigint not null check (price >= 0),
    pack_thousandths bigint,
    observed_by      uuid   not null references users (id),
    observed_at      bigint not null
);
create index price_observations_product on price_observations (product_id, observed_at, id);
create index price_observations_pair on price_observations (store_id, product_id, observed_at);
create index price_observations_observed_by on price_observations (observed_by);
