//! The table of results, made of what `bulq-load`, pgbench and criterion wrote into a folder, and its place in a document.
//!
//! | file in the folder | what it is |
//! |---|---|
//! | `DATABASE/NAME.json` | what `bulq-load --json` wrote, `DATABASE` being `sqlite` or `postgres` |
//! | `peers/PEER/NAME.json` | the same of a server it is compared with |
//! | `NAME.1.json`, `NAME.2.json` … | in place of `NAME.json`: a window each, taken in turn with others |
//! | `peers/pgbench/CLIENTS.txt` | transactions per second of pgbench, a line for each window |
//! | `criterion.json` | criterion's estimates of one bid at 100 × 100 |
//! | `machine.md` | rows that say on what it was measured |

mod figures;
mod rows;

use figures::{Folder, Series};
use rows::{Judge, ROWS, Row};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// What is written stands between these lines; the rest of the document is left alone.
const BEGIN: &str = "<!-- make bench writes from here … -->";
const END: &str = "<!-- … to here -->";

const DATABASES: [(&str, &str); 2] = [("sqlite", "SQLite"), ("postgres", "PostgreSQL")];

pub use figures::{half_of_peak, rate_at_half_busy};

/// The document with the results of this folder in place of those it had.
///
/// # Errors
/// If the document has no place for them, or a file of the folder cannot be understood.
pub fn write_into(document: &str, folder: &Path) -> Result<String, String> {
    let begin = document.find(BEGIN).ok_or_else(|| format!("the document has no line {BEGIN}"))?;
    let end =
        document.find(END).filter(|end| *end > begin).ok_or_else(|| format!("no line {END} behind it"))?;
    let section = section(&Folder::new(folder))?;
    Ok(format!("{}{BEGIN}\n\n{section}\n{}", &document[..begin], &document[end..]))
}

fn section(folder: &Folder) -> Result<String, String> {
    let mut out = String::new();
    let machine = folder.text("machine.md").unwrap_or_default();
    if !machine.is_empty() {
        let _ = write!(out, "| | |\n|---|---|\n{machine}\n");
    }
    out.push_str("| # | what | on | median (min … max) | beside it | ratio | target | |\n");
    out.push_str("|---|---|---|---|---|---|---|---|\n");
    for row in &ROWS {
        for (database, title) in DATABASES {
            if let Some(line) = line(row, database, title, folder)? {
                out.push_str(&line);
            }
        }
    }
    let growth = growth(folder)?;
    if !growth.is_empty() {
        out.push_str("\nP16, how cost grows:\n\n");
        out.push_str(&growth);
    }
    Ok(out)
}

/// None if it is not measured on this database.
fn line(row: &Row, database: &str, title: &str, folder: &Folder) -> Result<Option<String>, String> {
    let title = match row.only {
        Some(only) if only != database => return Ok(None),
        _ if row.everywhere => {
            if database != DATABASES[0].0 {
                return Ok(None);
            }
            "–"
        }
        _ => title,
    };
    let (id, what, target) = (row.id, row.what, row.target);
    let Some(ours) = (row.ours)(folder, database)? else {
        return Ok(Some(format!("| {id} | {what} | {title} | not measured | | | {target} | |\n")));
    };
    let beside = (row.beside)(folder, database)?;
    let ratio =
        beside.as_ref().filter(|beside| beside.compares).map(|beside| ours.median() / beside.series.median());
    let verdict = match (row.judge, ratio) {
        (Judge::Nothing, _) => "",
        _ if row.no_target_on == Some(database) => "",
        (Judge::AtMost(most), _) => reached(ours.median() <= most),
        (Judge::AtLeast(least), _) => reached(ours.median() >= least),
        (Judge::RatioAtMost(_) | Judge::RatioAtLeast(_), None) => "nothing to compare with",
        (Judge::RatioAtMost(most), Some(ratio)) => reached(ratio <= most),
        (Judge::RatioAtLeast(least), Some(ratio)) => reached(ratio >= least),
        (Judge::Flush { times, more }, _) => match &beside {
            Some(beside) => reached(ours.median() <= times * beside.series.median() + more),
            None => "nothing to compare with",
        },
    };
    let beside = match beside {
        Some(beside) => format!("{} {}", beside.name, beside.series),
        None if row.needs_peer && row.no_target_on != Some(database) => {
            "no peer was named or found".to_owned()
        }
        None => "–".to_owned(),
    };
    let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2} ×"));
    let unit = row.unit;
    Ok(Some(format!(
        "| {id} | {what} | {title} | {ours} {unit} | {beside} | {ratio} | {target} | {verdict} |\n"
    )))
}

const fn reached(yes: bool) -> &'static str {
    if yes { "reached" } else { "**misses**" }
}

