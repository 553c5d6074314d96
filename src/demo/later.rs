//! The runs of the demo that are past planning: one for every state from shopping on, with a shortage, a surplus and
//! one that was cancelled with things in the cart.

use super::story::{ask, create, leader_of, place, shelf};
use super::text;
use super::world::{Group, World};
use crate::edge::Edge;
use bulq_actors::Who;
use bulq_domain::command::{
    AddCost, Cancel, CostSplit, FinishAdjusting, Nothing, PickUp, RecordPurchase, SetReceived, Someone,
};
use bulq_domain::{Command, Label, Money, Product, Quantity, Reason, Run, RunId, StoreId, Total};
use rand::RngExt;
use rand::rngs::StdRng;
use std::sync::Arc;

pub(super) async fn tell(edge: &Edge, world: &World, rng: &mut StdRng) -> Result<(), String> {
    let [co_op, neighbours] = world.groups.as_slice() else {
        return Err("groups.csv has two groups".to_owned());
    };
    let mut cast = Cast { edge, rng };
    cast.settled(co_op, world.store("Kornspeicher")?).await?;
    cast.turned_back(neighbours, world.store("Drogerie")?).await?;
    cast.handing_out(co_op, world.store("Olivarda")?).await?;
    cast.short(co_op, world.store("Mlečna")?).await?;
    cast.too_much(neighbours, world.store("Frutteria")?).await?;
    cast.in_the_shop(neighbours, world.store("Kornspeicher")?).await
}

/// So many products are on a list.
const LIST: usize = 7;

/// A line of the list: what to buy of it.
struct ToBuy {
    product: Arc<Product>,
    requested: Total,
}

/// How much of what was asked for there was.
#[derive(Clone, Copy)]
enum Found {
    All,
    /// Four fifths, in whole steps.
    Most,
    /// A tenth more, and a step.
    More,
    Nothing,
}

struct Cast<'a> {
    edge: &'a Edge,
    rng: &'a mut StdRng,
}

