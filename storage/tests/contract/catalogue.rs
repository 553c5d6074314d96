//! Stores, products, prices.

use crate::world::{T0, World, product_fields, store_fields};
use bulq_storage::Page;
use bulq_storage::catalogue::{
    self, Availability, CatalogueError, NewProduct, NewStore, ProductPatch, StorePatch,
};
use uuid::Uuid;

on_both! {
    a_product_is_offered_even_where_nobody_named_a_price,
    a_price_is_noted_when_it_differs_from_that_days_latest,
    what_does_not_exist_cannot_be_available,
    names_are_searched_in_any_case_and_wildcards_mean_themselves,
    a_list_stays_right_while_rows_are_added,
    fields_can_be_changed,
    what_is_sold_or_found_is_listed_by_the_name_it_has_now,
}

const DAY: i64 = 86_400_000_000;

fn seen(world: &World, price: i64, at: i64) -> Availability {
    Availability {
        store_id: world.store,
        product_id: world.products[0],
        price: Some(price),
        pack_thousandths: Some(12_000),
        minimum_thousandths: None,
        note: None,
        observation_id: Uuid::now_v7(),
        by: world.leader,
        at,
    }
}

async fn a_product_is_offered_even_where_nobody_named_a_price(world: World) {
    let offer = async |product| catalogue::offer(&world.db, world.store, product).await.unwrap();
    catalogue::put_availability(&world.db, &seen(&world, 199, T0)).await.unwrap();

    let known = offer(world.products[0]).await.unwrap();
    let bare = offer(world.products[1]).await.unwrap();

    assert_eq!(
        (known.price, known.pack_thousandths, known.minimum_thousandths),
        (Some(199), Some(12_000), None)
    );
    assert_eq!((bare.name.as_str(), bare.price, bare.step_thousandths), ("Lentils", None, 1000));
    assert_eq!(offer(Uuid::now_v7()).await, None);
}

async fn a_price_is_noted_when_it_differs_from_that_days_latest(world: World) {
    for (price, at) in [(100, T0), (100, T0 + 1), (120, T0 + 2), (100, T0 + 3), (100, T0 + DAY)] {
        catalogue::put_availability(&world.db, &seen(&world, price, at)).await.unwrap();
    }

    let page = catalogue::prices(&world.db, world.products[0], &Page::first(10)).await.unwrap();

    let noted: Vec<_> = page.items.iter().map(|o| (o.price, o.observed_at)).collect();
    assert_eq!(noted, [(100, T0 + DAY), (100, T0 + 3), (120, T0 + 2), (100, T0)]);
    assert_eq!(page.items[0].store_name, "Wholesale");
    let sold = catalogue::products_of_store(&world.db, world.store, &Page::first(10)).await.unwrap();
    assert_eq!(sold.items.len(), 1);
    assert_eq!((sold.items[0].price, sold.items[0].updated_at), (Some(100), T0 + DAY));
}

async fn what_does_not_exist_cannot_be_available(world: World) {
    let no_store = Availability { store_id: Uuid::now_v7(), ..seen(&world, 1, T0) };
    let no_product = Availability { product_id: Uuid::now_v7(), ..seen(&world, 1, T0) };

    let store = catalogue::put_availability(&world.db, &no_store).await;
    let product = catalogue::put_availability(&world.db, &no_product).await;

    assert!(matches!(store, Err(CatalogueError::StoreNotFound)), "{store:?}");
    assert!(matches!(product, Err(CatalogueError::ProductNotFound)), "{product:?}");
    assert_eq!(world.count("price_observations").await, 0);
}

async fn add_product(world: &World, name: &str) -> Uuid {
    let new =
        NewProduct { id: Uuid::now_v7(), fields: product_fields(name), created_by: world.leader, at: T0 };
    catalogue::create_product(&world.db, new).await.unwrap().id
}

async fn found(world: &World, query: &str) -> Vec<String> {
    let page = catalogue::products(&world.db, &Page::first(10), Some(query)).await.unwrap();
    page.items.into_iter().map(|product| product.name).collect()
}

