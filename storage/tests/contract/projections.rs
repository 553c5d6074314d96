//! What is derived from the log follows it, whatever happens within one batch.

use crate::scribe::Scribe;
use crate::world::World;
use bulq_domain::State;
use bulq_storage::journal::{self, Change};
use bulq_storage::{Page, runs, verify};

on_both! {
    several_changes_of_one_row_end_in_the_last,
    a_bid_taken_back_and_placed_again_goes_to_the_end,
    nobody_is_ready_after_a_step_back,
    who_left_is_out_and_comes_back_in_their_place,
    a_random_life_leaves_no_difference,
    a_group_lists_its_runs,
}

async fn agrees(world: &World, scribe: &Scribe) {
    assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
}

async fn several_changes_of_one_row_end_in_the_last(world: World) {
    let mut scribe = Scribe::new(&world);
    let (anna, rice) = (world.members[0], world.products[0]);
    let changes = [
        scribe.create(world.leader),
        scribe.bid(anna, rice, 1),
        scribe.bid(anna, rice, 2),
        scribe.ready(anna, true).unwrap(),
        scribe.bid(anna, rice, 3),
        scribe.retract(anna, rice).unwrap(),
        scribe.bid(anna, rice, 4),
    ];

    journal::commit(&world.db, &changes).await.unwrap();

    agrees(&world, &scribe).await;
    assert_eq!(world.count("bids where quantity_thousandths = 4000").await, 1);
    assert_eq!(world.count("bids").await, 1);
}

async fn a_bid_taken_back_and_placed_again_goes_to_the_end(world: World) {
    let mut scribe = Scribe::new(&world);
    let (anna, boris, rice) = (world.members[0], world.members[1], world.products[0]);
    let before = [scribe.create(world.leader), scribe.bid(anna, rice, 1), scribe.bid(boris, rice, 1)];
    journal::commit(&world.db, &before).await.unwrap();

    let again = [
        scribe.bid(anna, rice, 2),
        scribe.retract(anna, rice).unwrap(),
        scribe.bid(anna, rice, 3),
        scribe.bid(anna, rice, 4),
        scribe.bid(boris, rice, 9),
    ];
    journal::commit(&world.db, &again).await.unwrap();

    agrees(&world, &scribe).await;
}

async fn nobody_is_ready_after_a_step_back(world: World) {
    let mut scribe = Scribe::new(&world);
    let (anna, boris, rice) = (world.members[0], world.members[1], world.products[0]);
    let before = [
        scribe.create(world.leader),
        scribe.bid(anna, rice, 1),
        scribe.bid(boris, rice, 1),
        scribe.ready(anna, true).unwrap(),
    ];
    journal::commit(&world.db, &before).await.unwrap();

    let back = [
        scribe.ready(boris, true).unwrap(),
        scribe.confirm(world.leader).unwrap(),
        scribe.step_back(world.leader).unwrap(),
        scribe.ready(boris, true).unwrap(),
    ];
    journal::commit(&world.db, &back).await.unwrap();

    agrees(&world, &scribe).await;
    assert_eq!(world.count("participants where ready").await, 1);
}

async fn who_left_is_out_and_comes_back_in_their_place(world: World) {
    let mut scribe = Scribe::new(&world);
    let (anna, boris) = (world.members[0], world.members[1]);
    let before = [
        scribe.create(world.leader),
        scribe.bid(anna, world.products[0], 1),
        scribe.bid(boris, world.products[1], 1),
    ];
    journal::commit(&world.db, &before).await.unwrap();

    journal::commit(&world.db, &[scribe.leave(anna)]).await.unwrap();
    agrees(&world, &scribe).await;
    assert_eq!(world.count("bids").await, 1);
    assert_eq!(world.count("run_products").await, 1);

    let back = [scribe.come_back(anna), scribe.bid(anna, world.products[2], 5)];
    journal::commit(&world.db, &back).await.unwrap();
    agrees(&world, &scribe).await;
    assert_eq!(world.count("participants where removed").await, 0);
}

/// Whatever the domain allows, in batches of any size.
async fn a_random_life_leaves_no_difference(world: World) {
    for seed in 1..=4u64 {
        eprintln!("seed {seed}");
        let mut dice = Dice(seed);
        let mut scribe = Scribe::new(&world);
        let mut batch = vec![scribe.create(world.leader)];
        for _ in 0..120 {
            batch.extend(any_change(&world, &mut scribe, &mut dice));
            if dice.roll(4) == 0 {
                journal::commit(&world.db, &std::mem::take(&mut batch)).await.unwrap();
            }
        }
        if let Some(last) = batch.last_mut() {
            last.snapshot = Some(scribe.snapshot());
        }
        journal::commit(&world.db, &batch).await.unwrap();

        agrees(&world, &scribe).await;
    }
}

fn any_change(world: &World, scribe: &mut Scribe, dice: &mut Dice) -> Option<Change> {
    let user = world.members[dice.roll(3)];
    let product = world.products[dice.roll(3)];
    match dice.roll(12) {
        0..=4 if matches!(scribe.run().state, State::Planning | State::Active) => {
            let gone = scribe.run().gone.contains(&bulq_domain::UserId(user));
            (!gone).then(|| scribe.bid(user, product, 1 + dice.roll(9) as u64))
        }
        5 | 6 => scribe.retract(user, product).ok(),
        7 => scribe.ready(user, dice.roll(2) == 0).ok(),
        8 => scribe.confirm(world.leader).ok(),
        9 => scribe.step_back(world.leader).ok(),
        10 => Some(scribe.leave(user)),
        11 => Some(scribe.come_back(user)),
        _ => None,
    }
}

/// Small, seeded, good enough.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

async fn a_group_lists_its_runs(world: World) {
    let mut scribes: Vec<_> = (0..3).map(|_| Scribe::new(&world)).collect();
    for scribe in &mut scribes {
        journal::commit(&world.db, &[scribe.create(world.leader)]).await.unwrap();
    }
    let bid = scribes[1].bid(world.members[0], world.products[0], 6);
    journal::commit(&world.db, &[bid]).await.unwrap();

    let page = runs::runs_of_group(&world.db, world.group, None, &Page::first(2)).await.unwrap();
    let rest = Page { limit: 2, after: page.next.clone() };
    let rest = runs::runs_of_group(&world.db, world.group, None, &rest).await.unwrap();

    let ids: Vec<_> = page.items.iter().chain(&rest.items).map(|run| run.id).collect();
    assert_eq!(ids, [scribes[2].id, scribes[1].id, scribes[0].id]);
    assert_eq!(rest.next, None);
    let busy = &page.items[1];
    assert_eq!((busy.state, busy.participants, busy.seq), (State::Active, 2, scribes[1].seq()));
    assert_eq!(busy.estimate, scribes[1].run().estimate().0);
    assert_eq!(busy.estimate, 6 * 250);
    let active =
        runs::runs_of_group(&world.db, world.group, Some(State::Active), &Page::first(9)).await.unwrap();
    assert_eq!(active.items.len(), 1);
    assert_eq!(runs::live_run_count(&world.db, world.group).await.unwrap(), 3);
    assert_eq!(runs::live_run_ids_of_group(&world.db, world.group).await.unwrap().len(), 3);
    assert_eq!(runs::group_of_run(&world.db, scribes[0].id).await.unwrap(), Some(world.group));
    let all = runs::all_run_ids(&world.db, Some(scribes[0].id), 9).await.unwrap();
    assert_eq!(all, [scribes[1].id, scribes[2].id]);
}
