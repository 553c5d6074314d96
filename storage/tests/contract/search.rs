//! What people type is found: whatever its case, accents or alphabet, and with small mistakes.

use crate::world::{T0, World, product_fields, store_fields};
use bulq_storage::catalogue::{
    self, FamilyError, NewObservation, NewProduct, NewStore, ProductFields, ProductPatch,
};
use bulq_storage::{Page, migrate};
use uuid::Uuid;

on_both! {
    case_accents_and_alphabets_do_not_matter,
    a_product_is_found_by_its_brand_aliases_and_tags,
    two_letters_are_looked_for_at_the_beginning,
    names_that_are_alike_are_told_most_alike_first,
    what_an_older_version_wrote_is_made_findable,
    a_family_lists_its_members,
    a_family_is_of_one_unit_and_one_level,
    prices_are_kept_by_store_and_run,
}

async fn add(world: &World, fields: ProductFields) -> Uuid {
    let new = NewProduct { id: Uuid::now_v7(), fields, created_by: world.leader, at: T0 };
    catalogue::create_product(&world.db, new).await.unwrap().id
}

async fn found(world: &World, query: &str) -> Vec<String> {
    let page = catalogue::products(&world.db, &Page::first(10), Some(query)).await.unwrap();
    page.items.into_iter().map(|product| product.name).collect()
}

async fn case_accents_and_alphabets_do_not_matter(world: World) {
    for name in ["Пиринач", "Pirinač", "Ёжик", "Crème fraîche"] {
        add(&world, product_fields(name)).await;
    }

    for query in ["pirinac", "PIRINAČ", "пирИНАЧ", " iri "] {
        assert_eq!(found(&world, query).await, ["Pirinač", "Пиринач"], "{query}");
    }
    assert_eq!(found(&world, "ежи").await, ["Ёжик"]);
    assert_eq!(found(&world, "eme fra").await, ["Crème fraîche"]);
    let store =
        NewStore {
            id: Uuid::now_v7(), fields: store_fields("Млекара"), created_by: world.leader, at: T0
        };
    catalogue::create_store(&world.db, store).await.unwrap();
    assert_eq!(catalogue::stores(&world.db, &Page::first(9), Some("mleka")).await.unwrap().items.len(), 1);
}

async fn a_product_is_found_by_its_brand_aliases_and_tags(world: World) {
    let fields = ProductFields {
        brand: Some("Goldkorn".to_owned()),
        aliases: [("ru".to_owned(), vec!["Гречка".to_owned()])].into(),
        tags: vec!["glutenfrei".to_owned()],
        ..product_fields("Buchweizen")
    };
    add(&world, fields).await;

    for query in ["goldk", "греч", "grecka", "GLUTEN", "weizen"] {
        assert_eq!(found(&world, query).await, ["Buchweizen"], "{query}");
    }
    assert_eq!(found(&world, "weizen gold").await, [""; 0], "two texts do not run together");
}

async fn two_letters_are_looked_for_at_the_beginning(world: World) {
    assert_eq!(found(&world, "L").await, ["Lentils"]);
    assert_eq!(found(&world, "ol").await, ["Olive oil"]);
    assert_eq!(found(&world, "il").await, [""; 0]);
}

async fn names_that_are_alike_are_told_most_alike_first(world: World) {
    for name in ["Basmati rice", "Basmati rice, brown", "Jasmine rice", "Басмати"] {
        add(&world, product_fields(name)).await;
    }
    let similar = async |name| {
        let rows = catalogue::similar_products(&world.db, name).await.unwrap();
        rows.into_iter().map(|product| product.name).collect::<Vec<_>>()
    };

    assert_eq!(similar("basmatti rice").await[..2], ["Basmati rice", "Basmati rice, brown"]);
    assert_eq!(similar("басмати").await[0], "Басмати");
    assert_eq!(similar("Chocolate").await, [""; 0]);
    for nothing in ["", "  ", "b", "\"", "%"] {
        assert_eq!(similar(nothing).await, [""; 0], "{nothing}");
    }
    assert_eq!(catalogue::similar_stores(&world.db, "Wholesales").await.unwrap().len(), 1);
}

