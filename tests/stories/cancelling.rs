//! Cancelling in every state: the preview, the same consequences, and nothing afterwards.

use crate::support::{Cast, adds_up, cancel, cents, id, is_settled, q, reason, refusal, stories};
use bulq_client::domain::command::{ItemOutcome, Outcome};
use bulq_client::domain::event::{CancelledItem, Consequence};
use bulq_client::domain::{Event, RunId, State};
use bulq_client::protocol::money::CancellationPreview;
use bulq_client::{Client, commands};
use serde_json::json;

const LIVE: [State; 6] = [
    State::Planning,
    State::Active,
    State::Confirmed,
    State::Shopping,
    State::Adjusting,
    State::Distributing,
];

/// Asks as those who may not; then as the leader, first on an old look, then on this one.
async fn cancelled_as_previewed(cast: &Cast, run: RunId, outcomes: &[ItemOutcome]) -> CancellationPreview {
    let screen = cast.open(&cast.a, run).await;
    for (who, status) in [(&cast.a, 403), (&cast.b, 403), (&cast.outsider, 404)] {
        assert_eq!(refusal(&who.command(run, &cancel()).await).0, status);
    }
    let preview = cast.leader.cancellation_with(run, outcomes).await.unwrap();
    let confirm = |seq| commands::cancel_with(reason(), Some(seq), outcomes.to_vec());
    let stale = cast.leader.command(run, &confirm(preview.seq - 1)).await;
    assert_eq!(refusal(&stale), (409, "EXPECTED_SEQ_CONFLICT"));

    let seq = cast.lead(run, [confirm(preview.seq)]).await;

    let view = screen.wait_for_seq(seq).await.unwrap();
    assert_eq!((view.state, view.cancel_reason.as_deref()), (State::Cancelled, Some("the van broke down")));
    assert!(view.times.cancelled_at.is_some());
    let heard = screen.events();
    let happened = heard.iter().find_map(|e| match &e.event {
        Event::RunCancelled { void_bids, items, people, .. } => {
            Some((*void_bids, items.clone(), people.clone()))
        }
        _ => None,
    });
    let promised = (preview.void_bids, preview.items.clone(), preview.people.clone());
    assert_eq!(happened, Some(promised), "preview = commit");
    adds_up(&view);
    is_settled(&cast.b, run).await;
    nothing_goes_any_more(cast, run).await;
    preview
}

async fn nothing_goes_any_more(cast: &Cast, run: RunId) {
    let closed = (409, "COMMAND_NOT_ALLOWED_IN_STATE");
    assert_eq!(refusal(&cast.leader.command(run, &cancel()).await), closed, "a second cancel");
    assert_eq!(refusal(&cast.a.command(run, &commands::bid(cast.p2, q("1"))).await), closed);
    assert_eq!(refusal(&cast.leader.command(run, &commands::pick_up(id(&cast.a), None)).await), closed);
    assert_eq!(cast.b.run(run).await.unwrap().state, State::Cancelled, "still readable");
}

fn people(preview: &CancellationPreview, cast: &Cast) -> Vec<(i64, i64)> {
    let of = |who: &Client| {
        let found: Option<&Consequence> = preview.people.iter().find(|p| p.user_id == id(who));
        found.map_or((0, 0), |p| (p.owes_now.0, p.owes_then.0))
    };
    [&cast.leader, &cast.a, &cast.b].map(of).to_vec()
}

/// A wants 3 of P1 and helps, B 2 of P1 and 1 of P2; the leader has bought P1 for 1000 and no P2.
async fn half_bought(cast: &Cast) -> RunId {
    let run =
        cast.shopping(&[(&cast.a, cast.p1, "3"), (&cast.b, cast.p1, "2"), (&cast.b, cast.p2, "1")]).await;
    let buy = commands::bought(cast.p1, q("5"), cents(1000), None);
    cast.lead(run, [commands::appoint_helper(id(&cast.a)), buy]).await;
    run
}

