//! What was bought, who gets what of it, and what else was paid.

use super::json::{text, write_all};
use super::{Done, values};
use crate::journal::batch::Turn;
use crate::projection::goods::{CostRow, DisposedRow, Goods, ItemRow, PartRow, ShareRow, TakenRow};
use sqlx::PgConnection;
use sqlx::postgres::PgQueryResult;
use uuid::Uuid;
use uuid::fmt::Simple;

/// In the order in which rows refer to one another.
pub(super) async fn write(c: &mut PgConnection, rows: &Goods) -> Result<(), sqlx::Error> {
    put_items(c, &values(&rows.items)).await?;
    let bought: Vec<_> = rows.bought.iter().map(|(r, p)| [*r, *p].map(Uuid::simple)).collect();
    delete_parts(c, &bought).await?;
    insert_parts(c, &values(&rows.parts)).await?;
    let (disposed, shares) = (values(&rows.disposed), values(&rows.shares));
    set_outcomes(c, &disposed).await?;
    delete_allocations(c, &disposed, &shares).await?;
    put_allocations(c, &shares).await?;
    set_taken(c, &values(&rows.taken)).await?;
    let deleted: Vec<_> = rows.deleted_costs.iter().map(|(run, id)| (run.simple(), *id)).collect();
    delete_costs(c, &deleted).await?;
    insert_costs(c, &values(&rows.costs)).await?;
    Ok(())
}

pub(super) async fn turn_runs(c: &mut PgConnection, rows: &[Turn]) -> Done {
    let sql = "update runs r
               set handover_to = case when n.handover_set then n.handover_to else r.handover_to end,
                   active_at = coalesce(n.active_at, r.active_at)
               from json_to_recordset($1::json)
                   as n (run_id uuid, handover_set boolean, handover_to uuid, active_at bigint)
               where r.id = n.run_id";
    write_all(c, sql, rows).await
}

/// An item that was there keeps what was requested.
async fn put_items(c: &mut PgConnection, rows: &[&ItemRow]) -> Done {
    let sql = "insert into run_items (run_id, product_id, requested_thousandths, bought_thousandths, total, changed_seq)
               select n.run_id, n.product_id, n.requested, n.bought, n.total, n.changed_seq
               from json_to_recordset($1::json) as n (run_id uuid, product_id uuid, requested bigint,
                   bought bigint, total bigint, changed_seq bigint)
               on conflict (run_id, product_id) do update
               set bought_thousandths = excluded.bought_thousandths, total = excluded.total,
                   changed_seq = excluded.changed_seq";
    write_all(c, sql, rows).await
}

async fn delete_parts(c: &mut PgConnection, rows: &[[Simple; 2]]) -> Done {
    let sql = "delete from run_purchases p using json_array_elements($1::json) n
               where p.run_id = cast(n ->> 0 as uuid) and p.product_id = cast(n ->> 1 as uuid)";
    write_all(c, sql, rows).await
}

async fn insert_parts(c: &mut PgConnection, rows: &[&PartRow]) -> Done {
    let sql = "insert into run_purchases
                   (run_id, product_id, part, quantity_thousandths, total, payer_id, picked_product_id)
               select n.run_id, n.product_id, n.part, n.quantity, n.total, n.payer_id, n.picked_product_id
               from json_to_recordset($1::json) as n (run_id uuid, product_id uuid, part bigint,
                   quantity bigint, total bigint, payer_id uuid, picked_product_id uuid)";
    write_all(c, sql, rows).await
}

async fn set_outcomes(c: &mut PgConnection, rows: &[&DisposedRow]) -> Done {
    let sql = "update run_items i set outcome = n.outcome
               from json_to_recordset($1::json) as n (run_id uuid, product_id uuid, outcome text)
               where i.run_id = n.run_id and i.product_id = n.product_id";
    write_all(c, sql, rows).await
}

/// Those of the disposed items that are not among the shares.
async fn delete_allocations(c: &mut PgConnection, rows: &[&DisposedRow], shares: &[&ShareRow]) -> Done {
    let sql =
        "delete from allocations a using json_to_recordset($1::json) as n (run_id uuid, product_id uuid)
               where a.run_id = n.run_id and a.product_id = n.product_id and not exists (
                   select 1 from json_to_recordset($2::json) as s (run_id uuid, product_id uuid, user_id uuid)
                   where s.run_id = a.run_id and s.product_id = a.product_id and s.user_id = a.user_id
               )";
    if rows.is_empty() {
        return Ok(PgQueryResult::default());
    }
    sqlx::query(sql).bind(text(rows)).bind(text(shares)).execute(c).await
}

/// What was taken stays taken.
async fn put_allocations(c: &mut PgConnection, rows: &[&ShareRow]) -> Done {
    let sql = "insert into allocations (run_id, product_id, user_id, received_thousandths, share)
               select n.run_id, n.product_id, n.user_id, n.received, n.share
               from json_to_recordset($1::json)
                   as n (run_id uuid, product_id uuid, user_id uuid, received bigint, share bigint)
               on conflict (run_id, product_id, user_id) do update
               set received_thousandths = excluded.received_thousandths, share = excluded.share";
    write_all(c, sql, rows).await
}

async fn set_taken(c: &mut PgConnection, rows: &[&TakenRow]) -> Done {
    let sql = "update allocations a set taken = n.taken
               from json_to_recordset($1::json) as n (run_id uuid, product_id uuid, user_id uuid, taken text)
               where a.run_id = n.run_id and a.product_id = n.product_id and a.user_id = n.user_id";
    write_all(c, sql, rows).await
}

async fn delete_costs(c: &mut PgConnection, rows: &[(Simple, i64)]) -> Done {
    let sql = "delete from run_costs k using json_array_elements($1::json) n
               where k.run_id = cast(n ->> 0 as uuid) and k.id = cast(n ->> 1 as bigint)";
    write_all(c, sql, rows).await
}

async fn insert_costs(c: &mut PgConnection, rows: &[&CostRow]) -> Done {
    let sql = "insert into run_costs (run_id, id, label, amount, split, payer_id)
               select n.run_id, n.id, n.label, n.amount, n.split, n.payer_id
               from json_to_recordset($1::json)
                   as n (run_id uuid, id bigint, label text, amount bigint, split text, payer_id uuid)";
    write_all(c, sql, rows).await
}
