//! Fifty at once.

use crate::support::{Cast, History, judge, q, stories};
use bulq_client::commands;
use bulq_client::domain::{Event, State, Total};

stories! {
    /// 50 first bids on a planning run: 50 participants, one activation, the sum exact, seq gapless.
    async fn fifty_first_bids(app) {
        let cast = Cast::assemble(app).await;
        let members = cast.more(app, 50).await;
        let run = cast.run().await;
        let screen = cast.open(&cast.leader, run).await;

        let bids = members.iter().map(|member| {
            let (member, product) = (member.clone(), cast.p2);
            tokio::spawn(async move {
                let mut history = History::default();
                history.ask_over_http(&member, run, commands::bid(product, q("2"))).await.committed();
                history
            })
        });
        let mut histories = Vec::new();
        for bid in bids.collect::<Vec<_>>() {
            histories.push(bid.await.unwrap());
        }

        let view = cast.leader.run(run).await.unwrap();
        assert_eq!(view.participants.len(), 51, "fifty and the leader");
        assert_eq!(view.products[0].wanted, Total::from_thousandths(100_000));
        assert_eq!(view.state, State::Active);
        let log = cast.leader.whole_log(run, 0).await.unwrap();
        assert_eq!(log.iter().filter(|e| matches!(e.event, Event::RunOpened { .. })).count(), 1);
        judge(&cast.leader, run, &histories, &[screen]).await;
    }

    /// 20 parallel updates by one user: one bid, the last applied.
    async fn twenty_updates_of_one_bid(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let updates = (1..=20).map(|n| {
            let (a, product) = (cast.a.clone(), cast.p2);
            tokio::spawn(async move { (n, a.command(run, &commands::bid(product, q(&n.to_string()))).await.committed()) })
        });
        let mut last = (0, 0);
        for update in updates.collect::<Vec<_>>() {
            let (n, seq) = update.await.unwrap();
            if seq > last.1 {
                last = (n, seq);
            }
        }

        let view = cast.a.run(run).await.unwrap();
        assert_eq!(view.products[0].bids.len(), 1);
        assert_eq!(view.products[0].bids[0].quantity, q(&last.0.to_string()));
    }
}
