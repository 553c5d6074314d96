//! People, groups, stores and products.

use super::{PASSWORD, csv, text};
use crate::edge::Edge;
use crate::security::passwords::Passwords;
use crate::{clock, security};
use bulq_actors::Who;
use bulq_domain::{GroupId, Quantity, StoreId, UserId};
use bulq_storage::accounts::{self, NewUser};
use bulq_storage::catalogue::{self, Availability, NewProduct, NewStore, ProductFields, StoreFields};
use bulq_storage::groups::{self, MembershipLimits, NewGroup, NewInvite, Role};
use std::sync::Arc;
use uuid::Uuid;

pub(super) struct World {
    pub(super) groups: Vec<Group>,
    pub(super) stores: Vec<(String, StoreId)>,
}

pub(super) struct Group {
    pub(super) id: GroupId,
    /// Whoever founded it first.
    pub(super) members: Vec<Who>,
}

impl World {
    pub(super) fn store(&self, name: &str) -> Result<StoreId, String> {
        let found = self.stores.iter().find(|(n, _)| n.starts_with(name)).map(|(_, id)| *id);
        found.ok_or_else(|| format!("stores.csv has no store {name}"))
    }
}

pub(super) async fn make(edge: &Edge, people: &[csv::Person]) -> Result<World, String> {
    let everybody = make_people(edge, people).await?;
    let author = everybody.first().ok_or("people.csv is empty")?.1.user;
    let stores = make_catalogue(edge, author).await?;
    Ok(World { groups: make_groups(edge, &everybody).await?, stores })
}

type Named = Vec<(String, Who)>;

async fn make_people(edge: &Edge, people: &[csv::Person]) -> Result<Named, String> {
    // One hash for all: they all have the password that is printed.
    let hash = Passwords::new().hash(PASSWORD).await.map_err(|_| "the server is crowded")?;
    let mut made = Vec::new();
    for person in people {
        let new = NewUser {
            id: Uuid::now_v7(),
            username: person.username.clone(),
            name: person.name.clone(),
            password_hash: hash.clone(),
            language: person.language.clone(),
            at: clock::micros(),
        };
        let user = accounts::create_user(edge.db(), new).await.map_err(text)?;
        made.push((user.username, who(user.id, user.name)));
    }
    Ok(made)
}

/// Somebody who acts without being logged in.
pub(super) fn who(user: Uuid, name: String) -> Who {
    Who { user: UserId(user), name: Arc::from(name), session: Uuid::nil() }
}

async fn make_groups(edge: &Edge, everybody: &Named) -> Result<Vec<Group>, String> {
    let mut groups: Vec<(String, Group)> = Vec::new();
    for membership in csv::memberships() {
        let found = everybody.iter().find(|(username, _)| *username == membership.username);
        let (_, person) = found.ok_or_else(|| format!("people.csv has no {}", membership.username))?;
        let at = groups.iter().position(|(name, _)| *name == membership.group);
        match at {
            None => {
                let group = Group {
                    id: found_group(edge, &membership, person).await?,
                    members: vec![person.clone()],
                };
                groups.push((membership.group, group));
            }
            Some(at) => {
                let group = &mut groups[at].1;
                join(edge, group, person, membership.is_admin).await?;
                group.members.push(person.clone());
            }
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

async fn found_group(edge: &Edge, membership: &csv::Membership, founder: &Who) -> Result<GroupId, String> {
    let new = NewGroup {
        id: Uuid::now_v7(),
        name: membership.group.clone(),
        currency: membership.currency.clone(),
        created_by: founder.user.0,
        at: clock::micros(),
    };
    Ok(GroupId(groups::create_group(edge.db(), new, 100).await.map_err(text)?.id))
}

async fn join(edge: &Edge, group: &Group, person: &Who, admin: bool) -> Result<(), String> {
    let hash = security::hash(&security::random_secret());
    let limits = MembershipLimits { members_per_group: 100, groups_per_user: 100 };
    let (at, founder) = (clock::micros(), group.members[0].user.0);
    let invite = NewInvite {
        id: Uuid::now_v7(),
        group_id: group.id.0,
        token_hash: hash.clone(),
        created_by: founder,
        expires_at: Some(at + 60_000_000),
        max_uses: Some(1),
        at,
    };
    let invite = groups::create_invite(edge.db(), invite).await.map_err(text)?;
    groups::accept_invite(edge.db(), &hash, person.user.0, at, limits).await.map_err(text)?;
    groups::revoke_invite(edge.db(), group.id.0, invite.id, at).await.map_err(text)?;
    if admin {
        groups::set_role(edge.db(), group.id.0, founder, person.user.0, Role::Admin).await.map_err(text)?;
    }
    Ok(())
}

async fn make_catalogue(edge: &Edge, by: UserId) -> Result<Vec<(String, StoreId)>, String> {
    let at = clock::micros();
    let stores: Vec<_> = csv::stores().into_iter().map(|store| new_store(store, by, at)).collect();
    let named: Vec<_> = stores.iter().map(|store| (store.fields.name.clone(), StoreId(store.id))).collect();
    let (mut products, mut sold) = (Vec::new(), Vec::new());
    for row in csv::products() {
        let (product, availability) = new_product(&row, &named, by, at)?;
        products.push(product);
        sold.push(availability);
    }
    catalogue::insert_catalogue(edge.db(), &stores, &products, &sold).await.map_err(text)?;
    Ok(named)
}

fn new_store(store: csv::Store, by: UserId, at: i64) -> NewStore {
    let fields = StoreFields {
        name: store.name,
        chain: Some(store.chain).filter(|chain| !chain.is_empty()),
        address: Some(store.address),
        hours: Some(store.hours).filter(|hours| !hours.is_empty()),
        note: None,
    };
    NewStore { id: Uuid::now_v7(), fields, created_by: by.0, at }
}

fn new_product(
    row: &csv::Product,
    stores: &[(String, StoreId)],
    by: UserId,
    at: i64,
) -> Result<(NewProduct, Availability), String> {
    let product_id = Uuid::now_v7();
    let (_, store) = stores
        .iter()
        .find(|(name, _)| *name == row.store)
        .ok_or_else(|| format!("stores.csv has no store {}", row.store))?;
    let fields = ProductFields {
        name: row.name.clone(),
        brand: Some(row.brand.clone()).filter(|brand| !brand.is_empty()),
        unit: row.unit.clone(),
        step_thousandths: thousandths(&row.step)?.unwrap_or(1000),
        tags: row.tags.split('|').filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        ..ProductFields::default()
    };
    let product = NewProduct { id: product_id, fields, created_by: by.0, at };
    let availability = Availability {
        store_id: store.0,
        product_id,
        price: row.price.parse().ok(),
        pack_thousandths: thousandths(&row.pack)?,
        minimum_thousandths: thousandths(&row.minimum)?,
        note: None,
        observation_id: Uuid::now_v7(),
        by: by.0,
        at,
    };
    Ok((product, availability))
}

/// None for an empty field.
fn thousandths(field: &str) -> Result<Option<i64>, String> {
    if field.is_empty() {
        return Ok(None);
    }
    let quantity: Quantity = field.parse().map_err(|error| format!("products.csv: {field}: {error}"))?;
    Ok(Some(quantity.thousandths().into()))
}
