drop table price_observations;
drop table store_products;
drop table products;
drop table stores;