async fn what_an_older_version_wrote_is_made_findable(world: World) {
    add(&world, product_fields("Žito")).await;
    migrate_down_to_before_search(&world).await;

    migrate::up(&world.db).await.unwrap();

    assert_eq!(found(&world, "zito").await, ["Žito"]);
    assert_eq!(catalogue::stores(&world.db, &Page::first(9), Some("holesal")).await.unwrap().items.len(), 1);
    assert_eq!(catalogue::similar_products(&world.db, "Žitto").await.unwrap().len(), 1);
}

/// Version 16 and what came after it.
async fn migrate_down_to_before_search(world: &World) {
    let after = migrate::status(&world.db).await.unwrap().iter().filter(|m| m.version >= 16).count();
    migrate::down(&world.db, after).await.unwrap();
}

async fn a_family_lists_its_members(world: World) {
    let family = add(&world, ProductFields { is_family: true, ..product_fields("Rice, any") }).await;
    for name in ["Sushi rice", "Basmati"] {
        add(&world, ProductFields { family_id: Some(family), ..product_fields(name) }).await;
    }
    let patch = ProductPatch { family_id: Some(Some(family)), ..ProductPatch::default() };
    catalogue::patch_product(&world.db, world.products[0], patch).await.unwrap();
    let members = async || {
        let page = catalogue::members_of_family(&world.db, family, &Page::first(10)).await.unwrap();
        page.items.into_iter().map(|product| product.name).collect::<Vec<_>>()
    };

    assert_eq!(members().await, ["Basmati", "Rice", "Sushi rice"]);
    let patch = ProductPatch { family_id: Some(None), ..ProductPatch::default() };
    catalogue::patch_product(&world.db, world.products[0], patch).await.unwrap();
    assert_eq!(members().await, ["Basmati", "Sushi rice"]);
}

async fn a_family_is_of_one_unit_and_one_level(world: World) {
    let family = add(&world, ProductFields { is_family: true, ..product_fields("Rice, any") }).await;
    let create = async |fields| {
        let new = NewProduct { id: Uuid::now_v7(), fields, created_by: world.leader, at: T0 };
        catalogue::create_product(&world.db, new).await.unwrap_err()
    };
    let fields = |family| ProductFields { family_id: Some(family), ..product_fields("Sushi rice") };

    let by_weight = ProductFields { unit: "kg".to_owned(), ..fields(family) };
    assert!(matches!(create(by_weight).await, FamilyError::OtherUnit { unit } if unit == "piece"));
    let nested = ProductFields { is_family: true, ..fields(family) };
    assert!(matches!(create(nested).await, FamilyError::Nested));
    assert!(matches!(create(fields(world.products[0])).await, FamilyError::NotAFamily));
    assert!(matches!(create(fields(Uuid::now_v7())).await, FamilyError::NotFound));
    assert_eq!(found(&world, "Sushi").await, [""; 0], "nothing is left of it");
}

async fn prices_are_kept_by_store_and_run(world: World) {
    let other =
        NewStore { id: Uuid::now_v7(), fields: store_fields("Other"), created_by: world.leader, at: T0 };
    let other = catalogue::create_store(&world.db, other).await.unwrap().id;
    let observe = async |store, price, at| {
        let seen = NewObservation {
            id: Uuid::now_v7(),
            product_id: world.products[0],
            store_id: store,
            price,
            pack_thousandths: None,
            run_id: None,
            by: world.leader,
            at,
        };
        catalogue::observe_price(&world.db, &seen).await.unwrap()
    };

    assert!(observe(world.store, 100, T0).await);
    assert!(!observe(world.store, 100, T0 + 1).await);
    assert!(observe(other, 100, T0 + 2).await, "another store");
    assert!(observe(world.store, 110, T0 + 3).await);

    let history = async |store| {
        let page =
            catalogue::prices_in_store(&world.db, world.products[0], store, &Page::first(9)).await.unwrap();
        page.items.into_iter().map(|o| o.price).collect::<Vec<_>>()
    };
    assert_eq!(history(world.store).await, [110, 100]);
    assert_eq!(history(other).await, [100]);
    assert_eq!(
        catalogue::prices(&world.db, world.products[0], &Page::first(9)).await.unwrap().items.len(),
        3
    );
}