/// Every figure of the growth scenarios, and their pictures.
fn growth(folder: &Folder) -> Result<String, String> {
    let mut out = String::new();
    for (name, title) in [
        ("growth-bids", "CPU of one durable bid on one run, server and database, µs"),
        ("growth-screens", "CPU of one event on one screen, the bids included, µs"),
        ("growth-lists", "one request, and the start, by the runs in the database: ms, p50"),
    ] {
        for (database, on) in DATABASES {
            let figures = folder.figures(database, name)?;
            let figures: Vec<_> = figures.iter().filter(|(name, _)| !name.contains("_cpu_ms_")).collect();
            if figures.is_empty() {
                continue;
            }
            let _ = writeln!(out, "{title}, {on} ([picture](performance/{name}-{database}.svg)):\n");
            out.push_str(&grid(&figures));
            out.push('\n');
        }
    }
    Ok(out)
}

/// A column for each number that stands last in a name, a row for what stands before it.
fn grid(figures: &[(&String, &f64)]) -> String {
    let mut columns = BTreeMap::new();
    let mut rows: BTreeMap<_, BTreeMap<u64, f64>> = BTreeMap::new();
    for (name, value) in figures {
        let words: Vec<_> = name.split('_').collect();
        let number = |word: &&str| word.parse::<u64>().ok();
        let Some(at) = words.iter().rposition(|word| number(word).is_some()) else { continue };
        let (row, column) = words.split_at(at);
        let Some(size) = number(&column[0]) else { continue };
        columns.insert(size, column.join(" "));
        rows.entry((row.iter().find_map(number), row.join(" "))).or_default().insert(size, **value);
    }
    let mut out = String::from("| |");
    for title in columns.values() {
        let _ = write!(out, " {title} |");
    }
    let _ = write!(out, "\n|---|{}\n", "---|".repeat(columns.len()));
    for ((_, title), cells) in &rows {
        let _ = write!(out, "| {title} |");
        for size in columns.keys() {
            let cell = cells.get(size).map_or_else(String::new, |value| figures::short(*value));
            let _ = write!(out, " {cell} |");
        }
        out.push('\n');
    }
    out
}

/// What something is held against.
struct Beside {
    name: String,
    series: Series,
    /// A ratio of the two says something.
    compares: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder_with(name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("bulq-table-{name}-{}", std::process::id()));
        for (file, text) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn windows(field: &str, values: [f64; 3]) -> String {
        let one = |value: f64| format!(r#"{{"{field}":{value},"database_us":0}}"#);
        format!(r#"[{{"windows":[{}],"figures":{{}}}}]"#, values.map(one).join(","))
    }

    #[test]
    fn the_rest_of_the_document_stays_and_losing_rows_are_marked() {
        let folder = folder_with(
            "losing",
            &[
                ("sqlite/fanout-16.1.json", &windows("server_us", [0.9, 0.7, 0.7])),
                ("sqlite/fanout-16.2.json", &windows("server_us", [0.6, 0.6, 0.9])),
                ("peers/Bun/fanout-16.1.json", &windows("server_us", [0.5, 0.5, 0.5])),
                ("sqlite/fanout-1.json", &windows("server_us", [6.0, 6.1, 6.2])),
                ("peers/Bun/fanout-1.json", &windows("server_us", [5.0, 5.0, 5.0])),
                ("sqlite/rooms.json", &windows("server_us", [70.0, 71.0, 72.0])),
            ],
        );
        let document = format!("# By hand\n{BEGIN}\nold\n{END}\nalso by hand\n");

        let written = write_into(&document, &folder).unwrap();

        assert!(written.starts_with("# By hand\n") && written.ends_with(&format!("{END}\nalso by hand\n")));
        assert!(!written.contains("old"));
        let row = |start: &str| written.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        let p1 = row("| P1 |");
        assert!(p1.contains("0.70 (0.60 … 0.90)") && p1.contains("Bun 0.50"), "{p1}");
        assert!(p1.contains("| 1.40 × |") && p1.ends_with("| **misses** |"), "{p1}");
        assert!(row("| P2 |").ends_with("| reached |"));
        assert!(row("| P3 |").contains("no peer was named or found"));
        assert!(row("| P4 |").contains("not measured"));
        assert_eq!(write_into(&written, &folder).unwrap(), written, "written twice it is the same");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn growth_is_a_table_in_the_order_of_its_sizes() {
        let figures = BTreeMap::from([
            ("us_per_bid_10_people_1_products".to_owned(), 26.3),
            ("us_per_bid_10_people_10_products".to_owned(), 27.5),
            ("us_per_bid_1_people_10_products".to_owned(), 23.9),
        ]);

        let grid = grid(&figures.iter().collect::<Vec<_>>());

        let expected = [
            "| | 1 products | 10 products |",
            "|---|---|---|",
            "| us per bid 1 people |  | 23.9 |",
            "| us per bid 10 people | 26.3 | 27.5 |",
            "",
        ];
        assert_eq!(grid, expected.join("\n"));
    }

    #[test]
    fn a_document_without_a_place_is_not_touched() {
        assert!(write_into("# By hand\n", Path::new("/nowhere")).is_err());
    }
}