stories! {
    async fn the_leader_cancels_in_every_state(app) {
        let cast = Cast::assemble(app).await;
        for state in LIVE {
            let run = cast.run_in(state).await;

            let preview = cancelled_as_previewed(&cast, run, &[]).await;

            assert_eq!(preview.state, state);
            let bids = match state {
                State::Planning => 2,
                State::Active | State::Confirmed | State::Shopping => 4,
                _ => 0,
            };
            assert_eq!(preview.void_bids, bids, "{state}");
        }
    }

    /// Shopping, 1 of 2 bought: it goes back to the store, stays with who paid, or is shared as if nothing had happened.
    async fn what_was_bought_goes_where_the_leader_says(app) {
        let cast = Cast::assemble(app).await;
        for (outcome, refund, owed) in [
            (Outcome::Returned, 1000, [(0, 0), (0, 0), (0, 0)]),
            (Outcome::KeptByPayer, 0, [(0, 1000), (0, 0), (0, 0)]),
            (Outcome::SharedAnyway, 0, [(0, 0), (0, 600), (0, 400)]),
        ] {
            let run = half_bought(&cast).await;
            let outcomes = [ItemOutcome { product_id: cast.p1, outcome }];

            let preview = cancelled_as_previewed(&cast, run, &outcomes).await;

            assert_eq!(preview.items, [CancelledItem { product_id: cast.p1, outcome, refund: cents(refund) }]);
            assert_eq!((preview.void_bids, people(&preview, &cast)), (1, owed.to_vec()), "{outcome:?}");
            let items = cast.b.items(run).await.unwrap().items;
            assert_eq!((items[0].bought.to_string(), items[0].total), ("5".to_owned(), cents(1000)), "purchases stay readable");
            let settlement = cast.a.settlement(run).await.unwrap();
            let sums: Vec<i64> = settlement.transfers.iter().map(|t| t.amount.0).collect();
            assert_eq!(sums, if outcome == Outcome::SharedAnyway { vec![600, 400] } else { vec![] });
        }
    }

    /// Handing out, 1 of 2 picked up: what is picked up stays owed, the rest goes back to who paid.
    async fn what_is_picked_up_stays_owed(app) {
        let cast = Cast::assemble(app).await;
        let run = half_bought(&cast).await;
        cast.lead(run, [commands::finish_shopping(), commands::pick_up(id(&cast.a), None)]).await;

        let preview = cancelled_as_previewed(&cast, run, &[]).await;

        assert_eq!(preview.items, [CancelledItem { product_id: cast.p1, outcome: Outcome::KeptByPayer, refund: cents(400) }]);
        assert_eq!(people(&preview, &cast), [(0, 400), (600, 600), (400, 0)]);
        let settlement = cast.a.settlement(run).await.unwrap();
        assert_eq!(settlement.transfers.len(), 1);
        let transfer = &settlement.transfers[0];
        assert_eq!((transfer.from, transfer.to, transfer.amount), (id(&cast.a), id(&cast.leader), cents(600)));
    }

    /// An outcome can be chosen only for what was bought and is not being handed out.
    async fn impossible_outcomes_are_refused(app) {
        let cast = Cast::assemble(app).await;
        let run = half_bought(&cast).await;
        let returned = |product_id| vec![ItemOutcome { product_id, outcome: Outcome::Returned }];

        let unbought = cast.leader.command(run, &commands::cancel_with(reason(), None, returned(cast.p2))).await;
        assert_eq!(refusal(&unbought), (422, "OUTCOME_NOT_POSSIBLE"));
        let preview = cast.leader.cancellation_with(run, &returned(cast.p2)).await.unwrap_err();
        assert_eq!((preview.status(), preview.code()), (Some(422), Some("OUTCOME_NOT_POSSIBLE")));
        cast.lead(run, [commands::finish_shopping()]).await;
        let late = cast.leader.command(run, &commands::cancel_with(reason(), None, returned(cast.p1))).await;
        assert_eq!(refusal(&late), (422, "OUTCOME_NOT_POSSIBLE"));
    }

    async fn a_cancellation_needs_a_reason(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        for body in [json!({}), json!({"reason": ""}), json!({"reason": "  "}), json!({"reason": "x".repeat(501)}), json!({"reason": null})] {
            let path = format!("/api/v1/runs/{run}/cancel");
            let answer = cast.leader.raw("POST", &path, Some(&body), &[]).await.unwrap();
            assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        }
        assert_eq!(cast.leader.run(run).await.unwrap().state, State::Planning);
    }
}
