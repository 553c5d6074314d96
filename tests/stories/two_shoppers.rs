//! Two people shop from one list.

use crate::support::{Cast, cents, id, is_settled, q, refusal, stories};
use bulq_client::domain::{ProductId, RunId, State};
use bulq_client::protocol::goods::ListItem;
use bulq_client::{Outcome, commands};

async fn item(cast: &Cast, run: RunId, product: ProductId) -> ListItem {
    let items = cast.b.items(run).await.unwrap().items;
    items.into_iter().find(|item| item.product_id == product).expect("the item is on the list")
}

stories! {
    /// Both record P1 from the same seq: one is taken, the other is told what there is now and adds a part.
    async fn both_buy_the_same_and_nothing_counts_twice(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopping(&[(&cast.a, cast.p1, "5"), (&cast.b, cast.p1, "3")]).await;
        cast.lead(run, [commands::appoint_helper(id(&cast.a))]).await;
        let seen = item(&cast, run, cast.p1).await.changed;
        let buy = commands::bought(cast.p1, q("5"), cents(1000), Some(seen));

        let (one, two) = tokio::join!(cast.leader.command(run, &buy), cast.a.command(run, &buy));

        let (taken, told) = if one.seq().is_some() { (one, two) } else { (two, one) };
        taken.committed();
        assert_eq!(refusal(&told), (409, "EXPECTED_SEQ_CONFLICT"));
        let Outcome::Rejected(told) = told else { unreachable!() };
        let current = &told.facts["current"];
        assert_eq!((&current["bought"], &current["total"]), (&"5".into(), &1000.into()), "the current line");

        let (key, more) = (commands::new_id(), commands::bought_more(cast.p1, q("3"), cents(630)));
        let first = cast.a.command_raw(run, key, &more).await.unwrap();
        let again = cast.a.command_raw(run, key, &more).await.unwrap();
        assert_eq!((first.status, first.text == again.text), (200, true));
        let line = item(&cast, run, cast.p1).await;
        assert_eq!((line.bought.to_string(), line.total, line.parts.len()), ("8".to_owned(), cents(1630), 2));
        cast.lead(run, [commands::finish_shopping()]).await;
        assert_eq!(cast.b.run(run).await.unwrap().state, State::Distributing);
        is_settled(&cast.b, run).await;
    }

    /// Corrections: an edit from an old seq is refused, a part is corrected alone, an undo takes all of it back.
    async fn purchases_are_corrected(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopping(&[(&cast.a, cast.p2, "3")]).await;
        let first = cast.lead(run, [commands::bought(cast.p2, q("2"), cents(400), None)]).await;
        let twice = cast.leader.command(run, &commands::bought(cast.p2, q("2"), cents(400), None)).await;
        assert_eq!(refusal(&twice), (409, "ALREADY_BOUGHT"));
        let second = cast.lead(run, [commands::bought_more(cast.p2, q("1"), cents(250))]).await;

        let edit = |part, seq| commands::edit_purchase(cast.p2, Some(part), q("1"), cents(240), seq);
        let stale = cast.leader.command(run, &edit(1, Some(first))).await;
        assert_eq!(refusal(&stale), (409, "EXPECTED_SEQ_CONFLICT"));
        cast.lead(run, [edit(1, Some(second))]).await;
        let line = item(&cast, run, cast.p2).await;
        assert_eq!((line.total, line.parts[0].total, line.parts[1].total), (cents(640), cents(400), cents(240)));
        assert_eq!(refusal(&cast.leader.command(run, &edit(2, None)).await), (409, "NOT_BOUGHT"));

        cast.lead(run, [commands::undo_purchase(cast.p2, None)]).await;
        let line = item(&cast, run, cast.p2).await;
        assert_eq!((line.total, line.parts.len()), (cents(0), 0));
        assert_eq!(refusal(&cast.leader.command(run, &commands::undo_purchase(cast.p2, None)).await), (409, "NOT_BOUGHT"));
    }

    /// A product nobody bid on joins the list for the person named, who owes for it.
    async fn something_is_added_on_the_way(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopping(&[(&cast.a, cast.p2, "1")]).await;
        cast.lead(run, [
            commands::add_item(cast.p3, q("2"), Some(id(&cast.c))),
            commands::bought(cast.p2, q("1"), cents(500), None),
            commands::bought(cast.p3, q("2"), cents(300), None),
        ]).await;
        let again = cast.leader.command(run, &commands::add_item(cast.p3, q("1"), None)).await;
        assert_eq!(refusal(&again), (409, "ALREADY_ON_LIST"));

        cast.lead(run, [commands::finish_shopping()]).await;

        let goods = cast.c.distribution(run).await.unwrap();
        assert_eq!(crate::support::got(&goods, &cast.c, cast.p3), (q("2"), cents(300)));
        is_settled(&cast.c, run).await;
    }

    /// Sums that make no sense are refused: nothing of them is stored.
    async fn impossible_purchases_are_refused(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopping(&[(&cast.a, cast.p2, "1")]).await;
        let path = format!("/api/v1/runs/{run}/items/{}/purchase", cast.p2);
        let before = cast.a.run(run).await.unwrap().seq;
        for body in [
            r#"{"quantity": "1", "total": 0}"#,
            r#"{"quantity": "1", "total": -1}"#,
            r#"{"quantity": "1", "total": 100000000}"#,
            r#"{"quantity": "1", "total": 1.5}"#,
            r#"{"quantity": "1", "total": "12"}"#,
            r#"{"quantity": "1", "total": 1e400}"#,
            r#"{"quantity": "0", "total": 5}"#,
            r#"{"quantity": "0.5", "total": 5}"#,
            r#"{"quantity": "-1", "total": 5}"#,
            r#"{"quantity": "10000", "total": 5}"#,
            r#"{"quantity": 1e3, "total": 5}"#,
            r#"{"quantity": "1"}"#,
            r#"{"total": 5}"#,
            r#"{"quantity": "1", "total": 5, "tip": 1}"#,
        ] {
            let answer = cast.leader.raw_text("PUT", &path, Some(body.to_owned()), &[]).await.unwrap();
            assert!([400, 422].contains(&answer.status), "{body}: {}", answer.text);
        }
        let elsewhere = format!("/api/v1/runs/{run}/items/{}/purchase", cast.p1);
        let body = serde_json::json!({"quantity": "1", "total": 5});
        assert_eq!(cast.leader.raw("PUT", &elsewhere, Some(&body), &[]).await.unwrap().status, 404);
        assert_eq!(cast.a.run(run).await.unwrap().seq, before);
    }
}
