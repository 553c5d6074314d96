//! Quantities: whole thousandths, written as a decimal string with at most three decimals.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use std::fmt;

const SCALE: u64 = 1000;

/// How much of a product: 0 to 9999 in thousandths of its unit. Zero means "none".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u32);

/// A sum of quantities, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Total(u64);

/// Why a text is not a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    #[error("write a quantity as a decimal with at most three decimals, such as \"2\", \"0.5\" or \"1.250\"")]
    Malformed,
    #[error("a quantity is at least 0 and at most 9999")]
    OutOfRange,
}

impl Quantity {
    pub const ZERO: Self = Self(0);
    pub const MAX: Self = Self(9_999_000);
    /// One whole unit, the step of everything that is counted in pieces.
    pub const ONE: Self = Self(1000);
    /// The finest step there is.
    pub const SMALLEST: Self = Self(1);

    /// # Errors
    /// [`QuantityError::OutOfRange`] above 9999 units.
    pub fn from_thousandths(thousandths: u64) -> Result<Self, QuantityError> {
        match u32::try_from(thousandths) {
            Ok(small) if small <= Self::MAX.0 => Ok(Self(small)),
            _ => Err(QuantityError::OutOfRange),
        }
    }

    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// Whether this is a whole number of `step`s.
    #[must_use]
    pub const fn is_multiple_of(self, step: Self) -> bool {
        step.0 != 0 && self.0.is_multiple_of(step.0)
    }

    /// Accepts what a JSON document may hold: a decimal string, or a number written without an exponent.
    ///
    /// Working on the raw text keeps floating point away: `0.1` is one tenth, `1e3` is refused.
    ///
    /// # Errors
    /// As [`str::parse`].
    pub fn from_json(raw: &str) -> Result<Self, QuantityError> {
        let text = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
        text.parse()
    }

    /// For a field of a request: see [`Quantity::from_json`].
    ///
    /// # Errors
    /// The format's own error, naming what a quantity looks like.
    pub fn exact<'de, D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(input)?;
        Self::from_json(raw.get()).map_err(de::Error::custom)
    }

    /// For an optional field of a request; `null` is none.
    ///
    /// # Errors
    /// As [`Quantity::exact`].
    pub fn exact_opt<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Self>, D::Error> {
        let raw = <&RawValue>::deserialize(input)?;
        match raw.get() {
            "null" => Ok(None),
            text => Self::from_json(text).map(Some).map_err(de::Error::custom),
        }
    }
}

impl Total {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn from_thousandths(thousandths: u64) -> Self {
        Self(thousandths)
    }

    #[must_use]
    pub const fn thousandths(self) -> u64 {
        self.0
    }

    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl From<Quantity> for Total {
    fn from(quantity: Quantity) -> Self {
        Self(quantity.0.into())
    }
}

impl std::ops::AddAssign<Quantity> for Total {
    fn add_assign(&mut self, quantity: Quantity) {
        self.0 += u64::from(quantity.0);
    }
}

impl std::ops::SubAssign<Quantity> for Total {
    fn sub_assign(&mut self, quantity: Quantity) {
        self.0 -= u64::from(quantity.0);
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_thousandths(text).and_then(Self::from_thousandths)
    }
}

impl std::str::FromStr for Total {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_thousandths(text).map(Self)
    }
}

fn parse_thousandths(text: &str) -> Result<u64, QuantityError> {
    if let Some(rest) = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) {
        return parse_thousandths(rest).and(Err(QuantityError::OutOfRange));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 3 {
        return Err(QuantityError::Malformed);
    }
    let fraction = format!("{fraction:0<3}");
    let whole: u64 = whole.parse().map_err(|_| QuantityError::OutOfRange)?;
    let fraction: u64 = fraction.parse().map_err(|_| QuantityError::Malformed)?;
    whole.checked_mul(SCALE).and_then(|w| w.checked_add(fraction)).ok_or(QuantityError::OutOfRange)
}

fn write_thousandths(f: &mut fmt::Formatter<'_>, thousandths: u64) -> fmt::Result {
    let (whole, mut fraction) = (thousandths / SCALE, thousandths % SCALE);
    if fraction == 0 {
        return write!(f, "{whole}");
    }
    let mut width = 3;
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        width -= 1;
    }
    write!(f, "{whole}.{fraction:0width$}")
}

macro_rules! decimal_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_thousandths(f, self.0.into())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
                output.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(r"^[0-9]+(\.[0-9]{1,3})?$"))
                    .description(Some("a decimal with at most three decimals"))
                    .examples([serde_json::json!("1.250")])
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {}
    };
}

decimal_text!(Quantity);
decimal_text!(Total);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_not_a_plain_decimal_with_three_places() {
        for text in [
            "", ".", "1.", ".5", "0.0001", "1e3", "1E3", "NaN", "inf", "+1", " 1", "1,5", "0x10", "1_000",
            "--1",
        ] {
            assert_eq!(text.parse::<Quantity>(), Err(QuantityError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn refuses_what_is_out_of_range() {
        for text in
            ["-1", "10000", "9999.001", "2147483648", "18446744073709551616", "99999999999999999999999"]
        {
            assert_eq!(text.parse::<Quantity>(), Err(QuantityError::OutOfRange), "{text:?}");
        }
    }

    #[test]
    fn accepts_json_numbers_only_when_exact() {
        assert_eq!(Quantity::from_json("0.1"), Ok(Quantity(100)));
        assert_eq!(Quantity::from_json("\"2.50\""), Ok(Quantity(2500)));
        assert_eq!(Quantity::from_json("2"), Ok(Quantity(2000)));
        for raw in ["1e3", "true", "[]", "{}", "\"", "1.0005"] {
            assert!(Quantity::from_json(raw).is_err(), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn written_and_read_again_is_the_same(thousandths in 0u64..=9_999_000) {
            let quantity = Quantity::from_thousandths(thousandths).unwrap();

            prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
            prop_assert_eq!(Quantity::from_json(&serde_json::to_string(&quantity).unwrap()), Ok(quantity));
            prop_assert_eq!(Quantity::from_json(&quantity.to_string()), Ok(quantity));
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC*") {
            let _ = text.parse::<Quantity>();
            let _ = Quantity::from_json(&text);
        }
    }
}
