//! What holds of every run, whatever is asked of it in whatever order.

use crate::world::{Catalogue, Setup, World, product, product_id, steps};
use bulq_domain::command::{PlaceBid, RetractBid};
use bulq_domain::rejection::Code;
use bulq_domain::{Command, Plan, Product, ProductId, Rejection, Run, Total, UserId};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const BIDDERS: u8 = 6;
const BID_ON: u8 = 6;
/// The same cases every time; `PROPTEST_RNG_SEED=…` draws others, `PROPTEST_CASES=…` another number of them.
const SEED: u64 = 20_261_121;

fn config(cases: u32) -> ProptestConfig {
    let drawn = ProptestConfig::default();
    let rng_seed = match drawn.rng_seed {
        RngSeed::Random => RngSeed::Fixed(SEED),
        given @ RngSeed::Fixed(_) => given,
    };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { drawn.cases } else { cases };
    let max_shrink_iters =
        if std::env::var_os("PROPTEST_MAX_SHRINK_ITERS").is_some() { drawn.max_shrink_iters } else { 20_000 };
    ProptestConfig { cases, rng_seed, failure_persistence: None, max_shrink_iters, ..drawn }
}

/// Numbers are steps of the product.
#[derive(Clone, Debug)]
struct Bid {
    product: u8,
    quantity: u64,
    min: Option<u64>,
    max: Option<u64>,
    interested_only: bool,
    fill: bool,
}

impl Bid {
    fn command(&self) -> Command {
        Command::PlaceBid(PlaceBid {
            product_id: product_id(self.product),
            quantity: steps(self.product, self.quantity),
            min: self.min.map(|min| steps(self.product, min)),
            max: self.max.map(|max| steps(self.product, max)),
            interested_only: self.interested_only,
            comment: None,
            on_behalf_of: None,
            fill: self.fill,
        })
    }
}

fn bid() -> impl Strategy<Value = Bid> {
    let bound = || prop::option::of(0u64..30);
    let flags = (prop::bool::weighted(0.1), prop::bool::weighted(0.2));
    (0..BID_ON, 0u64..20, bound(), bound(), flags).prop_map(
        |(product, quantity, min, max, (interested_only, fill))| Bid {
            product,
            quantity,
            // Mostly in order, so that most bids are accepted.
            min: min.map(|min| if min < 28 { min.min(quantity) } else { min }),
            max: max.map(|max| if max > 1 { max.max(quantity) } else { max }),
            interested_only,
            fill,
        },
    )
}

proptest! {
    #![proptest_config(config(250))]

    #[test]
    fn filling_never_overshoots_the_gap(bids in prop::collection::vec((0..BIDDERS, bid()), 150)) {
        let mut world = fresh();
        for (who, bid) in &bids {
            if bid.fill {
                assert_fill(&mut world, *who, bid);
            } else {
                let _ = world.ask(*who, &bid.command());
            }
        }
    }

    #[test]
    fn the_plan_does_not_depend_on_the_order_of_the_bids(
        (bids, shuffled) in bids().prop_flat_map(|bids| (Just(bids.clone()), Just(bids).prop_shuffle())),
        detour in prop::collection::vec((1..BIDDERS, bid()), 0..10),
    ) {
        let straight = placed(&[], &bids);
        let other_way = placed(&detour, &shuffled);

        prop_assert_eq!(plans(&straight), plans(&other_way));
        prop_assert_eq!(extras(&straight), extras(&other_way));
        prop_assert_eq!(straight.estimate(), other_way.estimate());
    }

    #[test]
    fn extras_fill_the_packs_and_nobody_gets_more_than_they_would_take(bids in bids()) {
        let run = placed(&[], &bids);
        let extras = extras(&run);

        prop_assert_eq!(&extras, &extras_step_by_step(&run));
        for line in &run.lines {
            let surplus = line.plan().planned.saturating_sub(line.wanted()).thousandths();
            let step = u64::from(line.product.step.thousandths());
            let given: u64 = extras.iter().filter(|e| e.0.0 == line.product.id).map(|e| e.1).sum();
            prop_assert_eq!(given, surplus / step * step);
            for bid in &line.bids {
                let who = run.participants[bid.by as usize].user_id;
                let more = extras.get(&(line.product.id, who)).copied().unwrap_or(0);
                prop_assert!(u64::from(bid.quantity.thousandths()) + more <= u64::from(bid.max.thousandths()));
            }
        }
    }
}