impl Cast<'_> {
    /// Completed and settled, with fuel shared by value.
    async fn settled(&mut self, group: &Group, store: StoreId) -> Result<(), String> {
        let run = self.shopping(group, store, "Flour for the winter").await?;
        let leader = leader_of(group);
        self.buy(run, leader, |_| Found::All).await?;
        let fuel = AddCost { label: label("Fuel")?, amount: Money(1450), split: CostSplit::ByValue };
        self.ask(run, leader, Command::AddCost(fuel)).await?;
        self.finish(run, leader).await?;
        self.pick_up_all(run, group, usize::MAX).await?;
        self.ask(run, leader, Command::Complete(Nothing {})).await
    }

    /// Cancelled with things in the cart.
    async fn turned_back(&mut self, group: &Group, store: StoreId) -> Result<(), String> {
        let run = self.shopping(group, store, "Cleaning supplies for the whole house").await?;
        let leader = leader_of(group);
        self.buy(run, leader, |i| if i == 0 { Found::All } else { Found::Nothing }).await?;
        let reason = Reason::try_from("the cash desk does not take our card".to_owned()).map_err(text)?;
        let cancel = Cancel { reason, expected_seq: None, outcomes: Vec::new() };
        self.ask(run, leader, Command::Cancel(cancel)).await
    }

    /// Being handed out: one thing weighed again, one person's goods gone.
    async fn handing_out(&mut self, group: &Group, store: StoreId) -> Result<(), String> {
        let run = self.shopping(group, store, "Olive oil, straight from the mill").await?;
        let leader = leader_of(group);
        self.buy(run, leader, |_| Found::All).await?;
        self.finish(run, leader).await?;
        self.weigh_one(run, leader).await?;
        self.pick_up_all(run, group, 1).await
    }

    /// Adjusting a shortage.
    async fn short(&mut self, group: &Group, store: StoreId) -> Result<(), String> {
        let run = self.shopping(group, store, "Cheese for the tasting").await?;
        let leader = leader_of(group);
        self.buy(run, leader, |i| if i < 2 { Found::Most } else { Found::All }).await?;
        self.ask(run, leader, Command::FinishShopping(Nothing {})).await
    }

    /// Adjusting a surplus.
    async fn too_much(&mut self, group: &Group, store: StoreId) -> Result<(), String> {
        let run = self.shopping(group, store, "Fruit for everybody's jam").await?;
        let leader = leader_of(group);
        self.buy(run, leader, |i| if i == 0 { Found::More } else { Found::All }).await?;
        self.ask(run, leader, Command::FinishShopping(Nothing {})).await
    }

    /// In the shop: half of the list is in the cart.
    async fn in_the_shop(&mut self, group: &Group, store: StoreId) -> Result<(), String> {
        let run = self.shopping(group, store, "Beans and lentils, the van is booked").await?;
        let leader = leader_of(group);
        let helper = Someone { user_id: group.members[0].user };
        self.ask(run, leader, Command::AppointHelper(helper)).await?;
        self.buy(run, leader, |i| if i % 2 == 0 { Found::All } else { Found::Nothing }).await
    }

    /// Three people who want a pack of each thing between them, and a list that is closed.
    async fn shopping(&mut self, group: &Group, store: StoreId, comment: &str) -> Result<RunId, String> {
        let leader = leader_of(group);
        let run = create(self.edge, group, leader, store, comment).await?;
        let shelf = shelf(self.edge, store).await?;
        let first = self.rng.random_range(0..shelf.len());
        for product in shelf.iter().cycle().skip(first).take(shelf.len().min(LIST)) {
            for (who, quantity) in group.members.iter().zip(thirds(product)) {
                let bid = place(product.id, quantity, None, false);
                self.ask(run, who, Command::PlaceBid(bid)).await?;
            }
        }
        self.ask(run, leader, Command::Confirm(Nothing {})).await?;
        self.ask(run, leader, Command::StartShopping(Nothing {})).await?;
        Ok(run)
    }

    async fn buy(&mut self, run: RunId, who: &Who, found: impl Fn(usize) -> Found) -> Result<(), String> {
        for (i, line) in self.read(run, list).await?.into_iter().enumerate() {
            let step = u64::from(line.product.step.thousandths());
            let asked = line.requested.thousandths();
            let thousandths = match found(i) {
                Found::All => asked,
                Found::Most => asked * 4 / 5 / step * step,
                Found::More => asked * 11 / 10 / step * step + step,
                Found::Nothing => 0,
            };
            if thousandths == 0 {
                continue;
            }
            let price = line.product.price.unwrap_or(Money(self.rng.random_range(150..900)));
            let purchase = RecordPurchase {
                product_id: line.product.id,
                quantity: Quantity::from_thousandths(thousandths).map_err(text)?,
                total: Money(price.times_thousandths(thousandths).0.max(1)),
                payer: None,
                picked: None,
                expected_seq: None,
            };
            self.ask(run, who, Command::RecordPurchase(purchase)).await?;
        }
        Ok(())
    }

    /// Whatever packs left over goes by the group's policy.
    async fn finish(&mut self, run: RunId, leader: &Who) -> Result<(), String> {
        self.ask(run, leader, Command::FinishShopping(Nothing {})).await?;
        let adjusting = self.read(run, |run| run.state == bulq_domain::State::Adjusting).await?;
        if adjusting {
            let force = FinishAdjusting { force: true, policy: None };
            self.ask(run, leader, Command::FinishAdjusting(force)).await?;
        }
        Ok(())
    }

    /// A step less than expected on the scales.
    async fn weigh_one(&mut self, run: RunId, leader: &Who) -> Result<(), String> {
        let Some(set) = self.read(run, lighter).await? else { return Ok(()) };
        self.ask(run, leader, Command::SetReceived(set)).await
    }

    /// The first `people` who have something to get get it.
    async fn pick_up_all(&mut self, run: RunId, group: &Group, people: usize) -> Result<(), String> {
        let waiting = self.read(run, waiting).await?;
        for user_id in waiting.into_iter().take(people) {
            let pick_up = PickUp { user_id, product_id: None };
            self.ask(run, leader_of(group), Command::PickUp(pick_up)).await?;
        }
        Ok(())
    }

    async fn ask(&self, run: RunId, who: &Who, command: Command) -> Result<(), String> {
        ask(self.edge, run, who, command).await
    }

    async fn read<T>(&self, run: RunId, read: impl FnOnce(&Run) -> T) -> Result<T, String> {
        self.edge.live().read(run, read).await.map_err(|refusal| format!("{refusal:?}"))
    }
}

/// A whole pack in three parts; the last takes what does not divide.
fn thirds(product: &Product) -> Vec<Quantity> {
    let step = product.step.thousandths();
    let least = product.minimum.max(Quantity::ONE).thousandths().next_multiple_of(step);
    let pack = product.pack.map_or(least, Quantity::thousandths);
    let whole = least.next_multiple_of(pack);
    let third = whole / 3 / step * step;
    let parts = [third, third, whole - 2 * third];
    let quantities = parts.into_iter().filter(|&part| part > 0);
    quantities.filter_map(|part| Quantity::from_thousandths(part.into()).ok()).collect()
}

fn list(run: &Run) -> Vec<ToBuy> {
    let line = |line: &bulq_domain::Line| {
        Some(ToBuy { product: line.product.clone(), requested: line.item.as_ref()?.requested })
    };
    run.lines.iter().filter_map(line).collect()
}

fn lighter(run: &Run) -> Option<SetReceived> {
    run.lines.iter().find_map(|line| {
        let allocation = line.item.as_ref()?.allocations.first()?;
        let less = allocation.received.thousandths().checked_sub(line.product.step.thousandths())?;
        let received = Quantity::from_thousandths(less.into()).ok()?;
        let user_id = run.participants[allocation.by as usize].user_id;
        Some(SetReceived { user_id, product_id: line.product.id, received })
    })
}

fn waiting(run: &Run) -> Vec<bulq_domain::UserId> {
    let gets = |i: usize| {
        let items = run.lines.iter().filter_map(|line| line.item.as_ref());
        items.filter_map(|item| item.allocation(i)).any(|a| a.taken.is_none() && !a.received.is_zero())
    };
    let people = run.participants.iter().enumerate();
    people.filter(|&(i, _)| gets(i)).map(|(_, p)| p.user_id).collect()
}

fn label(text_of: &str) -> Result<Label, String> {
    Label::try_from(text_of.to_owned()).map_err(text)
}
