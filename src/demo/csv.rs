//! The files of `demo/`, embedded. Comma-separated, RFC 4180, a header line; see the README beside them.

pub(super) struct Person {
    pub(super) username: String,
    pub(super) name: String,
    pub(super) language: String,
}

pub(super) struct Membership {
    pub(super) group: String,
    pub(super) currency: String,
    pub(super) username: String,
    pub(super) is_admin: bool,
}

pub(super) struct Store {
    pub(super) name: String,
    pub(super) chain: String,
    pub(super) address: String,
    pub(super) hours: String,
}

pub(super) struct Product {
    pub(super) name: String,
    pub(super) brand: String,
    pub(super) unit: String,
    pub(super) step: String,
    pub(super) store: String,
    pub(super) price: String,
    pub(super) pack: String,
    pub(super) minimum: String,
    /// Separated by a vertical bar.
    pub(super) tags: String,
}

pub(super) fn people() -> Vec<Person> {
    rows(include_str!("../../demo/people.csv"), |[username, name, language]| Person {
        username,
        name,
        language,
    })
}

pub(super) fn memberships() -> Vec<Membership> {
    rows(include_str!("../../demo/groups.csv"), |[group, currency, username, role]| Membership {
        group,
        currency,
        username,
        is_admin: role == "admin",
    })
}

pub(super) fn stores() -> Vec<Store> {
    rows(include_str!("../../demo/stores.csv"), |[name, chain, address, hours]| Store {
        name,
        chain,
        address,
        hours,
    })
}

pub(super) fn products() -> Vec<Product> {
    let file = include_str!("../../demo/products.csv");
    rows(file, |[name, brand, unit, step, store, price, pack, minimum, tags]| Product {
        name,
        brand,
        unit,
        step,
        store,
        price,
        pack,
        minimum,
        tags,
    })
}

/// Lines without the expected number of fields are left out; a test says there are none.
fn rows<const N: usize, T>(file: &str, row: impl Fn([String; N]) -> T) -> Vec<T> {
    file.lines().skip(1).filter_map(|line| fields(line).try_into().ok().map(&row)).collect()
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let field = fields.last_mut().expect("there is always a field");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_file_is_read() {
        let lines = |file: &str| file.lines().count() - 1;

        assert_eq!(people().len(), lines(include_str!("../../demo/people.csv")));
        assert_eq!(memberships().len(), lines(include_str!("../../demo/groups.csv")));
        assert_eq!(stores().len(), lines(include_str!("../../demo/stores.csv")));
        assert_eq!(products().len(), lines(include_str!("../../demo/products.csv")));
        assert!(products().len() >= 200);
    }

    #[test]
    fn quotes_hold_commas_together() {
        assert_eq!(fields(r#"a,"b, ""c""",,d"#), ["a", r#"b, "c""#, "", "d"]);
    }
}
