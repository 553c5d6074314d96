-- pgbench: a bid as most people would store it, one transaction each.
\set run random(1, 200)
\set product random(1, 20)
\set person random(1, 100)
\set quantity random(1, 9)
begin;
insert into peer_bids (run_id, product_id, person_id, quantity) values (:run, :product, :person, :quantity) on conflict (run_id, product_id, person_id) do update set quantity = excluded.quantity, changed_at = now();
insert into peer_events (run_id, body) values (:run, '{"type":"bid_placed","product_id":7,"person_id":42,"quantity":"4"}');
update peer_runs set seq = seq + 1, changed_at = now() where id = :run;
commit;
