//! Stores and products: found by what people type, corrected by anybody, taken in by the hundred.

use crate::support::{Cast, cents, q, stories};
use bulq_client::domain::run::Unit;
use bulq_client::protocol::catalogue::{
    Aliases, NewProduct, NewStore, PatchProduct, PatchStore, PutAvailability,
};
use bulq_client::{Client, Page};
use serde_json::json;

async fn import(who: &Client, store: impl std::fmt::Display, table: &str) -> bulq_client::RawResponse {
    let path = format!("/api/v1/stores/{store}/assortment.csv");
    who.raw_text("POST", &path, Some(table.to_owned()), &[("content-type", "text/csv")]).await.unwrap()
}

stories! {
    async fn one_box_finds_products_stores_groups_and_runs(app) {
        let cast = Cast::assemble(app).await;
        cast.run_with(|new| new.comment = Some("Млеко и сыр".to_owned().try_into().unwrap())).await;
        let fields = NewProduct {
            aliases: Aliases { ru: vec!["Молоко овсяное".to_owned()], ..Aliases::default() },
            tags: vec!["vegan".to_owned()],
            ..NewProduct::named("Zobeno mleko", Unit::L)
        };
        cast.a.create_product(&fields).await.unwrap();

        let found = cast.a.search("MLEK").await.unwrap();
        assert_eq!(found.products.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Zobeno mleko"]);
        assert_eq!(found.runs.len(), 1, "by its comment");
        assert_eq!(cast.a.search("овсян").await.unwrap().products.len(), 1);
        assert_eq!(cast.a.search("vegan").await.unwrap().products.len(), 1);
        let found = cast.b.search("mill").await.unwrap();
        assert_eq!((found.stores.len(), found.runs.len(), found.products.len()), (1, 1, 0));
        assert_eq!(cast.a.search("walkthr").await.unwrap().groups.len(), 1);
        let foreign = cast.outsider.search("walkthr").await.unwrap();
        assert!(foreign.groups.is_empty());
        assert!(cast.outsider.search("mill").await.unwrap().runs.is_empty(), "runs of others are not found");
        assert!(cast.a.search("%%%").await.unwrap().products.is_empty());
        for bad in ["", "%20", &"x".repeat(101)] {
            let answer = cast.a.raw("GET", &format!("/api/v1/search?q={bad}"), None, &[]).await.unwrap();
            assert_eq!(answer.status, 422, "{bad}");
        }
    }

    async fn a_name_that_is_there_already_is_noticed_while_typing(app) {
        let cast = Cast::assemble(app).await;

        let similar = cast.a.similar_products("susi rice").await.unwrap();
        assert_eq!(similar.items.iter().map(|p| p.id).collect::<Vec<_>>(), [cast.p1]);
        assert!(cast.a.similar_products("Chocolate").await.unwrap().items.is_empty());
        let stores = cast.a.raw("GET", "/api/v1/stores/similar?name=The%20mill", None, &[]).await.unwrap();
        assert_eq!(stores.json["items"].as_array().map(Vec::len), Some(1), "{}", stores.text);
    }

    async fn a_family_stands_for_its_members(app) {
        let cast = Cast::assemble(app).await;
        let family = NewProduct { is_family: true, ..NewProduct::named("Rice", Unit::Kg) };
        let family = cast.leader.create_product(&family).await.unwrap();
        let join = PatchProduct { family_id: Some(Some(family.id)), ..PatchProduct::default() };

        let member = cast.a.change_product(cast.p1, &join).await.unwrap();
        assert_eq!((member.family_id, member.name.as_str()), (Some(family.id), "Sushi rice"));
        let members = cast.a.family_members(family.id, &Page::default()).await.unwrap().items;
        assert_eq!(members, [member]);
        let path = format!("/api/v1/products/{}", cast.p2);
        let wrong = cast.a.raw("PATCH", &path, Some(&json!({ "family_id": family.id })), &[]).await.unwrap();
        assert_eq!((wrong.status, wrong.problem().errors[0].code.as_str()), (422, "FAMILY_OF_OTHER_UNIT"));
        let path = format!("/api/v1/products/{}", cast.p1);
        let left = cast.a.raw("PATCH", &path, Some(&json!({ "family_id": null })), &[]).await.unwrap();
        assert_eq!(left.json["family_id"], json!(null));
        let unknown = cast.a.raw("PATCH", &path, Some(&json!({ "colour": "red" })), &[]).await.unwrap();
        assert_eq!(unknown.status, 422);
    }

    async fn stores_and_products_are_corrected(app) {
        let cast = Cast::assemble(app).await;
        let store = NewStore { hours: Some("Mo-Fr 08:00-18:00".to_owned()), ..NewStore::named("Green corner") };
        let store = cast.a.create_store(&store).await.unwrap();
        let patch = PatchStore { chain: Some("Green".to_owned()), hours: Some(String::new()), ..PatchStore::default() };

        let changed = cast.b.change_store(store.id, &patch).await.unwrap();

        assert_eq!((changed.chain.as_deref(), changed.hours.as_deref()), (Some("Green"), None));
        assert_eq!(cast.a.store(store.id).await.unwrap(), changed);
        let patch = PatchProduct { tags: Some(vec!["rice".to_owned(), "rice".to_owned()]), ..PatchProduct::default() };
        assert_eq!(cast.a.change_product(cast.p1, &patch).await.unwrap().tags, ["rice"]);
        assert_eq!(cast.a.search("Green").await.unwrap().stores.len(), 1);
    }

    async fn a_price_history_is_kept_per_store(app) {
        let cast = Cast::assemble(app).await;
        let other = cast.leader.create_store(&NewStore::named("Corner")).await.unwrap().id;
        for (store, price) in [(cast.store, 150), (cast.store, 160), (other, 140), (cast.store, 160)] {
            let terms = PutAvailability { price: Some(cents(price)), ..PutAvailability::default() };
            cast.a.put_availability(store, cast.p2, &terms).await.unwrap();
        }

        let all = cast.b.prices(cast.p2, None, &Page::of(2)).await.unwrap();
        let here = cast.b.prices(cast.p2, Some(cast.store), &Page::default()).await.unwrap();

        assert_eq!(all.items.iter().map(|seen| seen.price.0).collect::<Vec<_>>(), [140, 160]);
        assert!(all.next_cursor.is_some());
        assert_eq!(here.items.iter().map(|seen| seen.price.0).collect::<Vec<_>>(), [160, 150]);
        assert_eq!(here.items[0].store_name, "Mill");
    }

    async fn an_assortment_goes_out_and_comes_in_line_by_line(app) {
        let cast = Cast::assemble(app).await;
        let table = format!(
            "product_id,name,brand,unit,step,price,pack,minimum,note\n\
             {},,,,,155,12,,\n\
             ,Пиринач,Zadruga,kg,0.5,199,25,,=SUM(A1)\n\
             ,пиринач,zadruga,kg,0.5,205,25,,second line of the same\n\
             ,Bad pack,,piece,1,100,1.5,,\n\
             ,Bad pack,,piece,1,100,2,,now it is good\n\
             ,Sushi rice,,piece,,1,,,other unit\n\
             {},,,,,1,,,\n\
             ,Dear,,piece,,999999999,,,\n\
             ,No unit,,,,1,,,\n",
            cast.p3,
            uuid::Uuid::now_v7(),
        );

        let report = import(&cast.a, cast.store, &table).await;
        assert_eq!(report.status, 200, "{}", report.text);
        let counts = ["lines", "imported", "created"].map(|name| report.json[name].as_u64().unwrap());
        assert_eq!(counts, [9, 4, 2], "{}", report.text);
        let refused: Vec<_> = report.json["refused"].as_array().unwrap().iter().collect();
        let named: Vec<_> = refused.iter().map(|r| (r["line"].as_u64().unwrap(), r["field"].as_str().unwrap())).collect();
        assert_eq!(named, [(5, "pack"), (7, "unit"), (8, "product_id"), (9, "price"), (10, "unit")]);

        let path = format!("/api/v1/stores/{}/assortment.csv", cast.store);
        let out = cast.b.raw("GET", &path, None, &[]).await.unwrap();
        assert!(out.header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
        assert_eq!(out.text.lines().count(), 4, "{}", out.text);
        assert!(out.text.contains("155,12") && out.text.contains("205,25"), "{}", out.text);
        let again = import(&cast.b, cast.store, &out.text).await;
        assert_eq!((again.json["imported"].as_u64(), again.json["created"].as_u64()), (Some(3), Some(0)));
        assert_eq!(cast.b.raw("GET", &path, None, &[]).await.unwrap().text, out.text, "what comes in goes out again");
        let offers = cast.b.store_products(cast.store, &Page::default()).await.unwrap().items;
        assert_eq!(offers.iter().find(|offer| offer.product.name == "Пиринач").unwrap().pack, Some(q("25")));
    }

    async fn a_table_that_is_none_is_refused_as_a_whole(app) {
        let cast = Cast::assemble(app).await;
        for (table, code) in [("colour\nred\n", "UNKNOWN_COLUMN"), ("unit\nkg\n", "MISSING_COLUMN")] {
            let answer = import(&cast.a, cast.store, table).await;
            assert_eq!((answer.status, answer.problem().errors[0].code.as_str()), (422, code));
        }
        let large = "name,note\n".to_owned() + &"x,".repeat(600_000);
        assert_eq!(import(&cast.a, cast.store, &large).await.status, 413);
        let path = format!("/api/v1/stores/{}/assortment.csv", cast.store);
        assert_eq!(cast.a.raw("POST", &path, Some(&json!({})), &[]).await.unwrap().status, 415);
        assert_eq!(import(&cast.a, uuid::Uuid::now_v7(), "name\n").await.status, 404);
    }
}
