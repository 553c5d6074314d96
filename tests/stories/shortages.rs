//! Less was bought than is wanted.

use crate::support::{Cast, cents, got, is_settled, q, refusal, stories};
use bulq_client::domain::{ProductId, RunId, ShortagePolicy, State};
use bulq_client::protocol::goods::AdjustmentsView;
use bulq_client::{Client, commands};

async fn state(cast: &Cast, run: RunId) -> State {
    cast.leader.run(run).await.unwrap().state
}

/// What everybody got of a product: thousandths and cents.
async fn handed_out<const N: usize>(
    cast: &Cast,
    run: RunId,
    product: ProductId,
    people: [&Client; N],
) -> [(u32, i64); N] {
    let goods = cast.leader.distribution(run).await.unwrap();
    people.map(|who| {
        let (quantity, share) = got(&goods, who, product);
        (quantity.thousandths(), share.0)
    })
}

/// The preview of a policy: who would get how much for how much.
fn previewed<const N: usize>(
    view: &AdjustmentsView,
    policy: ShortagePolicy,
    people: [&Client; N],
) -> [(u32, i64); N] {
    let preview =
        view.policies.iter().find(|preview| preview.policy == policy).expect("every policy is previewed");
    people.map(|who| {
        let share = preview.shares.iter().find(|share| share.user_id == crate::support::id(who));
        share.map_or((0, 0), |share| (share.quantity.thousandths(), share.share.0))
    })
}

