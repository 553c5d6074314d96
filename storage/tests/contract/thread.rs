//! What is said and shown about a run.

use crate::world::{T0, World};
use bulq_storage::receipts::{self, AddError, Receipt};
use bulq_storage::thread::{self, NewMessage, SayError};
use bulq_storage::{Page, StorageError};
use uuid::Uuid;

on_both! {
    messages_are_paged_latest_first_and_searched,
    the_same_command_id_says_it_once,
    receipts_belong_to_their_run,
}

async fn run(world: &World) -> Uuid {
    let run = Uuid::now_v7();
    let (id, group, store, leader) =
        (world.id(run), world.id(world.group), world.id(world.store), world.id(world.leader));
    world
        .sql(&format!(
            "insert into runs (id, group_id, store_id, leader_id, state, seq, epoch, created_at, updated_at)
             values ({id}, {group}, {store}, {leader}, 'completed', 1, 1, {T0}, {T0})"
        ))
        .await;
    run
}

fn message(world: &World, run: Uuid, text: &str, at: i64) -> NewMessage {
    let (id, text) = (Uuid::now_v7(), text.to_owned());
    NewMessage { id, run_id: run, author_id: world.leader, command_id: None, text, at }
}

async fn messages_are_paged_latest_first_and_searched(world: World) {
    let run = run(&world).await;
    for (n, text) in ["Возьмите сыр", "100 % сыра", "Done", "Thanks"].into_iter().enumerate() {
        thread::say(&world.db, &message(&world, run, text, T0 + n as i64)).await.unwrap();
    }
    let texts = async |page: &Page, query| {
        let page = thread::messages(&world.db, run, page, query).await.unwrap();
        (page.items.into_iter().map(|m| m.text).collect::<Vec<_>>(), page.next)
    };

    let (first, next) = texts(&Page::first(3), None).await;
    assert_eq!(first, ["Thanks", "Done", "100 % сыра"]);
    assert_eq!(texts(&Page { limit: 3, after: next }, None).await.0, ["Возьмите сыр"]);
    assert_eq!(texts(&Page::first(9), Some("СЫР")).await.0, ["100 % сыра", "Возьмите сыр"]);
    assert_eq!(texts(&Page::first(9), Some("0 %")).await.0, ["100 % сыра"]);
    let other = thread::messages(&world.db, Uuid::now_v7(), &Page::first(9), None).await.unwrap();
    assert!(other.items.is_empty());
}

async fn the_same_command_id_says_it_once(world: World) {
    let run = run(&world).await;
    let first = NewMessage { command_id: Some(Uuid::now_v7()), ..message(&world, run, "Once", T0) };
    let again = NewMessage { id: Uuid::now_v7(), at: T0 + 5, ..first.clone() };
    let other = NewMessage { text: "Twice".to_owned(), ..again.clone() };

    let said = thread::say(&world.db, &first).await.unwrap();
    let repeated = thread::say(&world.db, &again).await.unwrap();

    assert_eq!((said.replayed, repeated.replayed), (false, true));
    assert_eq!(said.message, repeated.message);
    assert_eq!(said.message.author_name, "The leader");
    assert!(matches!(thread::say(&world.db, &other).await, Err(SayError::CommandIdReused)));
    assert_eq!(world.count("run_messages").await, 1);
}

async fn receipts_belong_to_their_run(world: World) {
    let run = run(&world).await;
    let receipt = Receipt {
        id: Uuid::now_v7(),
        run_id: run,
        product_id: None,
        uploaded_by: world.leader,
        name: "till.jpg".to_owned(),
        media: "image/jpeg".to_owned(),
        size: 5,
        hash: vec![1; 32],
        created_at: T0,
    };

    receipts::check_room(&world.db, run, None, 1).await.unwrap();
    receipts::add(&world.db, &receipt).await.unwrap();

    assert_eq!(receipts::receipt(&world.db, run, receipt.id).await.unwrap().as_ref(), Some(&receipt));
    assert_eq!(receipts::receipt(&world.db, Uuid::now_v7(), receipt.id).await.unwrap(), None);
    assert_eq!(
        receipts::receipts(&world.db, run, &Page::first(9)).await.unwrap().items,
        std::slice::from_ref(&receipt)
    );
    let full = receipts::check_room(&world.db, run, None, 1).await;
    assert!(matches!(full, Err(AddError::TooMany { limit: 1 })), "{full:?}");
    let strange = receipts::check_room(&world.db, run, Some(world.products[0]), 9).await;
    assert!(matches!(strange, Err(AddError::ProductNotInRun)), "{strange:?}");
    let wrong = Receipt { id: Uuid::now_v7(), media: "text/html".to_owned(), ..receipt };
    assert!(matches!(receipts::add(&world.db, &wrong).await, Err(StorageError::Database(_))));
}
