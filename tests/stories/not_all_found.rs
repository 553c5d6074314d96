//! The shop does not have everything, or nothing.

use crate::support::{Cast, cents, got, is_settled, q, refusal, stories};
use bulq_client::commands;
use bulq_client::domain::State;
use bulq_client::protocol::goods::ItemState;

stories! {
    /// P1 bought in full, P2 not at all: straight to handing out, P2 shown as not bought, costing nothing.
    async fn what_was_not_bought_costs_nothing(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(
            &[(&cast.a, cast.p1, "1"), (&cast.b, cast.p1, "2"), (&cast.b, cast.p2, "2")],
            &[(cast.p1, "3", 900)],
        ).await;

        assert_eq!(cast.a.run(run).await.unwrap().state, State::Distributing);
        let items = cast.b.items(run).await.unwrap().items;
        let states: Vec<_> = items.iter().map(|item| (item.product_id, item.state, item.total.0)).collect();
        assert_eq!(states, [(cast.p1, ItemState::Bought, 900), (cast.p2, ItemState::NotBought, 0)]);
        let goods = cast.b.distribution(run).await.unwrap();
        assert_eq!(got(&goods, &cast.b, cast.p1), (q("2"), cents(600)));
        assert_eq!(got(&goods, &cast.b, cast.p2), (q("0"), cents(0)));
        is_settled(&cast.a, run).await;
        cast.everything_is_fetched(run).await;
        cast.lead(run, [commands::complete()]).await;
    }

    /// Nothing bought: the run is over, nobody owes anything.
    async fn nothing_bought_completes_the_run(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(&[(&cast.a, cast.p1, "1")], &[]).await;

        let view = cast.a.run(run).await.unwrap();
        assert_eq!(view.state, State::Completed);
        assert!(view.times.completed_at.is_some());
        let settlement = cast.a.settlement(run).await.unwrap();
        assert!(settlement.balances.is_empty() && settlement.transfers.is_empty());
        let late = cast.leader.command(run, &commands::bought(cast.p1, q("1"), cents(5), None)).await;
        assert_eq!(refusal(&late), (409, "COMMAND_NOT_ALLOWED_IN_STATE"));
    }
}
