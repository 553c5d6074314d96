//! The types of the wire as JSON schemas, each once.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Gathers what is referred to.
#[derive(Default)]
pub(crate) struct Schemas(Map<String, Value>);

/// A seq is an alias, which the schema's derive does not see through.
const SEQ: (&str, &str) = ("u64", "Seq");
/// Two types of different crates have one name: this is what the catalogue's is called.
const IN_CATALOGUE: (&str, &str) = ("Product", "CatalogueProduct");

impl Schemas {
    /// A reference to `T`, which is gathered with everything it refers to.
    pub(crate) fn reference<T: ToSchema>(&mut self) -> Value {
        self.gather::<T>(true);
        json!({ "$ref": format!("#/components/schemas/{}", name::<T>(&T::name())) })
    }

    /// `T` itself, without being a component.
    pub(crate) fn whole<T: ToSchema>(&mut self) -> Value {
        self.gather::<T>(false);
        written::<T>(&T::schema())
    }

    pub(crate) fn listing<T: ToSchema>(&mut self) -> Value {
        let items = self.reference::<T>();
        json!({
            "type": "object",
            "required": ["items", "next_cursor"],
            "properties": {
                "items": { "type": "array", "items": items },
                "next_cursor": { "type": ["string", "null"], "description": "null on the last page" },
            },
        })
    }

    pub(crate) fn into_components(self) -> Map<String, Value> {
        self.0
    }

    fn gather<T: ToSchema>(&mut self, itself: bool) {
        let mut referred = Vec::new();
        T::schemas(&mut referred);
        if itself {
            referred.push((T::name().into_owned(), T::schema()));
        }
        for (of, schema) in referred {
            let schema = written::<T>(&schema);
            let known = self.0.entry(name::<T>(&of)).or_insert_with(|| schema.clone());
            debug_assert_eq!(*known, schema, "two types are called {of}");
        }
    }
}

fn name<T>(name: &str) -> String {
    let in_catalogue = std::any::type_name::<T>().starts_with("bulq_protocol::catalogue::");
    match name {
        name if name == SEQ.0 => SEQ.1.to_owned(),
        name if name == IN_CATALOGUE.0 && in_catalogue => IN_CATALOGUE.1.to_owned(),
        name => name.to_owned(),
    }
}

fn written<T>(schema: &impl serde::Serialize) -> Value {
    let mut schema = serde_json::to_value(schema).expect("a schema is plain data");
    rename::<T>(&mut schema);
    schema
}

fn rename<T>(schema: &mut Value) {
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(rename::<T>),
        Value::Array(items) => items.iter_mut().for_each(rename::<T>),
        Value::String(text) => {
            if let Some(of) = text.strip_prefix("#/components/schemas/") {
                *text = format!("#/components/schemas/{}", name::<T>(of));
            }
        }
        _ => {}
    }
}
