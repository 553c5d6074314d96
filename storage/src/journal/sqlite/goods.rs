//! What was bought, who gets what of it, and what else was paid.

use super::{Script, values};
use crate::journal::batch::Turn;
use crate::projection::goods::{CostRow, DisposedRow, Goods, ItemRow, PartRow, ShareRow, TakenRow};
use uuid::Uuid;
use uuid::fmt::Simple;

/// In the order in which rows refer to one another.
pub(super) fn write(script: &mut Script, rows: &Goods) {
    put_items(script, &values(&rows.items));
    let bought: Vec<_> = rows.bought.iter().map(|(r, p)| [*r, *p].map(Uuid::simple)).collect();
    delete_parts(script, &bought);
    insert_parts(script, &values(&rows.parts));
    let (disposed, shares) = (values(&rows.disposed), values(&rows.shares));
    set_outcomes(script, &disposed);
    delete_allocations(script, &disposed, &shares);
    put_allocations(script, &shares);
    set_taken(script, &values(&rows.taken));
    let deleted: Vec<_> = rows.deleted_costs.iter().map(|(run, id)| (run.simple(), *id)).collect();
    delete_costs(script, &deleted);
    insert_costs(script, &values(&rows.costs));
}

pub(super) fn turn_runs(script: &mut Script, rows: &[Turn]) {
    let sql = "update runs
               set handover_to = iif(n.value ->> 'handover_set', unhex(n.value ->> 'handover_to'), handover_to),
                   active_at = coalesce(n.value ->> 'active_at', active_at)
               from json_each($1) n
               where runs.id = unhex(n.value ->> 'run_id')";
    script.write(sql, rows);
}

/// An item that was there keeps what was requested.
fn put_items(script: &mut Script, rows: &[&ItemRow]) {
    let sql = "insert into run_items (run_id, product_id, requested_thousandths, bought_thousandths, total, changed_seq)
               select unhex(value ->> 'run_id'), unhex(value ->> 'product_id'), value ->> 'requested',
                   value ->> 'bought', value ->> 'total', value ->> 'changed_seq'
               from json_each($1) where true
               on conflict (run_id, product_id) do update
               set bought_thousandths = excluded.bought_thousandths, total = excluded.total,
                   changed_seq = excluded.changed_seq";
    script.write(sql, rows);
}

fn delete_parts(script: &mut Script, rows: &[[Simple; 2]]) {
    let sql = "delete from run_purchases where (run_id, product_id) in
                   (select unhex(value ->> 0), unhex(value ->> 1) from json_each($1))";
    script.write(sql, rows);
}

fn insert_parts(script: &mut Script, rows: &[&PartRow]) {
    let sql = "insert into run_purchases
                   (run_id, product_id, part, quantity_thousandths, total, payer_id, picked_product_id)
               select unhex(value ->> 'run_id'), unhex(value ->> 'product_id'), value ->> 'part',
                   value ->> 'quantity', value ->> 'total', unhex(value ->> 'payer_id'),
                   unhex(value ->> 'picked_product_id')
               from json_each($1)";
    script.write(sql, rows);
}

fn set_outcomes(script: &mut Script, rows: &[&DisposedRow]) {
    let sql = "update run_items set outcome = n.value ->> 'outcome'
               from json_each($1) n
               where run_id = unhex(n.value ->> 'run_id') and product_id = unhex(n.value ->> 'product_id')";
    script.write(sql, rows);
}

/// Those of the disposed items that are not among the shares.
fn delete_allocations(script: &mut Script, rows: &[&DisposedRow], shares: &[&ShareRow]) {
    let sql = "delete from allocations
               where (run_id, product_id) in
                   (select unhex(value ->> 'run_id'), unhex(value ->> 'product_id')
                    from json_each($1, '$[0][0]'))
                   and (run_id, product_id, user_id) not in
                   (select unhex(value ->> 'run_id'), unhex(value ->> 'product_id'), unhex(value ->> 'user_id')
                    from json_each($1, '$[0][1]'))";
    if !rows.is_empty() {
        script.write(sql, &[(rows, shares)]);
    }
}

/// What was taken stays taken.
fn put_allocations(script: &mut Script, rows: &[&ShareRow]) {
    let sql = "insert into allocations (run_id, product_id, user_id, received_thousandths, share)
               select unhex(value ->> 'run_id'), unhex(value ->> 'product_id'), unhex(value ->> 'user_id'),
                   value ->> 'received', value ->> 'share'
               from json_each($1) where true
               on conflict (run_id, product_id, user_id) do update
               set received_thousandths = excluded.received_thousandths, share = excluded.share";
    script.write(sql, rows);
}

fn set_taken(script: &mut Script, rows: &[&TakenRow]) {
    let sql = "update allocations set taken = n.value ->> 'taken'
               from json_each($1) n
               where run_id = unhex(n.value ->> 'run_id') and product_id = unhex(n.value ->> 'product_id')
                   and user_id = unhex(n.value ->> 'user_id')";
    script.write(sql, rows);
}

fn delete_costs(script: &mut Script, rows: &[(Simple, i64)]) {
    let sql = "delete from run_costs where (run_id, id) in
                   (select unhex(value ->> 0), value ->> 1 from json_each($1))";
    script.write(sql, rows);
}

fn insert_costs(script: &mut Script, rows: &[&CostRow]) {
    let sql = "insert into run_costs (run_id, id, label, amount, split, payer_id)
               select unhex(value ->> 'run_id'), value ->> 'id', value ->> 'label', value ->> 'amount',
                   value ->> 'split', unhex(value ->> 'payer_id')
               from json_each($1)";
    script.write(sql, rows);
}
