//! The shopping list, what adjusting would give, and the handing out.

use crate::view::ItemView;
use bulq_domain::event::{PurchasePart, Share};
use bulq_domain::run::{Difference, Taken};
use bulq_domain::{Line, Money, ProductId, Quantity, Run, Seq, ShortagePolicy, State, Total, UserId};
use serde::{Deserialize, Serialize};

/// The shopping list. What nobody planned to buy is not on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ItemsView {
    pub items: Vec<ListItem>,
    pub seq: Seq,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ListItem {
    pub product_id: ProductId,
    pub name: String,
    pub unit: bulq_domain::run::Unit,
    /// What the plan said when shopping began.
    pub requested: Total,
    /// Σ quantity of the bids as they are now.
    pub wanted: Total,
    pub bought: Total,
    pub total: Money,
    pub parts: Vec<PurchasePart>,
    pub state: ItemState,
    /// The `expected_seq` of the next change.
    pub changed: Seq,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Still to be bought.
    Open,
    /// As much as everybody would take.
    Bought,
    /// Less than wanted.
    Short,
    /// More than everybody would take.
    Surplus,
    /// Shopping is over and there is none.
    NotBought,
}

impl ItemsView {
    #[must_use]
    pub fn of(run: &Run) -> Self {
        Self { items: run.lines.iter().filter_map(|line| ListItem::of(run, line)).collect(), seq: run.seq }
    }
}

impl ListItem {
    fn of(run: &Run, line: &Line) -> Option<Self> {
        let item = ItemView::of(run, line.item.as_deref()?);
        let state = match line.difference() {
            _ if item.parts.is_empty() && run.state == State::Shopping => ItemState::Open,
            _ if item.parts.is_empty() => ItemState::NotBought,
            Difference::Balanced => ItemState::Bought,
            Difference::Short(_) => ItemState::Short,
            Difference::Surplus(_) => ItemState::Surplus,
        };
        Some(Self {
            product_id: line.product.id,
            name: line.product.name.to_string(),
            unit: line.product.unit,
            requested: item.requested,
            wanted: line.wanted(),
            bought: item.bought,
            total: item.total,
            parts: item.parts,
            state,
            changed: item.changed,
        })
    }
}

/// What a shopper may pick where people want any of a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FamilyMember {
    /// What people bid on.
    pub family_id: ProductId,
    /// What `picked` would be.
    pub product_id: ProductId,
    pub name: String,
    pub brand: Option<String>,
    /// Minor units per unit of the product, in the store of the run.
    pub price: Option<Money>,
}

/// What does not balance, how far everybody may move, and what each policy would give if it were forced now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AdjustmentsView {
    pub items: Vec<UnbalancedItem>,
    pub policies: Vec<PolicyPreview>,
    /// The one that is used unless the leader names another.
    pub policy: ShortagePolicy,
    pub seq: Seq,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnbalancedItem {
    pub product_id: ProductId,
    pub wanted: Total,
    pub bought: Total,
    /// So much is missing.
    #[serde(default, skip_serializing_if = "Total::is_zero")]
    pub short: Total,
    /// So much is left over.
    #[serde(default, skip_serializing_if = "Total::is_zero")]
    pub surplus: Total,
    pub people: Vec<Bounds>,
}

/// From what to what somebody may change their bid now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Bounds {
    pub user_id: UserId,
    pub quantity: Quantity,
    pub min: Quantity,
    pub max: Quantity,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PolicyPreview {
    pub policy: ShortagePolicy,
    pub shares: Vec<Share>,
}

impl AdjustmentsView {
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let items = run.lines.iter().filter_map(|line| UnbalancedItem::of(run, line)).collect();
        let policies = run.adjustments();
        let policies = policies.into_iter().map(|(policy, shares)| PolicyPreview { policy, shares });
        Self { items, policies: policies.collect(), policy: run.shortage_policy, seq: run.seq }
    }
}

impl UnbalancedItem {
    fn of(run: &Run, line: &Line) -> Option<Self> {
        let (short, surplus) = match line.difference() {
            Difference::Balanced => return None,
            Difference::Short(by) => (by, Total::ZERO),
            Difference::Surplus(by) => (Total::ZERO, by),
        };
        let people = line.bids.iter().filter(|bid| !bid.interested_only).map(|bid| {
            let (min, max) = line.bounds(bid.quantity);
            let user_id = run.participants[bid.by as usize].user_id;
            Bounds { user_id, quantity: bid.quantity, min, max }
        });
        let bought = line.item.as_ref().map_or(Total::ZERO, |item| item.bought().into());
        Some(Self {
            product_id: line.product.id,
            wanted: line.wanted(),
            bought,
            short,
            surplus,
            people: people.collect(),
        })
    }
}

/// Who gets what, who took what, and what is missing on the scales.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DistributionView {
    /// In the order of joining, without those who get nothing.
    pub people: Vec<PersonsGoods>,
    pub shrink: Vec<Shrink>,
    pub seq: Seq,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PersonsGoods {
    pub user_id: UserId,
    pub items: Vec<GoodsLine>,
    /// For the goods and their share of the costs.
    pub owes: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GoodsLine {
    pub product_id: ProductId,
    /// What they wished for.
    pub requested: Quantity,
    pub received: Quantity,
    pub share: Money,
    /// By themselves, or left with the leader for them.
    pub picked_up: bool,
    pub left_with_leader: bool,
}

/// Bought, and handed out to nobody: everybody who received some of the product pays for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Shrink {
    pub product_id: ProductId,
    pub quantity: Total,
}

impl DistributionView {
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let balances = run.balances();
        let owes = |user| balances.iter().find(|b| b.user_id == user).map_or(Money::ZERO, |b| b.owes);
        let people = run.participants.iter().enumerate().filter_map(|(i, person)| {
            let items: Vec<_> = run.lines.iter().filter_map(|line| GoodsLine::of(line, i)).collect();
            (!items.is_empty()).then(|| PersonsGoods {
                user_id: person.user_id,
                items,
                owes: owes(person.user_id),
            })
        });
        let shrink = run.lines.iter().filter_map(|line| {
            let quantity = line.item.as_ref()?.shrink();
            (!quantity.is_zero()).then_some(Shrink { product_id: line.product.id, quantity })
        });
        Self { people: people.collect(), shrink: shrink.collect(), seq: run.seq }
    }
}

impl GoodsLine {
    fn of(line: &Line, participant: usize) -> Option<Self> {
        let allocation = line.item.as_ref()?.allocation(participant)?;
        let wish = line.bids.iter().find(|bid| bid.by as usize == participant);
        Some(Self {
            product_id: line.product.id,
            requested: wish.map_or(Quantity::ZERO, |bid| bid.quantity),
            received: allocation.received,
            share: allocation.share,
            picked_up: allocation.taken.is_some(),
            left_with_leader: allocation.taken == Some(Taken::LeftWithLeader),
        })
    }
}
