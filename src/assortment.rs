//! A store's assortment as a table: comma-separated (or by semicolons), UTF-8, a heading line.
//!
//! Cells that a spreadsheet would take for a formula are written with an apostrophe before them, and read without it.

use bulq_domain::run::Unit;
use bulq_domain::{Money, Quantity};
use bulq_protocol::catalogue::{PutAvailability, StoreProduct};
use csv::{ReaderBuilder, StringRecord, Trim, WriterBuilder};
use uuid::Uuid;

pub(crate) const COLUMNS: [&str; 9] =
    ["product_id", "name", "brand", "unit", "step", "price", "pack", "minimum", "note"];
/// Without the heading.
pub(crate) const MAX_LINES: usize = 5000;

/// What one line says.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) product_id: Option<Uuid>,
    /// None if nothing but the id names the product.
    pub(crate) named: Option<Named>,
    pub(crate) terms: PutAvailability,
}

/// A product as a line describes it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) brand: Option<String>,
    pub(crate) unit: Option<Unit>,
    pub(crate) step: Option<Quantity>,
}

/// Why a line is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) field: String,
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl Refusal {
    pub(crate) fn new(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), detail: detail.into() }
    }
}

/// A line's number in the file, from 1, and what it says.
pub(crate) type Numbered = (u64, Result<Line, Refusal>);

/// # Errors
/// What is wrong with the file as a whole: no heading, a column nobody knows, too many lines.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Numbered>, Refusal> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Refusal::new("body", "NOT_UTF8", "the file is not UTF-8: save it as CSV UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .trim(Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let heading = reader.headers().map_err(|error| Refusal::new("heading", "INVALID", error.to_string()))?;
    let columns = Columns::of(heading)?;
    let mut lines = Vec::new();
    for record in reader.records() {
        if lines.len() == MAX_LINES {
            return Err(Refusal::new("body", "TOO_MANY_LINES", format!("at most {MAX_LINES}")));
        }
        lines.push(match record {
            Ok(record) => (record.position().map_or(0, csv::Position::line), columns.line(&record)),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                (line, Err(Refusal::new("line", "INVALID", error.to_string())))
            }
        });
    }
    Ok(lines)
}

/// Whichever the heading has more of.
fn delimiter(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    if heading.matches(';').count() > heading.matches(',').count() { b';' } else { b',' }
}

/// Where each column stands.
struct Columns {
    at: [Option<usize>; COLUMNS.len()],
    count: usize,
}

impl Columns {
    fn of(heading: &StringRecord) -> Result<Self, Refusal> {
        let mut at = [None; COLUMNS.len()];
        for (position, name) in heading.iter().enumerate() {
            let name = name.to_lowercase();
            let Some(column) = COLUMNS.iter().position(|column| *column == name) else {
                let detail = format!("{name:?} is none of {}", COLUMNS.join(", "));
                return Err(Refusal::new("heading", "UNKNOWN_COLUMN", detail));
            };
            if at[column].replace(position).is_some() {
                return Err(Refusal::new("heading", "DOUBLE_COLUMN", format!("{name:?} comes twice")));
            }
        }
        if at[0].is_none() && at[1].is_none() {
            return Err(Refusal::new("heading", "MISSING_COLUMN", "product_id or name is needed"));
        }
        Ok(Self { at, count: heading.len() })
    }

    fn line(&self, record: &StringRecord) -> Result<Line, Refusal> {
        if record.len() > self.count {
            let detail = format!("{} fields, but the heading has {}", record.len(), self.count);
            return Err(Refusal::new("line", "TOO_MANY_FIELDS", detail));
        }
        let cell = |name: &str| {
            let column = COLUMNS.iter().position(|column| *column == name)?;
            record.get(self.at[column]?).map(plain).filter(|cell| !cell.is_empty())
        };
        let product_id = cell("product_id").map(|id| parsed("product_id", id)).transpose()?;
        let named = cell("name").map(|name| named(name, &cell)).transpose()?;
        if product_id.is_none() && named.is_none() {
            return Err(Refusal::new("name", "EMPTY", "a line names its product by product_id or name"));
        }
        let terms = PutAvailability {
            price: cell("price").map(|price| parsed("price", price).map(Money)).transpose()?,
            pack: cell("pack").map(|pack| quantity("pack", pack)).transpose()?,
            minimum: cell("minimum").map(|minimum| quantity("minimum", minimum)).transpose()?,
            note: cell("note").map(str::to_owned),
        };
        Ok(Line { product_id, named, terms })
    }
}

