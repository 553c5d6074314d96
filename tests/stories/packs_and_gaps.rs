//! Packs, tolerance, and the race for the last unit.

use crate::support::{Cast, q, stories};
use bulq_client::domain::command::PlaceBid;
use bulq_client::domain::{Command, ProductId, Total};
use bulq_client::{Client, commands};

fn fill(product: ProductId, quantity: &str) -> Command {
    let Command::PlaceBid(bid) = commands::bid(product, q(quantity)) else { unreachable!("a bid is a bid") };
    Command::PlaceBid(PlaceBid { fill: true, ..bid })
}

fn units(n: u64) -> Total {
    Total::from_thousandths(n * 1000)
}

async fn user(client: &Client) -> bulq_client::domain::UserId {
    client.user_id().expect("logged in")
}

stories! {
    /// Wants 5 + 6 with max 8 + 8: one pack of 12, gap 0, one extra unit for who has the least extra cost.
    async fn tolerance_fills_a_pack(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;

        cast.a.command(run, &commands::bid_within(cast.p3, q("0"), q("5"), q("8"))).await.committed();
        cast.b.command(run, &commands::bid_within(cast.p3, q("0"), q("6"), q("8"))).await.committed();

        let plan = cast.a.run(run).await.unwrap().products[0].plan;
        assert_eq!((plan.packs, plan.planned, plan.gap), (1, units(12), Total::ZERO));
        let whole = cast.a.plan(run).await.unwrap();
        let extras = &whole.products[0].extras;
        assert_eq!(extras.len(), 1);
        assert_eq!(extras[0].quantity, q("1"));
        assert!([user(&cast.a).await, user(&cast.b).await].contains(&extras[0].user_id));
        assert_eq!(whole.estimate, crate::support::cents(12 * 150));
    }

    /// Wants 5 + 4 without tolerance: nothing planned, gap 3; C taps fill, and it is one pack.
    async fn a_gap_is_filled_with_one_tap(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p3, q("5"))).await.committed();
        cast.b.command(run, &commands::bid(cast.p3, q("4"))).await.committed();
        let plan = cast.a.run(run).await.unwrap().products[0].plan;
        assert_eq!((plan.packs, plan.gap), (0, units(3)));

        cast.c.command(run, &fill(cast.p3, "3")).await.committed();

        let plan = cast.a.run(run).await.unwrap().products[0].plan;
        assert_eq!((plan.packs, plan.planned, plan.gap), (1, units(12), Total::ZERO));
    }

    /// Two people tap the last unit at once, twenty times over: exactly one wins, the other is told why.
    async fn of_two_who_tap_the_last_unit_one_wins(app) {
        let cast = Cast::assemble(app).await;
        for _ in 0..20 {
            let run = cast.run().await;
            cast.a.command(run, &commands::bid(cast.p3, q("11"))).await.committed();
            let (b, c) = (cast.b.clone(), cast.c.clone());
            let tap = fill(cast.p3, "1");

            let (b, c) = tokio::join!(b.command(run, &tap), c.command(run, &tap));

            assert_eq!([&b, &c].iter().filter(|outcome| outcome.seq().is_some()).count(), 1, "{b:?} {c:?}");
            assert_eq!([&b, &c].iter().filter(|outcome| outcome.code() == Some("GAP_TAKEN")).count(), 1);
            let product = &cast.a.run(run).await.unwrap().products[0];
            assert_eq!((product.wanted, product.plan.packs), (units(12), 1), "never overshoots");
        }
    }
}
