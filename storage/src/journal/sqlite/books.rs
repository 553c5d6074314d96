//! Who owes what, and what things cost.

use super::Script;
use crate::projection::books::{BalanceRow, Books, EntryRow, PriceRow};

pub(super) fn write(script: &mut Script, rows: &Books) {
    insert_balances(script, &rows.balances);
    insert_entries(script, &rows.entries);
    insert_prices(script, &rows.prices);
}

fn insert_balances(script: &mut Script, rows: &[BalanceRow]) {
    let sql = "insert into run_balances (run_id, user_id, paid, owes)
               select unhex(value ->> 'run_id'), unhex(value ->> 'user_id'), value ->> 'paid', value ->> 'owes'
               from json_each($1)";
    script.write(sql, rows);
}

fn insert_entries(script: &mut Script, rows: &[EntryRow]) {
    let sql = "insert into ledger_entries (id, group_id, user_id, run_id, kind, amount, recorded_by, at)
               select unhex(n.value ->> 'id'), r.group_id, unhex(n.value ->> 'user_id'), r.id, 'run',
                   n.value ->> 'amount', unhex(n.value ->> 'recorded_by'), n.value ->> 'at'
               from json_each($1) n join runs r on r.id = unhex(n.value ->> 'run_id')";
    script.write(sql, rows);
}

/// Each is compared with the one before it in its store on its day, be that one of this batch or not. What was merged is noted
/// of the product it is now.
fn insert_prices(script: &mut Script, rows: &[PriceRow]) {
    let sql = "with n as materialized (
                   select unhex(value ->> 'id') as id, value ->> 'place' as place,
                       unhex(value ->> 'run_id') as run_id, unhex(value ->> 'product_id') as product_id,
                       value ->> 'price' as price, unhex(value ->> 'observed_by') as observed_by,
                       value ->> 'at' as at, value ->> 'day' as day, unhex(value ->> 'item_id') as item_id,
                       value ->> 'part' as part, value ->> 'quantity' as quantity, value ->> 'total' as total
                   from json_each($1)
               )
               insert into price_observations (id, product_id, store_id, price, run_id, observed_by, observed_at)
               select seen.id, seen.now_id, seen.store_id, seen.price, seen.run_id, seen.observed_by, seen.at
               from (
                   select n.*, r.store_id, m.now_id, coalesce(
                       lag(n.price) over (partition by r.store_id, m.now_id, n.day order by n.place),
                       (select o.price from price_observations o
                        where o.store_id = r.store_id and o.product_id = m.now_id
                            and o.observed_at >= n.day and o.observed_at <= n.at
                        order by o.observed_at desc, o.id desc limit 1)
                   ) as latest
                   from n join runs r on r.id = n.run_id
                   join (select id, coalesce(merged_into, id) as now_id from products) m on m.id = n.product_id
                   where not exists (
                       select 1 from run_purchases p
                       where p.run_id = n.run_id and p.product_id = n.item_id and p.part = n.part
                           and p.quantity_thousandths = n.quantity and p.total = n.total
                           and coalesce(p.picked_product_id, p.product_id) = n.product_id
                   )
               ) seen
               where seen.latest is distinct from seen.price";
    script.write(sql, rows);
}
