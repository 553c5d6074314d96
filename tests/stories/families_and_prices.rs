//! A family on the list: people want "rice", the shopper picks which, everybody sees it, and each price is where it belongs.

use crate::support::{Cast, cents, got, is_settled, q, refusal, stories};
use bulq_client::domain::command::{EditPurchase, RecordPurchase};
use bulq_client::domain::run::Unit;
use bulq_client::domain::{Command, ProductId, RunId};
use bulq_client::protocol::catalogue::{NewProduct, PatchProduct, PriceObservation};
use bulq_client::protocol::{RunView, view::ItemView};
use bulq_client::{Page, commands};

/// Rice: P1, which is sushi rice, and basmati.
struct Rice {
    family: ProductId,
    basmati: ProductId,
}

impl Rice {
    async fn grow(cast: &Cast) -> Self {
        let family = NewProduct { is_family: true, ..NewProduct::named("Rice", Unit::Kg) };
        let family = cast.leader.create_product(&family).await.unwrap().id;
        let basmati = NewProduct { family_id: Some(family), ..NewProduct::named("Basmati", Unit::Kg) };
        let basmati = cast.leader.create_product(&basmati).await.unwrap().id;
        let join = PatchProduct { family_id: Some(Some(family)), ..PatchProduct::default() };
        cast.leader.change_product(cast.p1, &join).await.unwrap();
        Self { family, basmati }
    }

    fn buy(&self, picked: Option<ProductId>, quantity: &str, total: i64) -> RecordPurchase {
        let (product_id, quantity, total) = (self.family, q(quantity), cents(total));
        RecordPurchase { product_id, quantity, total, payer: None, picked, expected_seq: None }
    }

    fn edit(&self, part: Option<u32>, picked: Option<ProductId>, quantity: &str, total: i64) -> Command {
        let RecordPurchase { product_id, quantity, total, payer, picked, expected_seq } =
            self.buy(picked, quantity, total);
        Command::EditPurchase(EditPurchase { product_id, part, quantity, total, payer, picked, expected_seq })
    }

    fn item<'v>(&self, view: &'v RunView) -> &'v ItemView {
        let line = view.products.iter().find(|line| line.product_id == self.family);
        line.and_then(|line| line.item.as_ref()).expect("rice is on the list")
    }

    /// What was picked, and how much of it.
    fn picked(&self, view: &RunView) -> Vec<(String, String)> {
        let name = |part: &bulq_client::domain::event::PurchasePart| {
            part.picked.as_ref().map_or_else(|| "Rice".to_owned(), |picked| picked.name.to_string())
        };
        self.item(view).parts.iter().map(|part| (name(part), part.quantity.to_string())).collect()
    }
}

/// The latest first.
async fn prices(cast: &Cast, product: ProductId) -> Vec<i64> {
    observations(cast, product).await.iter().map(|seen| seen.price.0).collect()
}

async fn observations(cast: &Cast, product: ProductId) -> Vec<PriceObservation> {
    cast.c.prices(product, Some(cast.store), &Page::default()).await.unwrap().items
}

fn parts(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, quantity)| ((*name).to_owned(), (*quantity).to_owned())).collect()
}

async fn shopping_for_rice(cast: &Cast, rice: &Rice) -> RunId {
    cast.shopping(&[(&cast.a, rice.family, "3"), (&cast.b, rice.family, "2")]).await
}

stories! {
    async fn the_shopper_picks_and_everybody_sees_it(app) {
        let cast = Cast::assemble(app).await;
        let rice = Rice::grow(&cast).await;
        let run = shopping_for_rice(&cast, &rice).await;
        let screen = cast.open(&cast.b, run).await;

        let choice = cast.leader.families(run).await.unwrap().items;
        let names: Vec<_> = choice.iter().map(|member| (member.family_id, member.name.as_str())).collect();
        assert_eq!(names, [(rice.family, "Basmati"), (rice.family, "Sushi rice")]);
        assert!(cast.outsider.families(run).await.is_err(), "nobody else looks over the shopper's shoulder");
        let foreign = Command::RecordPurchase(rice.buy(Some(cast.p2), "3", 600));
        assert_eq!(refusal(&cast.leader.command(run, &foreign).await), (422, "NOT_OF_THE_FAMILY"));
        let seq = cast.lead(run, [
            Command::RecordPurchase(rice.buy(Some(cast.p1), "3", 600)),
            Command::AddPurchase(rice.buy(Some(rice.basmati), "2", 500)),
        ]).await;

        let seen = screen.wait_for_seq(seq).await.unwrap();
        assert_eq!(rice.picked(&seen), parts(&[("Sushi rice", "3"), ("Basmati", "2")]));
        assert_eq!(rice.item(&seen).total, cents(1100));
        assert_eq!((prices(&cast, cast.p1).await, prices(&cast, rice.basmati).await), (vec![200], vec![250]));
        assert!(prices(&cast, rice.family).await.is_empty(), "nobody sells a family");
        let noted = observations(&cast, rice.basmati).await;
        assert_eq!((noted[0].run_id, noted[0].store_name.as_str()), (Some(run), "Mill"));

        cast.lead(run, [commands::finish_shopping()]).await;
        let goods = cast.a.distribution(run).await.unwrap();
        assert_eq!(got(&goods, &cast.a, rice.family), (q("3"), cents(660)));
        assert_eq!(got(&goods, &cast.b, rice.family), (q("2"), cents(440)));
        is_settled(&cast.b, run).await;
    }

    /// What was put back or misread is corrected for everybody; what was seen to cost so much, stays seen.
    async fn corrections_reach_every_screen_and_the_history_only_grows(app) {
        let cast = Cast::assemble(app).await;
        let rice = Rice::grow(&cast).await;
        let run = shopping_for_rice(&cast, &rice).await;
        let screen = cast.open(&cast.a, run).await;
        cast.lead(run, [Command::RecordPurchase(rice.buy(Some(cast.p1), "5", 1000))]).await;

        let seq = cast.lead(run, [rice.edit(Some(0), None, "5", 1100)]).await;
        let seen = screen.wait_for_seq(seq).await.unwrap();
        assert_eq!((rice.item(&seen).total, prices(&cast, cast.p1).await), (cents(1100), vec![220, 200]));
        assert_eq!(rice.picked(&seen), parts(&[("Sushi rice", "5")]), "a corrected price is of the same rice");

        let seq = cast.lead(run, [rice.edit(None, Some(rice.basmati), "4", 1200)]).await;
        let seen = screen.wait_for_seq(seq).await.unwrap();
        assert_eq!(rice.picked(&seen), parts(&[("Basmati", "4")]));
        assert_eq!(prices(&cast, rice.basmati).await, [300]);

        let seq = cast.lead(run, [commands::undo_purchase(rice.family, None)]).await;
        let seen = screen.wait_for_seq(seq).await.unwrap();
        assert_eq!((rice.picked(&seen), rice.item(&seen).total), (vec![], cents(0)));
        assert_eq!((prices(&cast, cast.p1).await, prices(&cast, rice.basmati).await), (vec![220, 200], vec![300]));

        let seq = cast.lead(run, [
            Command::RecordPurchase(rice.buy(Some(rice.basmati), "5", 1500)),
            commands::observe_price(cast.p1, cents(199)),
        ]).await;
        let seen = screen.wait_for_seq(seq).await.unwrap();
        assert_eq!(rice.picked(&seen), parts(&[("Basmati", "5")]));
        assert_eq!((prices(&cast, cast.p1).await, prices(&cast, rice.basmati).await), (vec![199, 220, 200], vec![300]));
    }
}
