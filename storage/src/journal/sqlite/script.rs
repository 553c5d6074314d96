//! A whole transaction, as one text: each trip to the connection's thread costs more than most statements.

use serde::{Serialize, Serializer};
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::fmt::Write;
use std::sync::Arc;
use uuid::Uuid;

/// Up to so many rows are bound value by value: taking one apart as JSON costs more than writing it. More would be a text
/// of their own for each number of rows, and every text is prepared once.
const FEW: usize = 8;

/// How SQLite puts it that [`Script::expect`] was disappointed.
pub(super) const NOT_AS_EXPECTED: &str = "malformed JSON";

pub(super) struct Script {
    text: String,
    /// What the statements take, in order.
    values: Vec<Value>,
}

/// What SQLite stores.
pub(super) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Id(Uuid),
}

/// A row as values, in the order of its columns. Columns whose names end in `_id` hold ids.
pub(super) trait Columns {
    const NAMES: &'static [&'static str];

    fn values(&self) -> Vec<Value>;
}

/// The columns of a row are fields of it.
macro_rules! columns {
    ($row:ty: $($column:ident),+) => {
        impl $crate::journal::sqlite::script::Columns for $row {
            const NAMES: &'static [&'static str] = &[$(stringify!($column)),+];

            fn values(&self) -> Vec<$crate::journal::sqlite::script::Value> {
                vec![$((&self.$column).into()),+]
            }
        }
    };
}
pub(super) use columns;

impl<C: Columns> Columns for &C {
    const NAMES: &'static [&'static str] = C::NAMES;

    fn values(&self) -> Vec<Value> {
        (**self).values()
    }
}

impl Script {
    pub(super) fn begin() -> Self {
        Self { text: "begin immediate".to_owned(), values: Vec::new() }
    }

    /// Adds a statement that takes its rows as `$1`, a JSON array; without rows, nothing.
    pub(super) fn write<R: Serialize>(&mut self, sql: &'static str, rows: &[R]) {
        if !rows.is_empty() {
            self.add(sql, Value::Text(json(rows)));
        }
    }

    /// Adds a statement that takes its rows from the table `n`; without rows, nothing.
    pub(super) fn write_columns<R: Columns>(&mut self, sql: &'static str, rows: &[R]) {
        if rows.is_empty() {
            return;
        }
        let names = R::NAMES.join(", ");
        if rows.len() <= FEW {
            self.push(format_args!("; with n ({names}) as (values "));
            for (i, row) in rows.iter().enumerate() {
                self.push(format_args!("{}", if i == 0 { "(" } else { ", (" }));
                self.bind_all(row.values());
            }
        } else {
            let rows: Vec<_> = rows.iter().map(Columns::values).collect();
            self.values.push(Value::Text(json(&rows)));
            // Each use of the value that json_each gives is written out and parsed anew.
            let number = self.values.len();
            self.push(format_args!(
                "; with row as materialized (select value as v from json_each(${number})), n ({names}) as (select "
            ));
            for (i, name) in R::NAMES.iter().enumerate() {
                let comma = if i == 0 { "" } else { ", " };
                match name.ends_with("_id") {
                    true => self.push(format_args!("{comma}unhex(v ->> {i})")),
                    false => self.push(format_args!("{comma}v ->> {i}")),
                }
            }
            self.push(format_args!(" from row"));
        }
        self.push(format_args!(") {sql}"));
    }

    /// The statement before must have written so many rows, or all of this is undone.
    pub(super) fn expect(&mut self, rows: usize) {
        if rows > 0 {
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            self.add("select 1 where json(iif(changes() = $1, '1', '')) is null", Value::Integer(rows));
        }
    }

    /// The texts are constant and few of them come in many orders: each whole is prepared once.
    pub(super) fn add(&mut self, sql: &'static str, value: Value) {
        self.values.push(value);
        let number = format!("${}", self.values.len());
        self.push(format_args!("; {}", sql.replace("$1", &number)));
    }

    pub(super) async fn run(mut self, c: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.push(format_args!("; commit"));
        let mut query = sqlx::query(AssertSqlSafe(self.text));
        for value in self.values {
            query = match value {
                Value::Null => query.bind(None::<i64>),
                Value::Integer(value) => query.bind(value),
                Value::Text(text) => query.bind(text),
                Value::Id(id) => query.bind(id),
            };
        }
        query.execute(c).await.map(drop)
    }

    fn bind_all(&mut self, values: Vec<Value>) {
        for (i, value) in values.into_iter().enumerate() {
            self.values.push(value);
            let (comma, number) = (if i == 0 { "" } else { ", " }, self.values.len());
            self.push(format_args!("{comma}${number}"));
        }
        self.push(format_args!(")"));
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        self.text.write_fmt(text).expect("a string takes any text");
    }
}

fn json<R: Serialize>(rows: &[R]) -> String {
    serde_json::to_string(rows).expect("rows of plain values make JSON")
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Id(id) => uuid::serde::simple::serialize(id, serializer),
        }
    }
}

impl From<&i64> for Value {
    fn from(value: &i64) -> Self {
        Self::Integer(*value)
    }
}

impl From<&bool> for Value {
    fn from(value: &bool) -> Self {
        Self::Integer(i64::from(*value))
    }
}

impl From<&Uuid> for Value {
    fn from(id: &Uuid) -> Self {
        Self::Id(*id)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&Arc<str>> for Value {
    fn from(text: &Arc<str>) -> Self {
        Self::Text(text.to_string())
    }
}

impl From<&&'static str> for Value {
    fn from(text: &&'static str) -> Self {
        Self::Text((*text).to_owned())
    }
}

impl<T> From<&Option<T>> for Value
where
    for<'a> &'a T: Into<Self>,
{
    fn from(value: &Option<T>) -> Self {
        value.as_ref().map_or(Self::Null, Into::into)
    }
}
