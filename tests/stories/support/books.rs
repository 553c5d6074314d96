//! Reading numbers out of what a run shows, and what must add up in it.

use super::life::id;
use bulq_client::domain::command::Outcome as ItemOutcome;
use bulq_client::domain::{Money, ProductId, Quantity, RunId, Total};
use bulq_client::protocol::RunView;
use bulq_client::protocol::goods::DistributionView;
use bulq_client::{Client, Outcome};

/// Status and code of a refusal over HTTP.
#[track_caller]
pub(crate) fn refusal(outcome: &Outcome) -> (u16, &str) {
    match outcome {
        Outcome::Rejected(refused) => (refused.status.unwrap_or_default(), &refused.code),
        other => panic!("not refused: {other:?}"),
    }
}

/// What a person got of a product, and what they owe for it.
#[track_caller]
pub(crate) fn got(view: &DistributionView, who: &Client, product: ProductId) -> (Quantity, Money) {
    let person = view.people.iter().find(|person| person.user_id == id(who));
    let line = person.and_then(|person| person.items.iter().find(|item| item.product_id == product));
    line.map_or((Quantity::ZERO, Money::ZERO), |line| (line.received, line.share))
}

pub(crate) fn owes(view: &DistributionView, who: &Client) -> Money {
    view.people.iter().find(|person| person.user_id == id(who)).map_or(Money::ZERO, |person| person.owes)
}

/// Goods and money are neither made nor lost: Σ received + shrink = bought, Σ shares = line total.
#[track_caller]
pub(crate) fn adds_up(view: &RunView) {
    for product in &view.products {
        let Some(item) = product.item.as_ref().filter(|item| !item.allocations.is_empty()) else { continue };
        let received: u64 = item.allocations.iter().map(|a| u64::from(a.received.thousandths())).sum();
        let handed_out = received + item.shrink.thousandths();
        assert_eq!(Total::from_thousandths(handed_out), item.bought, "goods of {}", product.name);
        let shares: i64 = item.allocations.iter().map(|a| a.share.0).sum();
        assert_eq!(Money(shares), item.total, "money for {}", product.name);
        assert!(item.allocations.iter().all(|a| a.share.0 >= 0), "nobody is paid for {}", product.name);
        assert_ne!(item.outcome, Some(ItemOutcome::Returned), "{} went back to the store", product.name);
    }
}

/// As [`adds_up`], and the settlement too: Σ balances = 0, and the transfers level them.
pub(crate) async fn is_settled(reader: &Client, run: RunId) {
    adds_up(&reader.run(run).await.expect("the run"));
    let settlement = reader.settlement(run).await.expect("the settlement");
    assert_eq!(settlement.balances.iter().map(|b| b.balance.0).sum::<i64>(), 0, "{settlement:?}");
    for person in &settlement.balances {
        let paid: i64 =
            settlement.transfers.iter().filter(|t| t.from == person.user_id).map(|t| t.amount.0).sum();
        let got: i64 =
            settlement.transfers.iter().filter(|t| t.to == person.user_id).map(|t| t.amount.0).sum();
        assert_eq!(person.balance.0 + paid - got, 0, "the transfers level everybody: {settlement:?}");
        assert_eq!(person.balance.0, person.paid.0 - person.owes.0);
    }
    for transfer in &settlement.transfers {
        let because: i64 = transfer.because.iter().map(|line| line.amount.0).sum();
        assert_eq!(because, transfer.amount.0, "a transfer explains itself: {transfer:?}");
    }
}