fn named<'a>(name: &str, cell: &impl Fn(&str) -> Option<&'a str>) -> Result<Named, Refusal> {
    Ok(Named {
        name: name.to_owned(),
        brand: cell("brand").map(str::to_owned),
        unit: cell("unit").map(unit).transpose()?,
        step: cell("step").map(|step| quantity("step", step)).transpose()?,
    })
}

fn unit(text: &str) -> Result<Unit, Refusal> {
    crate::catalogue::unit(text).map_err(|detail| Refusal::new("unit", "INVALID", detail))
}

fn quantity(field: &str, text: &str) -> Result<Quantity, Refusal> {
    text.parse().map_err(|error: bulq_domain::quantity::QuantityError| {
        Refusal::new(field, "INVALID", error.to_string())
    })
}

fn parsed<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::new(field, "INVALID", format!("{text:?} makes no sense here")))
}

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Without the apostrophe that was put before a formula.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell)
}

fn harmless(cell: &str) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

/// The table of what a store sells.
#[must_use]
pub(crate) fn write(sold: &[StoreProduct]) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(COLUMNS).expect("a Vec takes everything");
    for line in sold {
        writer.write_record(cells(line)).expect("a Vec takes everything");
    }
    writer.into_inner().expect("a Vec takes everything")
}

fn cells(sold: &StoreProduct) -> [String; COLUMNS.len()] {
    let size = |size: Option<Quantity>| size.map(|size| size.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.as_deref().map(harmless).unwrap_or_default();
    let product = &sold.product;
    [
        product.id.to_string(),
        harmless(&product.name),
        text(&product.brand),
        crate::catalogue::unit_text(product.unit),
        product.step.to_string(),
        sold.price.map(|price| price.0.to_string()).unwrap_or_default(),
        size(sold.pack),
        size(sold.minimum),
        text(&sold.note),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals(text: &str) -> Vec<(u64, String, String)> {
        let lines = read(text.as_bytes()).expect("the file can be read");
        let refused = lines.into_iter().filter_map(|(n, line)| line.err().map(|e| (n, e.field, e.code)));
        refused.collect()
    }

    #[test]
    fn every_bad_line_is_named_and_the_others_are_read() {
        let text = "name,unit,price,pack\nRice,kg,199,25\nOil,barrel,1,1\n,kg,1,1\nTea,kg,cheap,1\nSalt,kg,1,-2\n\
                    Flour,kg,89,25,too,many\n\"Nuts, mixed\",kg,,0.5\n";

        let lines = read(text.as_bytes()).unwrap_or_default();

        assert_eq!(lines.iter().filter(|(_, line)| line.is_ok()).count(), 2);
        let named: Vec<_> = refusals(text).into_iter().map(|(n, field, _)| (n, field)).collect();
        let expected = [(3, "unit"), (4, "name"), (5, "price"), (6, "pack"), (7, "line")];
        assert_eq!(named, expected.map(|(n, field)| (n, field.to_owned())));
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        for (text, code) in [
            (&b"\xff\xfe"[..], "NOT_UTF8"),
            (b"colour,name\n", "UNKNOWN_COLUMN"),
            (b"name,name\n", "DOUBLE_COLUMN"),
            (b"unit,price\n", "MISSING_COLUMN"),
            (b"", "MISSING_COLUMN"),
        ] {
            assert_eq!(read(text).err().map(|refusal| refusal.code), Some(code.to_owned()));
        }
        let many = "name\n".to_owned() + &"Rice\n".repeat(MAX_LINES + 1);
        assert_eq!(
            read(many.as_bytes()).err().map(|refusal| refusal.code),
            Some("TOO_MANY_LINES".to_owned())
        );
    }

    #[test]
    fn semicolons_and_byte_order_marks_are_understood() {
        let lines = read("\u{feff}Name;Unit;Price\nРис; kg ;199\n".as_bytes()).unwrap_or_default();

        let Some((2, Ok(line))) = lines.first() else { panic!("{lines:?}") };
        assert_eq!(line.terms.price, Some(Money(199)));
        assert_eq!(line.named.as_ref().map(|named| named.name.as_str()), Some("Рис"));
    }

    #[test]
    fn a_formula_is_written_harmless_and_read_as_it_was() {
        for (cell, written) in [("=1+1", "'=1+1"), ("-x", "'-x"), ("'quoted", "'quoted"), ("Rice", "Rice")] {
            assert_eq!(harmless(cell), written);
            assert_eq!(plain(written), cell);
        }
    }
}
