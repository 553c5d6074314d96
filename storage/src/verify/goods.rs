//! The shopping list, what was bought of it, who gets what, and costs.

use super::Findings;
use crate::database::Tx;
use crate::projection::word;
use bulq_domain::run::{Cost, Item};
use bulq_domain::{Line, Run};
use uuid::Uuid;

pub(super) struct StoredGoods {
    items: Vec<ItemTable>,
    parts: Vec<PartTable>,
    allocations: Vec<AllocationTable>,
    costs: Vec<CostTable>,
}

record! {
    struct ItemTable {
        product_id: Uuid,
        requested_thousandths: i64,
        bought_thousandths: i64,
        total: i64,
        changed_seq: i64,
        outcome: Option<String>,
    }
}

record! {
    struct PartTable {
        product_id: Uuid,
        part: i64,
        quantity_thousandths: i64,
        total: i64,
        payer_id: Uuid,
        picked_product_id: Option<Uuid>,
    }
}

record! {
    struct AllocationTable {
        product_id: Uuid,
        user_id: Uuid,
        received_thousandths: i64,
        share: i64,
        taken: Option<String>,
    }
}

record! {
    struct CostTable {
        id: i64,
        label: String,
        amount: i64,
        split: String,
        payer_id: Uuid,
    }
}

impl StoredGoods {
    pub(super) async fn read(tx: &mut Tx, run: Uuid) -> Result<Self, sqlx::Error> {
        Ok(Self {
            items: items(tx, run).await?,
            parts: parts(tx, run).await?,
            allocations: allocations(tx, run).await?,
            costs: costs(tx, run).await?,
        })
    }

    pub(super) fn check(&self, run: &Run, found: &mut Findings) {
        let listed = || run.lines.iter().filter_map(|line| Some((line, line.item.as_deref()?)));
        let items: Vec<_> = listed().map(|(line, item)| ItemTable::of(line, item)).collect();
        found.compare_rows("item", &items, &self.items);
        let parts: Vec<_> = listed().flat_map(|(line, item)| PartTable::of(line, item)).collect();
        found.compare_rows("part of a purchase", &parts, &self.parts);
        let allocations: Vec<_> =
            listed().flat_map(|(line, item)| AllocationTable::of(run, line, item)).collect();
        found.compare_rows("allocation", &allocations, &self.allocations);
        let costs: Vec<_> = run.costs.iter().map(CostTable::of).collect();
        found.compare_rows("cost", &costs, &self.costs);
    }
}

/// In the order of the products.
async fn items(tx: &mut Tx, run: Uuid) -> Result<Vec<ItemTable>, sqlx::Error> {
    let sql = "select i.product_id, i.requested_thousandths, i.bought_thousandths, i.total, i.changed_seq, i.outcome
               from run_items i join run_products p on p.run_id = i.run_id and p.product_id = i.product_id
               where i.run_id = $1 order by p.position";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

async fn parts(tx: &mut Tx, run: Uuid) -> Result<Vec<PartTable>, sqlx::Error> {
    let sql = "select b.product_id, b.part, b.quantity_thousandths, b.total, b.payer_id, b.picked_product_id
               from run_purchases b join run_products p on p.run_id = b.run_id and p.product_id = b.product_id
               where b.run_id = $1 order by p.position, b.part";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

/// In the order of the products, and of joining.
async fn allocations(tx: &mut Tx, run: Uuid) -> Result<Vec<AllocationTable>, sqlx::Error> {
    let sql = "select a.product_id, a.user_id, a.received_thousandths, a.share, a.taken
               from allocations a join run_products p on p.run_id = a.run_id and p.product_id = a.product_id
                   join participants q on q.run_id = a.run_id and q.user_id = a.user_id
               where a.run_id = $1 order by p.position, q.position";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

async fn costs(tx: &mut Tx, run: Uuid) -> Result<Vec<CostTable>, sqlx::Error> {
    let sql = "select id, label, amount, split, payer_id from run_costs where run_id = $1 order by id";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

impl ItemTable {
    fn of(line: &Line, item: &Item) -> Self {
        Self {
            product_id: line.product.id.0,
            requested_thousandths: item.requested.thousandths().cast_signed(),
            bought_thousandths: item.bought().thousandths().into(),
            total: item.total().0,
            changed_seq: item.changed.cast_signed(),
            outcome: item.outcome.as_ref().map(word),
        }
    }
}

impl PartTable {
    fn of<'a>(line: &'a Line, item: &'a Item) -> impl Iterator<Item = Self> + 'a {
        (0..).zip(&item.parts).map(|(part, bought)| Self {
            product_id: line.product.id.0,
            part,
            quantity_thousandths: bought.quantity.thousandths().into(),
            total: bought.total.0,
            payer_id: bought.payer_id.0,
            picked_product_id: bought.picked.as_ref().map(|picked| picked.product_id.0),
        })
    }
}

impl AllocationTable {
    fn of<'a>(run: &'a Run, line: &'a Line, item: &'a Item) -> impl Iterator<Item = Self> + 'a {
        item.allocations.iter().map(|allocation| Self {
            product_id: line.product.id.0,
            user_id: run.participants[allocation.by as usize].user_id.0,
            received_thousandths: allocation.received.thousandths().into(),
            share: allocation.share.0,
            taken: allocation.taken.as_ref().map(word),
        })
    }
}

impl CostTable {
    fn of(cost: &Cost) -> Self {
        Self {
            id: cost.id.cast_signed(),
            label: cost.label.as_str().to_owned(),
            amount: cost.amount.0,
            split: word(&cost.split),
            payer_id: cost.payer_id.0,
        }
    }
}
