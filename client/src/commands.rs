//! What can be asked of a run, and where it goes over HTTP.

use bulq_domain::command::{
    AddCost, AddItem, Cancel, CostSplit, EditDetails, EditPurchase, FinishAdjusting, ItemOutcome, Nothing,
    ObservePrice, OfferHandover, PickUp, PlaceBid, RecordPurchase, RemoveCost, RetractBid, SetReady,
    SetReceived, Someone, UndoPurchase,
};
use bulq_domain::{
    Command, CommandId, CommandKind, Label, Money, ProductId, Quantity, Reason, RunId, Seq, ShortagePolicy,
    UserId,
};
use reqwest::Method;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A new id for a command: one for each thing the person does, the same for each repetition.
#[must_use]
pub fn new_id() -> CommandId {
    CommandId(Uuid::now_v7())
}

/// I want this much.
#[must_use]
pub fn bid(product_id: ProductId, quantity: Quantity) -> Command {
    Command::PlaceBid(PlaceBid {
        product_id,
        quantity,
        min: None,
        max: None,
        interested_only: false,
        comment: None,
        on_behalf_of: None,
        fill: false,
    })
}

/// I want this much, would take no less than `min` and as much as `max`.
#[must_use]
pub fn bid_within(product_id: ProductId, min: Quantity, quantity: Quantity, max: Quantity) -> Command {
    Command::PlaceBid(PlaceBid {
        product_id,
        quantity,
        min: Some(min),
        max: Some(max),
        interested_only: false,
        comment: None,
        on_behalf_of: None,
        fill: false,
    })
}

#[must_use]
pub fn retract(product_id: ProductId) -> Command {
    Command::RetractBid(RetractBid { product_id, on_behalf_of: None })
}

#[must_use]
pub fn ready(ready: bool) -> Command {
    Command::SetReady(SetReady { ready })
}

#[must_use]
pub fn open() -> Command {
    Command::Open(Nothing {})
}

#[must_use]
pub fn confirm() -> Command {
    Command::Confirm(Nothing {})
}

#[must_use]
pub fn step_back() -> Command {
    Command::StepBack(Nothing {})
}

/// With `expected_seq` it is refused if the run changed since.
#[must_use]
pub fn cancel(reason: Reason, expected_seq: Option<Seq>) -> Command {
    Command::Cancel(Cancel { reason, expected_seq, outcomes: Vec::new() })
}

#[must_use]
pub fn edit_details(edit: EditDetails) -> Command {
    Command::EditDetails(edit)
}

#[must_use]
pub fn finish_adjusting(force: bool, policy: Option<ShortagePolicy>) -> Command {
    Command::FinishAdjusting(FinishAdjusting { force, policy })
}

/// As [`cancel`], saying what becomes of what was bought.
#[must_use]
pub fn cancel_with(reason: Reason, expected_seq: Option<Seq>, outcomes: Vec<ItemOutcome>) -> Command {
    Command::Cancel(Cancel { reason, expected_seq, outcomes })
}

#[must_use]
pub fn start_shopping() -> Command {
    Command::StartShopping(Nothing {})
}

#[must_use]
pub fn finish_shopping() -> Command {
    Command::FinishShopping(Nothing {})
}

#[must_use]
pub fn complete() -> Command {
    Command::Complete(Nothing {})
}

/// A product nobody bid on, for `person` or for me.
#[must_use]
pub fn add_item(product_id: ProductId, quantity: Quantity, person: Option<UserId>) -> Command {
    Command::AddItem(AddItem { product_id, quantity, on_behalf_of: person })
}

/// I bought this much and paid `total` for it. With `expected_seq` it is refused if the item changed since.
#[must_use]
pub fn bought(product_id: ProductId, quantity: Quantity, total: Money, expected_seq: Option<Seq>) -> Command {
    let (payer, picked) = (None, None);
    Command::RecordPurchase(RecordPurchase { product_id, quantity, total, payer, picked, expected_seq })
}

/// Some more of it, from another shelf or at another price.
#[must_use]
pub fn bought_more(product_id: ProductId, quantity: Quantity, total: Money) -> Command {
    let (payer, picked, expected_seq) = (None, None, None);
    Command::AddPurchase(RecordPurchase { product_id, quantity, total, payer, picked, expected_seq })
}

/// Corrects one part, counted from 0, or without it puts one part in the place of all.
#[must_use]
pub fn edit_purchase(
    product_id: ProductId,
    part: Option<u32>,
    quantity: Quantity,
    total: Money,
    expected_seq: Option<Seq>,
) -> Command {
    let (payer, picked) = (None, None);
    Command::EditPurchase(EditPurchase { product_id, part, quantity, total, payer, picked, expected_seq })
}

/// What a unit of it costs at the run's store today.
#[must_use]
pub fn observe_price(product_id: ProductId, price: Money) -> Command {
    Command::ObservePrice(ObservePrice { product_id, price })
}

#[must_use]
pub fn undo_purchase(product_id: ProductId, expected_seq: Option<Seq>) -> Command {
    Command::UndoPurchase(UndoPurchase { product_id, expected_seq })
}

#[must_use]
pub fn set_received(user_id: UserId, product_id: ProductId, received: Quantity) -> Command {
    Command::SetReceived(SetReceived { user_id, product_id, received })
}

/// One product, or without one everything that is theirs.
#[must_use]
pub fn pick_up(user_id: UserId, product_id: Option<ProductId>) -> Command {
    Command::PickUp(PickUp { user_id, product_id })
}

#[must_use]
pub fn undo_pick_up(user_id: UserId, product_id: Option<ProductId>) -> Command {
    Command::UndoPickUp(PickUp { user_id, product_id })
}

