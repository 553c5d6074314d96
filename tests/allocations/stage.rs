//! Who and what there is on the server that is counted.

use bulq_client::Client;
use bulq_client::domain::run::Unit;
use bulq_client::domain::{GroupId, Money, ProductId, RunId};
use bulq_client::protocol::catalogue::{NewProduct, NewStore, PutAvailability};
use bulq_client::protocol::run::CreateRun;

/// People in one group, and a store that sells some products.
pub(crate) struct Stage {
    /// The first leads.
    pub(crate) people: Vec<Client>,
    pub(crate) products: Vec<ProductId>,
    group: GroupId,
    new_run: CreateRun,
}

impl Stage {
    pub(crate) async fn set(address: &str, people: usize, products: usize) -> Self {
        let server = Client::new(&format!("http://{address}")).unwrap();
        let mut everybody = Vec::new();
        for n in 0..people {
            let person = server.anonymous();
            person
                .register(&format!("person-{n}"), &format!("Person {n}"), "correct horse battery")
                .await
                .unwrap();
            everybody.push(person);
        }
        let leader = &everybody[0];
        let group = leader.create_group("Stairwell", "EUR").await.unwrap().id;
        let invitation = leader.invite_token(group).await.unwrap();
        for person in &everybody[1..] {
            person.accept_invite(&invitation).await.unwrap();
        }
        let store_id = leader.create_store(&NewStore::named("Mill")).await.unwrap().id;
        let mut shelf = Vec::new();
        for n in 0..products {
            let new = NewProduct::named(format!("Product {n} of this store"), Unit::Piece);
            let product = leader.create_product(&new).await.unwrap().id;
            let terms = PutAvailability { price: Some(Money(199)), pack: None, minimum: None, note: None };
            leader.put_availability(store_id, product, &terms).await.unwrap();
            shelf.push(product);
        }
        let new_run = CreateRun {
            store_id,
            comment: None,
            planned_on: None,
            bidding_deadline: None,
            auto_confirm: false,
        };
        Self { people: everybody, products: shelf, group, new_run }
    }

    pub(crate) async fn new_run(&self) -> RunId {
        self.people[0].create_run(self.group, &self.new_run).await.unwrap().run_id
    }
}
