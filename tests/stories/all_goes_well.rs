//! A run from its first bid to its end, as everybody hopes for.

use crate::support::{Cast, cents, got, id, is_settled, owes, q, refusal, stories};
use bulq_client::domain::{Event, State, Total};
use bulq_client::protocol::goods::ItemState;
use bulq_client::{Client, commands};

async fn state(client: &Client, run: bulq_client::domain::RunId) -> State {
    client.run(run).await.unwrap().state
}

stories! {
    /// Bids, ready, confirmed, bought, handed out, settled: every number and every state on the way.
    async fn a_run_from_its_first_bid_to_its_end(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let screen = cast.open(&cast.b, run).await;
        assert_eq!(screen.view().state, State::Planning);

        cast.leader.command(run, &commands::bid(cast.p1, q("2.00"))).await.committed();
        assert_eq!(state(&cast.leader, run).await, State::Planning, "the leader's own bid opens nothing");
        let seq = cast.a.command(run, &commands::bid(cast.p1, q("3.50"))).await.committed();
        let view = screen.wait_for_seq(seq).await.unwrap();
        assert_eq!(view.state, State::Active);
        assert_eq!(view.products[0].wanted, "5.5".parse::<Total>().unwrap());

        screen.command(commands::bid(cast.p2, q("1"))).await.committed();
        for member in [&cast.a, &cast.b, &cast.leader] {
            member.command(run, &commands::ready(true)).await.committed();
        }
        let view = cast.leader.run(run).await.unwrap();
        assert_eq!(view.state, State::Active, "nothing moves by itself");
        screen.wait_for_seq(view.seq).await.unwrap();
        let told = screen.events().iter().filter(|e| e.event == Event::EveryoneReady {}).count();
        assert_eq!(told, 1, "everybody is told once that everyone is ready");

        assert_eq!(refusal(&cast.a.command(run, &commands::confirm()).await), (403, "LEADER_ONLY"));
        let seq = cast.lead(run, [commands::confirm()]).await;
        assert_eq!(screen.wait_for_seq(seq).await.unwrap().state, State::Confirmed);
        let late = commands::bid(cast.p1, q("1"));
        assert_eq!(refusal(&cast.a.command(run, &late).await), (409, "COMMAND_NOT_ALLOWED_IN_STATE"));
        assert_eq!(screen.command(late).await.code(), Some("COMMAND_NOT_ALLOWED_IN_STATE"), "the same over the live connection");

        cast.lead(run, [commands::start_shopping()]).await;
        let list = cast.a.items(run).await.unwrap().items;
        let requested: Vec<_> = list.iter().map(|item| (item.product_id, item.requested.to_string(), item.state)).collect();
        assert_eq!(requested, [
            (cast.p1, "5.5".to_owned(), ItemState::Open),
            (cast.p2, "1".to_owned(), ItemState::Open),
        ]);
        cast.lead(run, [
            commands::bought(cast.p1, q("5.50"), cents(2200), None),
            commands::bought(cast.p2, q("1"), cents(999), None),
            commands::finish_shopping(),
        ]).await;
        assert_eq!(state(&cast.leader, run).await, State::Distributing);

        let goods = cast.b.distribution(run).await.unwrap();
        assert_eq!(got(&goods, &cast.leader, cast.p1), (q("2"), cents(800)));
        assert_eq!(got(&goods, &cast.a, cast.p1), (q("3.5"), cents(1400)));
        assert_eq!(got(&goods, &cast.b, cast.p2), (q("1"), cents(999)));
        assert_eq!([&cast.leader, &cast.a, &cast.b, &cast.c].map(|who| owes(&goods, who).0), [800, 1400, 999, 0]);
        let early = cast.leader.command(run, &commands::complete()).await;
        assert_eq!(refusal(&early), (409, "NOT_ALL_PICKED_UP"));
        let bulq_client::Outcome::Rejected(early) = early else { unreachable!() };
        assert_eq!(early.facts["waiting"], 3);

        for who in [&cast.leader, &cast.a, &cast.b] {
            cast.lead(run, [commands::pick_up(id(who), None)]).await;
        }
        let seq = cast.lead(run, [commands::complete()]).await;
        assert_eq!(screen.wait_for_seq(seq).await.unwrap().state, State::Completed);
        let late = cast.leader.command(run, &crate::support::cancel()).await;
        assert_eq!(refusal(&late), (409, "COMMAND_NOT_ALLOWED_IN_STATE"));

        let settlement = cast.a.settlement(run).await.unwrap();
        assert_eq!((settlement.paid, settlement.costs), (cents(3199), cents(0)));
        let mut transfers: Vec<_> = settlement.transfers.iter().map(|t| (t.amount.0, t.from, t.to)).collect();
        transfers.sort_unstable();
        assert_eq!(transfers, [(999, id(&cast.b), id(&cast.leader)), (1400, id(&cast.a), id(&cast.leader))]);
        is_settled(&cast.a, run).await;
        let stats = cast.a.stats().await.unwrap();
        let spent: Vec<_> = stats.spent.iter().map(|spent| (spent.currency.as_str(), spent.amount)).collect();
        assert_eq!((spent, stats.completed), (vec![("EUR", cents(1400))], 1));
        assert_eq!(stats.saved, [], "nobody knew a price before");
        let mut fresh = cast.b.run(run).await.unwrap();
        let mut shown = (*screen.view()).clone();
        (fresh.viewer, shown.viewer) = (None, None);
        assert_eq!(shown, fresh, "the screen shows what is stored");
    }
}