#[must_use]
pub fn left_with_leader(user_id: UserId, product_id: Option<ProductId>) -> Command {
    Command::LeftWithLeader(PickUp { user_id, product_id })
}

#[must_use]
pub fn add_cost(label: Label, amount: Money, split: CostSplit) -> Command {
    Command::AddCost(AddCost { label, amount, split })
}

/// `cost` is the seq of the event that added it.
#[must_use]
pub fn remove_cost(cost: Seq) -> Command {
    Command::RemoveCost(RemoveCost { cost })
}

#[must_use]
pub fn appoint_helper(user_id: UserId) -> Command {
    Command::AppointHelper(Someone { user_id })
}

#[must_use]
pub fn dismiss_helper(user_id: UserId) -> Command {
    Command::DismissHelper(Someone { user_id })
}

#[must_use]
pub fn offer_handover(to: UserId) -> Command {
    Command::OfferHandover(OfferHandover { to })
}

#[must_use]
pub fn accept_handover() -> Command {
    Command::AcceptHandover(Nothing {})
}

#[must_use]
pub fn decline_handover() -> Command {
    Command::DeclineHandover(Nothing {})
}

#[must_use]
pub fn withdraw_handover() -> Command {
    Command::WithdrawHandover(Nothing {})
}

/// Where a command goes over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    /// Under `/api/v1`.
    pub path: String,
    /// What is not said by method and path; none if that is everything.
    pub body: Option<String>,
}

/// The HTTP form of a command.
#[must_use]
pub fn route(run: RunId, command: &Command) -> Route {
    let mut fields = match serde_json::to_value(command).expect("commands are plain data") {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.remove("type");
    let (method, tail) = verb_and_tail(command.kind(), &mut fields);
    let body = (!fields.is_empty()).then(|| Value::Object(fields).to_string());
    Route { method, path: format!("/runs/{run}{tail}"), body }
}

/// Takes out of `fields` what stands in the path.
fn verb_and_tail(kind: CommandKind, fields: &mut Map<String, Value>) -> (Method, String) {
    use CommandKind as K;
    let mut segment = |name: &str| match fields.remove(name) {
        Some(Value::String(id)) => format!("/{id}"),
        Some(Value::Number(seq)) => format!("/{seq}"),
        _ => String::new(),
    };
    match kind {
        K::EditDetails => (Method::PATCH, String::new()),
        K::PlaceBid => (Method::PUT, format!("/bids{}", segment("product_id"))),
        K::RetractBid => (Method::DELETE, format!("/bids{}", segment("product_id"))),
        K::SetReady => (Method::PUT, "/ready".to_owned()),
        K::AddItem => (Method::POST, "/items".to_owned()),
        K::RecordPurchase => (Method::PUT, format!("/items{}/purchase", segment("product_id"))),
        K::AddPurchase => (Method::POST, format!("/items{}/purchase/parts", segment("product_id"))),
        K::EditPurchase => (Method::PATCH, format!("/items{}/purchase", segment("product_id"))),
        K::UndoPurchase => (Method::DELETE, format!("/items{}/purchase", segment("product_id"))),
        K::ObservePrice => (Method::PUT, format!("/items{}/price", segment("product_id"))),
        K::SetReceived => {
            (Method::PUT, format!("/allocations{}{}", segment("user_id"), segment("product_id")))
        }
        K::PickUp => {
            let tail = format!("/pickups{}{}", segment("user_id"), segment("product_id"));
            fields.insert("picked_up".to_owned(), Value::Bool(true));
            (Method::PUT, tail)
        }
        K::UndoPickUp => (Method::DELETE, format!("/pickups{}{}", segment("user_id"), segment("product_id"))),
        K::LeftWithLeader => {
            (Method::PUT, format!("/left-with-leader{}{}", segment("user_id"), segment("product_id")))
        }
        K::AddCost => (Method::POST, "/costs".to_owned()),
        K::RemoveCost => (Method::DELETE, format!("/costs{}", segment("cost"))),
        K::AppointHelper => (Method::PUT, format!("/helpers{}", segment("user_id"))),
        K::DismissHelper => (Method::DELETE, format!("/helpers{}", segment("user_id"))),
        K::OfferHandover => (Method::POST, "/handover".to_owned()),
        K::AcceptHandover => (Method::POST, "/handover/accept".to_owned()),
        K::DeclineHandover => (Method::POST, "/handover/decline".to_owned()),
        K::WithdrawHandover => (Method::POST, "/handover/withdraw".to_owned()),
        K::Open
        | K::Confirm
        | K::StepBack
        | K::StartShopping
        | K::FinishShopping
        | K::FinishAdjusting
        | K::Complete
        | K::Cancel => (Method::POST, format!("/{}", kind.as_str().replace('_', "-"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_into_the_path_and_the_rest_into_the_body() {
        let (run, product) = (RunId(Uuid::from_u128(1)), ProductId(Uuid::from_u128(2)));

        let put = route(run, &bid(product, Quantity::ONE));
        assert_eq!((put.method, put.path), (Method::PUT, format!("/runs/{run}/bids/{product}")));
        assert_eq!(put.body.as_deref(), Some(r#"{"fill":false,"interested_only":false,"quantity":"1"}"#));

        let delete = route(run, &retract(product));
        assert_eq!(
            (delete.method, delete.path, delete.body),
            (Method::DELETE, format!("/runs/{run}/bids/{product}"), None)
        );

        let back = route(run, &step_back());
        assert_eq!(
            (back.method, back.path, back.body),
            (Method::POST, format!("/runs/{run}/step-back"), None)
        );
    }
}