async fn names_are_searched_in_any_case_and_wildcards_mean_themselves(world: World) {
    for name in ["100 % Čaj", "Back\\slash", "under_score", "ČAJ"] {
        add_product(&world, name).await;
    }

    assert_eq!(found(&world, "čaj").await, ["100 % Čaj", "ČAJ"]);
    assert_eq!(found(&world, "0 % č").await, ["100 % Čaj"]);
    assert_eq!(found(&world, "r_s").await, ["under_score"]);
    assert_eq!(found(&world, "k\\s").await, ["Back\\slash"]);
    assert_eq!(found(&world, "k\"s").await, [""; 0]);
    assert_eq!(found(&world, "").await.len(), 7);
}

async fn what_is_sold_or_found_is_listed_by_the_name_it_has_now(world: World) {
    for product_id in world.products.clone() {
        let seen = Availability { product_id, observation_id: Uuid::now_v7(), ..seen(&world, 1, T0) };
        catalogue::put_availability(&world.db, &seen).await.unwrap();
    }
    let rename = ProductPatch { name: Some("Aromatic rice".to_owned()), ..ProductPatch::default() };
    catalogue::patch_product(&world.db, world.products[0], rename).await.unwrap();
    let rename = ProductPatch { name: Some("Virgin rice oil".to_owned()), ..ProductPatch::default() };
    catalogue::patch_product(&world.db, world.products[2], rename).await.unwrap();

    let (mut page, mut sold, mut found) = (Page::first(1), Vec::new(), Vec::new());
    loop {
        let part = catalogue::products_of_store(&world.db, world.store, &page).await.unwrap();
        sold.extend(part.items.into_iter().map(|row| row.product.name));
        let Some(next) = part.next else { break };
        page.after = Some(next);
    }
    page.after = None;
    loop {
        let part = catalogue::products(&world.db, &page, Some("rice")).await.unwrap();
        found.extend(part.items.into_iter().map(|product| product.name));
        let Some(next) = part.next else { break };
        page.after = Some(next);
    }

    assert_eq!(sold, ["Aromatic rice", "Lentils", "Virgin rice oil"]);
    assert_eq!(found, ["Aromatic rice", "Virgin rice oil"]);
}

async fn a_list_stays_right_while_rows_are_added(world: World) {
    let first = catalogue::products(&world.db, &Page::first(2), None).await.unwrap();
    for name in ["Almonds", "Mangoes", "Zucchini"] {
        add_product(&world, name).await;
    }
    let rest = Page { limit: 100, after: first.next };
    let rest = catalogue::products(&world.db, &rest, None).await.unwrap();

    let names = |items: &[catalogue::Product]| items.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&first.items), ["Lentils", "Olive oil"]);
    assert_eq!(names(&rest.items), ["Rice", "Zucchini"]);
}

async fn fields_can_be_changed(world: World) {
    let patch = StorePatch {
        name: Some("Market".to_owned()),
        chain: Some(Some("Green".to_owned())),
        hours: Some(Some("Mo-Sa 08:00-20:00".to_owned())),
        ..StorePatch::default()
    };
    let changed = catalogue::patch_store(&world.db, world.store, patch.clone()).await.unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.chain.as_deref()), ("Market", Some("Green")));
    assert_eq!(changed.hours.as_deref(), Some("Mo-Sa 08:00-20:00"));
    assert_eq!(catalogue::patch_store(&world.db, Uuid::now_v7(), patch).await.unwrap(), None);
    let unchain = StorePatch { chain: Some(None), ..StorePatch::default() };
    let changed = catalogue::patch_store(&world.db, world.store, unchain).await.unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.chain), ("Market", None));

    let fields = store_fields("Markt");
    let new = NewStore { id: Uuid::now_v7(), fields, created_by: world.leader, at: T0 };
    let created = catalogue::create_store(&world.db, new).await.unwrap();
    assert_eq!(catalogue::store(&world.db, created.id).await.unwrap(), Some(created));
    assert_eq!(catalogue::stores(&world.db, &Page::first(9), Some("MARK")).await.unwrap().items.len(), 2);

    let patch = ProductPatch { name: Some("Basmati".to_owned()), ..ProductPatch::default() };
    let changed = catalogue::patch_product(&world.db, world.products[0], patch).await.unwrap().unwrap();
    assert_eq!(found(&world, "asmat").await, ["Basmati"]);
    assert_eq!(found(&world, "Rice").await, [""; 0]);
    assert_eq!(catalogue::product(&world.db, world.products[0]).await.unwrap(), Some(changed));
}
