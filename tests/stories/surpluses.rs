//! More was bought than anybody would take.

use crate::support::{Cast, cents, got, is_settled, q, refusal, stories};
use bulq_client::commands;
use bulq_client::domain::State;

stories! {
    /// A 1, B 1 wanted, 3 bought: A takes the one that is over, and nobody can take it twice.
    async fn somebody_takes_what_is_over(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(&[(&cast.a, cast.p2, "1"), (&cast.b, cast.p2, "1")], &[(cast.p2, "3", 900)]).await;
        let open = cast.a.adjustments(run).await.unwrap();
        assert_eq!(open.items[0].surplus.to_string(), "1");

        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
        let late = cast.b.command(run, &commands::bid(cast.p2, q("2"))).await;
        assert_eq!(refusal(&late), (422, "BID_ABOVE_MAXIMUM"));
        cast.lead(run, [commands::finish_adjusting(false, None)]).await;

        let goods = cast.a.distribution(run).await.unwrap();
        assert_eq!(got(&goods, &cast.a, cast.p2), (q("2"), cents(600)));
        assert_eq!(got(&goods, &cast.b, cast.p2), (q("1"), cents(300)));
        is_settled(&cast.a, run).await;
    }

    /// Nobody moves: what is over goes to the leader, who owes for it.
    async fn what_nobody_takes_goes_to_the_leader(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(&[(&cast.a, cast.p2, "1"), (&cast.b, cast.p2, "1")], &[(cast.p2, "3", 900)]).await;

        cast.lead(run, [commands::finish_adjusting(true, None)]).await;

        let goods = cast.a.distribution(run).await.unwrap();
        for who in [&cast.leader, &cast.a, &cast.b] {
            assert_eq!(got(&goods, who, cast.p2), (q("1"), cents(300)));
        }
        is_settled(&cast.a, run).await;
    }

    /// Somebody new may take it: their first bid in adjusting joins the run.
    async fn a_member_who_did_not_bid_may_take_it(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(&[(&cast.a, cast.p2, "1"), (&cast.b, cast.p2, "1")], &[(cast.p2, "3", 900)]).await;

        cast.c.command(run, &commands::bid(cast.p2, q("1"))).await.committed();
        cast.lead(run, [commands::finish_adjusting(false, None)]).await;

        assert_eq!(got(&cast.a.distribution(run).await.unwrap(), &cast.c, cast.p2), (q("1"), cents(300)));
    }

    /// Within everybody's tolerance there is nothing to adjust: the willing get the extras.
    async fn tolerance_absorbs_the_rest(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        for who in [&cast.a, &cast.b] {
            who.command(run, &commands::bid_within(cast.p2, q("0"), q("1"), q("2"))).await.committed();
        }
        cast.lead(run, [
            commands::confirm(),
            commands::start_shopping(),
            commands::bought(cast.p2, q("4"), cents(1200), None),
            commands::finish_shopping(),
        ]).await;

        assert_eq!(cast.a.run(run).await.unwrap().state, State::Distributing);
        let goods = cast.a.distribution(run).await.unwrap();
        assert_eq!([&cast.a, &cast.b].map(|who| got(&goods, who, cast.p2)), [(q("2"), cents(600)); 2]);
    }
}