/// The definition: product by product, each step to the willing member whose extras have cost least so far.
fn extras_step_by_step(run: &Run) -> BTreeMap<Key, u64> {
    let (mut extras, mut cost) = (BTreeMap::new(), BTreeMap::<UserId, u128>::new());
    let mut lines: Vec<_> = run.lines.iter().collect();
    lines.sort_by_key(|line| line.product.id);
    for line in lines {
        let step = u64::from(line.product.step.thousandths());
        let price = u128::from(line.product.price.unwrap_or_default().0.unsigned_abs());
        let mut room: BTreeMap<UserId, u64> = BTreeMap::new();
        for bid in &line.bids {
            let more = u64::from(bid.max.thousandths() - bid.quantity.thousandths());
            room.insert(run.participants[bid.by as usize].user_id, more / step);
        }
        let mut given: BTreeMap<UserId, u64> = BTreeMap::new();
        for _ in 0..line.plan().planned.saturating_sub(line.wanted()).thousandths() / step {
            let had = |user: &UserId| given.get(user).copied().unwrap_or(0);
            let spent = |user: &UserId| match price {
                0 => u128::from(had(user)),
                _ => cost.get(user).copied().unwrap_or(0),
            };
            let willing = room.iter().filter(|(user, room)| had(user) < **room).map(|(user, _)| *user);
            let Some(next) = willing.min_by_key(|user| (spent(user), *user)) else { break };
            *given.entry(next).or_default() += 1;
            *cost.entry(next).or_default() += price * u128::from(step);
        }
        extras.extend(given.into_iter().map(|(user, steps)| ((line.product.id, user), steps * step)));
    }
    extras
}

fn fresh() -> World {
    World::new(&Catalogue::new(), Setup::default())
}

/// Σ max grows by at most the gap there was, or the bid is refused and says how much is missing.
fn assert_fill(world: &mut World, who: u8, bid: &Bid) {
    let (most, gap) = most_and_gap(&world.run, bid.product);
    let outcome = world.ask(who, &bid.command());
    match outcome {
        Ok(_) => {
            let (most_now, _) = most_and_gap(&world.run, bid.product);
            assert!(most_now <= most + gap, "{most} + {gap} < {most_now}");
        }
        Err(rejection) if rejection.code == Code::GapTaken => {
            assert_eq!(rejection.facts["gap"], serde_json::json!(Total::from_thousandths(gap)));
        }
        Err(_) => {}
    }
}

fn most_and_gap(run: &Run, number: u8) -> (u64, u64) {
    let line = run.line(product(number).id);
    line.map_or((0, 0), |line| (line.wants.max.thousandths(), line.plan().gap.thousandths()))
}

/// At most one bid for each person and product, which somebody places for themselves.
fn bids() -> impl Strategy<Value = Vec<(u8, Bid)>> {
    let one = (0..BIDDERS, bid());
    prop::collection::vec(one, 0..40).prop_map(|bids| {
        let mut unique = BTreeMap::new();
        for (who, bid) in bids {
            let accepted = bid.quantity > 0
                && bid.min.is_none_or(|min| min <= bid.quantity)
                && bid.max.is_none_or(|max| max >= bid.quantity);
            if accepted {
                unique.insert((who, bid.product), (who, Bid { fill: false, ..bid }));
            }
        }
        unique.into_values().collect()
    })
}

/// The run after `bids`. What of the `detour` is not replaced by them is retracted.
fn placed(detour: &[(u8, Bid)], bids: &[(u8, Bid)]) -> Run {
    let mut world = fresh();
    for (who, bid) in detour {
        let _ = world.ask(*who, &bid.command());
    }
    for (who, bid) in bids {
        world.ask(*who, &bid.command()).unwrap();
    }
    for (who, Bid { product, .. }) in detour {
        if !bids.iter().any(|(other, bid)| (other, bid.product) == (who, *product)) {
            let body = RetractBid { product_id: product_id(*product), on_behalf_of: None };
            let _ = world.ask(*who, &Command::RetractBid(body));
        }
    }
    world.run
}

type Key = (ProductId, UserId);

fn plans(run: &Run) -> BTreeMap<ProductId, (Plan, Total, u32)> {
    run.lines.iter().map(|line| (line.product.id, (line.plan(), line.wanted(), line.interested))).collect()
}

fn extras(run: &Run) -> BTreeMap<Key, u64> {
    run.extras().iter().map(|e| ((e.product_id, e.user_id), u64::from(e.quantity.thousandths()))).collect()
}

#[test]
fn a_hundred_products_and_not_one_more() {
    let mut world = fresh();

    let outcomes: Vec<_> = (0..101).map(|n| bid_on_another(&mut world, 5000 + n)).collect();

    assert!(outcomes[..100].iter().all(Result::is_ok));
    assert_eq!(outcomes[100].as_ref().unwrap_err().code, Code::TooManyProducts);
    assert!(bid_on_another(&mut world, 5000).is_ok(), "on one that is there already it never is refused");
    assert_eq!(world.run.lines.len(), 100);
}

/// One piece of a product that only this test knows.
fn bid_on_another(world: &mut World, id: u128) -> Result<(), Rejection> {
    let one = Bid { product: 4, quantity: 1, min: None, max: None, interested_only: false, fill: false };
    let mut command = one.command();
    let mut context = world.context(1, &command);
    let product = Product { id: ProductId(Uuid::from_u128(id)), ..product(4) };
    if let Command::PlaceBid(bid) = &mut command {
        bid.product_id = product.id;
    }
    context.product = Some(Arc::new(product));
    let events = world.run.decide(&command, &context)?;
    world.record(events, Some(context.by));
    Ok(())
}
