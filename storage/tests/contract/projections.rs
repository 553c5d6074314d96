//! What is derived from the log follows it, whatever happens within one batch.

use crate::scribe::Scribe;
use crate::world::World;
use bulq_domain::State;
use bulq_storage::journal::{self, Change};
use bulq_storage::{Page, runs, verify};
use serde_json::{Value, json};

on_both! {
    several_changes_of_one_row_end_in_the_last,
    a_bid_taken_back_and_placed_again_goes_to_the_end,
    nobody_is_ready_after_a_step_back,
    who_left_is_out_and_comes_back_in_their_place,
    a_random_life_leaves_no_difference,
    however_many_runs_come_together_each_is_written_alike,
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

/// A few rows of a table are handed to the database in another way than many.
async fn however_many_runs_come_together_each_is_written_alike(world: World) {
    let (anna, rice) = (world.members[0], world.products[0]);
    for together in [1, 2, 8, 9, 40] {
        let mut scribes: Vec<Scribe> = (0..together).map(|_| Scribe::new(&world)).collect();
        let created: Vec<Change> = scribes.iter_mut().map(|scribe| scribe.create(world.leader)).collect();
        journal::commit(&world.db, &created).await.unwrap();
        for quantity in [1, 2] {
            let bids: Vec<Change> =
                scribes.iter_mut().map(|scribe| scribe.bid(anna, rice, quantity)).collect();
            journal::commit(&world.db, &bids).await.unwrap();
        }
        for scribe in &scribes {
            agrees(&world, scribe).await;
            let loaded = journal::load(&world.db, scribe.id).await.unwrap().unwrap();
            let seqs: Vec<i64> = loaded.events.iter().map(|event| event.seq).collect();
            assert_eq!(seqs, (1..=scribe.seq()).collect::<Vec<_>>(), "{together} together");
            assert_eq!(loaded.commands.len(), 3, "{together} together");
        }
    }
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
    for seed in 1..=6u64 {
        eprintln!("seed {seed}");
        let mut dice = Dice(seed);
        let mut scribe = Scribe::new(&world);
        let mut batch = vec![scribe.create(world.leader)];
        for _ in 0..300 {
            batch.extend(any_change(&world, &mut scribe, &mut dice));
            if dice.roll(4) == 0 {
                journal::commit(&world.db, &std::mem::take(&mut batch)).await.unwrap();
            }
        }
        journal::commit(&world.db, &batch).await.unwrap();
        journal::keep_snapshot(&world.db, scribe.id, &scribe.snapshot()).await.unwrap();

        eprintln!("{} after {} events", scribe.run().state, scribe.seq());
        agrees(&world, &scribe).await;
    }
    for table in ["run_items", "run_purchases", "allocations", "run_costs", "run_balances"] {
        assert_ne!(world.count(table).await, 0, "{table}");
    }
    assert_eq!(verify::verify_ledgers(&world.db).await.unwrap(), []);
}

fn any_change(world: &World, scribe: &mut Scribe, dice: &mut Dice) -> Option<Change> {
    let user = world.members[dice.roll(3)];
    let product = world.products[dice.roll(3)];
    match dice.roll(16) {
        0..=3 if matches!(scribe.run().state, State::Planning | State::Active) => {
            let gone = scribe.run().gone.contains(&bulq_domain::UserId(user));
            (!gone).then(|| scribe.bid(user, product, 1 + dice.roll(9) as u64))
        }
        4 => scribe.retract(user, product).ok(),
        5 => scribe.ready(user, dice.roll(2) == 0).ok(),
        6 if dice.roll(4) == 0 => Some(scribe.leave(user)),
        7 => Some(scribe.come_back(user)),
        _ => {
            let by = if dice.roll(3) == 0 { user } else { scribe.run().leader_id.0 };
            let command = any_command(world, scribe.seq(), dice);
            scribe.say(by, &command).ok()
        }
    }
}

/// Anything but bidding; mostly what is not possible just now.
fn any_command(world: &World, seq: i64, dice: &mut Dice) -> Value {
    let (user, product) = (world.members[dice.roll(3)], world.products[dice.roll(3)]);
    let (quantity, total) = (1 + dice.roll(9), 1 + dice.roll(900));
    match dice.roll(31) {
        0 | 1 => json!({"type": "confirm"}),
        2 => json!({"type": "step_back"}),
        3 | 4 => json!({"type": "start_shopping"}),
        5 => json!({"type": "finish_shopping"}),
        6 => json!({"type": "finish_adjusting", "force": true}),
        7 => json!({"type": "complete"}),
        8 if dice.roll(9) == 0 => json!({"type": "cancel", "reason": "rain", "outcomes": [
            {"product_id": product, "outcome": dice.pick(&["kept_by_payer", "shared_anyway"])}]}),
        9 => json!({"type": "add_item", "product_id": product, "quantity": quantity, "for": user}),
        10..=12 => {
            json!({"type": "record_purchase", "product_id": product, "quantity": quantity, "total": total,
            "payer": user})
        }
        13 => json!({"type": "add_purchase", "product_id": product, "quantity": quantity, "total": total,
            "picked": world.products[dice.roll(3)]}),
        14 => {
            json!({"type": "edit_purchase", "product_id": product, "part": dice.roll(2), "quantity": quantity,
            "total": total})
        }
        15 => json!({"type": "undo_purchase", "product_id": product}),
        16 => json!({"type": "observe_price", "product_id": product, "price": total}),
        17 => {
            json!({"type": "set_received", "user_id": user, "product_id": product, "received": quantity - 1})
        }
        18 => json!({"type": "pick_up", "user_id": user}),
        19 => json!({"type": "pick_up", "user_id": user, "product_id": product}),
        20 => json!({"type": "undo_pick_up", "user_id": user}),
        21 | 22 => json!({"type": "left_with_leader", "user_id": user}),
        23 => json!({"type": "left_with_leader", "user_id": world.leader}),
        24 => json!({"type": "add_cost", "label": "fuel", "amount": total,
            "split": dice.pick(&["by_value", "equally", "by_quantity"])}),
        25 => json!({"type": "remove_cost", "cost": 1 + dice.roll(seq as usize)}),
        26 => json!({"type": "appoint_helper", "user_id": user}),
        27 => json!({"type": "dismiss_helper", "user_id": user}),
        28 => json!({"type": "offer_handover", "to": user}),
        29 => json!({"type": dice.pick(&["accept_handover", "decline_handover", "withdraw_handover"])}),
        _ => json!({"type": "place_bid", "product_id": product, "quantity": quantity}),
    }
}

/// Small, seeded, good enough.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[self.roll(words.len())]
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
