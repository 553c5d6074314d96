//! Between the catalogue's rows and the values the rules and the wire know.

use bulq_domain::run::Unit;
use bulq_domain::{Money, Product, ProductId, Quantity};
use bulq_storage::catalogue::Offer;

/// A quantity as stored.
#[must_use]
pub(crate) fn stored_quantity(quantity: Quantity) -> i64 {
    i64::from(quantity.thousandths())
}

/// # Errors
/// A text saying which stored value makes no sense.
pub(crate) fn quantity(thousandths: i64) -> Result<Quantity, String> {
    let thousandths = u64::try_from(thousandths).map_err(|_| format!("{thousandths} is not a quantity"))?;
    Quantity::from_thousandths(thousandths).map_err(|error| error.to_string())
}

/// # Errors
/// A text saying which stored value makes no sense.
pub(crate) fn unit(text: &str) -> Result<Unit, String> {
    serde_json::from_value(text.into()).map_err(|_| format!("{text:?} is not a unit"))
}

#[must_use]
pub(crate) fn unit_text(unit: Unit) -> String {
    let text = serde_json::to_value(unit).expect("a unit is a word");
    text.as_str().unwrap_or_default().to_owned()
}

/// What a bid is a multiple of if nobody said: whole pieces, or the finest step there is.
#[must_use]
pub(crate) fn default_step(unit: Unit) -> Quantity {
    if unit == Unit::Piece { Quantity::ONE } else { Quantity::SMALLEST }
}

/// The product as the rules of a run know it.
///
/// # Errors
/// A text saying which stored value makes no sense.
pub(crate) fn product_terms(offer: Offer) -> Result<Product, String> {
    Ok(Product {
        id: ProductId(offer.product_id),
        name: offer.name.into(),
        unit: unit(&offer.unit)?,
        step: quantity(offer.step_thousandths)?,
        pack: offer.pack_thousandths.map(quantity).transpose()?,
        minimum: offer.minimum_thousandths.map_or(Ok(Quantity::ZERO), quantity)?,
        price: offer.price.map(Money),
        family_id: offer.family_id.map(ProductId),
    })
}