stories! {
    /// 4, 4, 2 wanted, 7 bought: A and L take less, each within what the remaining difference leaves open.
    async fn members_settle_a_shortage_by_themselves(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(
            &[(&cast.leader, cast.p1, "4"), (&cast.a, cast.p1, "4"), (&cast.b, cast.p1, "2")],
            &[(cast.p1, "7", 7000)],
        ).await;
        assert_eq!(state(&cast, run).await, State::Adjusting);
        let screen = cast.open(&cast.a, run).await;
        let open = cast.a.adjustments(run).await.unwrap();
        assert_eq!((open.items[0].short.to_string(), open.items[0].surplus.to_string()), ("3".to_owned(), "0".to_owned()));
        let bounds: Vec<_> = open.items[0].people.iter().map(|p| (p.min.to_string(), p.max.to_string())).collect();
        assert_eq!(bounds, [("1", "4"), ("1", "4"), ("0", "2")].map(|(min, max)| (min.to_owned(), max.to_owned())));

        let too_low = cast.a.command(run, &commands::bid(cast.p1, q("0.50"))).await;
        assert_eq!(refusal(&too_low), (422, "BID_BELOW_MINIMUM"));
        let bulq_client::Outcome::Rejected(too_low) = too_low else { unreachable!() };
        assert_eq!(too_low.facts["min"], "1");
        assert_eq!(screen.command(commands::bid(cast.p1, q("5"))).await.code(), Some("BID_ABOVE_MAXIMUM"));
        screen.command(commands::bid(cast.p1, q("2"))).await.committed();
        assert_eq!(cast.b.adjustments(run).await.unwrap().items[0].short.to_string(), "1");
        let too_low = cast.leader.command(run, &commands::bid(cast.p1, q("2"))).await;
        assert_eq!(refusal(&too_low), (422, "BID_BELOW_MINIMUM"));
        let early = cast.leader.command(run, &commands::finish_adjusting(false, None)).await;
        assert_eq!(refusal(&early), (409, "NOT_BALANCED"));
        cast.leader.command(run, &commands::bid(cast.p1, q("3"))).await.committed();
        assert!(cast.b.adjustments(run).await.unwrap().items.is_empty(), "balanced");
        let frozen = cast.b.command(run, &commands::bid(cast.p1, q("1"))).await;
        assert_eq!(refusal(&frozen), (422, "BID_BELOW_MINIMUM"));

        cast.lead(run, [commands::finish_adjusting(false, None)]).await;

        assert_eq!(state(&cast, run).await, State::Distributing);
        let people = [&cast.leader, &cast.a, &cast.b];
        assert_eq!(handed_out(&cast, run, cast.p1, people).await, [(3000, 3000), (2000, 2000), (2000, 2000)]);
        is_settled(&cast.a, run).await;
    }

    /// 5, 3, 2 wanted, 7 bought for 2100: what each policy gives, and that the preview is what is done.
    async fn a_shortage_is_forced_by_each_policy(app) {
        let cast = Cast::assemble(app).await;
        for (policy, expected) in [
            (ShortagePolicy::Proportional, [(3500, 1050), (2100, 630), (1400, 420)]),
            (ShortagePolicy::EqualAwards, [(2500, 750), (2500, 750), (2000, 600)]),
            (ShortagePolicy::EqualLosses, [(4000, 1200), (2000, 600), (1000, 300)]),
            (ShortagePolicy::FirstCome, [(5000, 1500), (2000, 600), (0, 0)]),
        ] {
            let people = [&cast.a, &cast.b, &cast.c];
            let run = cast.shopped(
                &[(&cast.a, cast.p1, "5"), (&cast.b, cast.p1, "3"), (&cast.c, cast.p1, "2")],
                &[(cast.p1, "7", 2100)],
            ).await;
            let preview = cast.b.adjustments(run).await.unwrap();
            assert_eq!(preview.policy, ShortagePolicy::EqualAwards, "the group's default");
            assert_eq!(previewed(&preview, policy, people), expected, "{policy:?}");

            cast.lead(run, [commands::finish_adjusting(true, Some(policy))]).await;

            assert_eq!(handed_out(&cast, run, cast.p1, people).await, expected, "{policy:?}: preview = commit");
            is_settled(&cast.a, run).await;
        }
    }

    /// Without a word the group's own policy is used.
    async fn the_groups_policy_is_the_default(app) {
        let cast = Cast::assemble(app).await;
        let patch = bulq_client::protocol::group::PatchGroup {
            shortage_policy: Some(ShortagePolicy::FirstCome), ..Default::default()
        };
        cast.leader.change_group(cast.group, &patch).await.unwrap();
        let run = cast.shopped(
            &[(&cast.a, cast.p1, "5"), (&cast.b, cast.p1, "3"), (&cast.c, cast.p1, "2")],
            &[(cast.p1, "7", 2100)],
        ).await;

        cast.lead(run, [commands::finish_adjusting(true, None)]).await;

        let people = [&cast.a, &cast.b, &cast.c];
        assert_eq!(handed_out(&cast, run, cast.p1, people).await, [(5000, 1500), (2000, 600), (0, 0)]);
    }

    /// What does not divide is given out step by step and cent by cent, and always adds up.
    async fn awkward_numbers_add_up(app) {
        let cast = Cast::assemble(app).await;
        let thirds = cast.shopped(
            &[(&cast.leader, cast.p1, "1"), (&cast.a, cast.p1, "1"), (&cast.b, cast.p1, "1")],
            &[(cast.p1, "1.00", 1000)],
        ).await;
        cast.lead(thirds, [commands::finish_adjusting(true, Some(ShortagePolicy::Proportional))]).await;
        let people = [&cast.leader, &cast.a, &cast.b];
        assert_eq!(handed_out(&cast, thirds, cast.p1, people).await, [(340, 340), (330, 330), (330, 330)]);
        is_settled(&cast.a, thirds).await;

        let crumbs = cast.shopped(
            &[(&cast.leader, cast.p1, "1"), (&cast.a, cast.p1, "1"), (&cast.b, cast.p1, "1"), (&cast.c, cast.p1, "0.01")],
            &[(cast.p1, "1.37", 1370)],
        ).await;
        cast.lead(crumbs, [commands::finish_adjusting(true, Some(ShortagePolicy::Proportional))]).await;
        let people = [&cast.leader, &cast.a, &cast.b, &cast.c];
        assert_eq!(handed_out(&cast, crumbs, cast.p1, people).await, [(460, 460), (460, 460), (450, 450), (0, 0)]);
        is_settled(&cast.a, crumbs).await;
        let nothing = cast.leader.command(crumbs, &commands::pick_up(crate::support::id(&cast.c), None)).await;
        assert_eq!(refusal(&nothing).1, "ALLOCATION_NOT_FOUND", "nothing of it goes to C");
        cast.everything_is_fetched(crumbs).await;
        cast.lead(crumbs, [commands::complete()]).await;
        assert_eq!(cents(1370), cast.a.settlement(crumbs).await.unwrap().paid);
    }
}
