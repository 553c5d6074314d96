//! Who owes what, and what things cost.

use super::Done;
use super::json::write_all;
use crate::projection::books::{BalanceRow, Books, EntryRow, PriceRow};
use sqlx::PgConnection;

pub(super) async fn write(c: &mut PgConnection, rows: &Books) -> Result<(), sqlx::Error> {
    insert_balances(c, &rows.balances).await?;
    insert_entries(c, &rows.entries).await?;
    insert_prices(c, &rows.prices).await?;
    Ok(())
}

async fn insert_balances(c: &mut PgConnection, rows: &[BalanceRow]) -> Done {
    let sql = "insert into run_balances (run_id, user_id, paid, owes)
               select n.run_id, n.user_id, n.paid, n.owes
               from json_to_recordset($1::json) as n (run_id uuid, user_id uuid, paid bigint, owes bigint)";
    write_all(c, sql, rows).await
}

async fn insert_entries(c: &mut PgConnection, rows: &[EntryRow]) -> Done {
    let sql = "insert into ledger_entries (id, group_id, user_id, run_id, kind, amount, recorded_by, at)
               select n.id, r.group_id, n.user_id, n.run_id, 'run', n.amount, n.recorded_by, n.at
               from json_to_recordset($1::json)
                   as n (id uuid, run_id uuid, user_id uuid, amount bigint, recorded_by uuid, at bigint)
               join runs r on r.id = n.run_id";
    write_all(c, sql, rows).await
}

/// Each is compared with the one before it in its store on its day, be that one of this batch or not. What was merged is noted
/// of the product it is now.
async fn insert_prices(c: &mut PgConnection, rows: &[PriceRow]) -> Done {
    let sql = "insert into price_observations (id, product_id, store_id, price, run_id, observed_by, observed_at)
               select seen.id, seen.now_id, seen.store_id, seen.price, seen.run_id, seen.observed_by, seen.at
               from (
                   select n.*, r.store_id, m.now_id, coalesce(
                       lag(n.price) over (partition by r.store_id, m.now_id, n.day order by n.place),
                       (select o.price from price_observations o
                        where o.store_id = r.store_id and o.product_id = m.now_id
                            and o.observed_at >= n.day and o.observed_at <= n.at
                        order by o.observed_at desc, o.id desc limit 1)
                   ) as latest
                   from json_to_recordset($1::json) as n (id uuid, place bigint, run_id uuid, product_id uuid,
                       price bigint, observed_by uuid, at bigint, day bigint, item_id uuid, part bigint,
                       quantity bigint, total bigint)
                   join runs r on r.id = n.run_id
                   join (select id, coalesce(merged_into, id) as now_id from products) m on m.id = n.product_id
                   where not exists (
                       select 1 from run_purchases p
                       where p.run_id = n.run_id and p.product_id = n.item_id and p.part = n.part
                           and p.quantity_thousandths = n.quantity and p.total = n.total
                           and coalesce(p.picked_product_id, p.product_id) = n.product_id
                   )
               ) seen
               where seen.latest is distinct from seen.price";
    write_all(c, sql, rows).await
}
