//! What is said and shown about a run.

use crate::world::{T0, World};
use bulq_storage::receipts::{self, AddError, Receipt, RemoveError};
use bulq_storage::thread::{self, NewMessage, SayError};
use bulq_storage::{Page, StorageError, accounts, notifications};
use uuid::Uuid;

on_both! {
    messages_are_paged_latest_first_and_searched,
    the_same_command_id_says_it_once,
    receipts_belong_to_their_run,
    whoever_is_written_to_is_told_in_the_same_transaction,
    what_was_said_goes_with_who_said_it,
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
    assert_eq!(said.seq, 1);
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
    let removed = receipts::remove(&world.db, run, receipt.id, world.members[0]).await;
    assert!(matches!(removed, Err(RemoveError::NotYours)), "{removed:?}");
    assert!(receipts::is_named(&world.db, &receipt.hash).await.unwrap());
    let hash = receipts::remove(&world.db, run, receipt.id, world.leader).await.unwrap();
    assert!(hash == receipt.hash && !receipts::is_named(&world.db, &hash).await.unwrap());
    let removed = receipts::remove(&world.db, run, receipt.id, world.leader).await;
    assert!(matches!(removed, Err(RemoveError::NotThere)), "{removed:?}");
    let wrong = Receipt { id: Uuid::now_v7(), media: "text/html".to_owned(), ..receipt };
    assert!(matches!(receipts::add(&world.db, &wrong).await, Err(StorageError::Database(_))));
}

async fn whoever_is_written_to_is_told_in_the_same_transaction(world: World) {
    let run = run(&world).await;
    let [anna, boris, cveta] = world.members[..] else { panic!("three members") };
    world.join(anna, "member").await;
    world.join(boris, "member").await;
    let told = async |user| {
        let page = notifications::notifications(&world.db, user, &Page::first(9)).await.unwrap();
        page.items.iter().map(|one| (one.kind.clone(), one.seq, one.count)).collect::<Vec<_>>()
    };
    let say = async |text: &str, minutes: i64| {
        let at = T0 + minutes * 60_000_000;
        thread::say(&world.db, &message(&world, run, text, at)).await.unwrap().mentioned
    };

    assert_eq!(say("@anna and @BORIS, not @cveta nor @leader", 0).await.len(), 2, "members but not oneself");
    assert_eq!(say("@anna once more", 1).await, [anna]);
    assert!(say("Nobody", 2).await.is_empty());
    // The run stood still: what is told later, of the same seq, is no less told.
    assert_eq!(say("@anna later", 7).await, [anna]);

    let mention = |count| ("mention".to_owned(), 1, count);
    assert_eq!(told(anna).await, [mention(1), mention(2)]);
    assert_eq!((told(boris).await, told(cveta).await), (vec![mention(1)], vec![]));
    assert_eq!(notifications::unread_count(&world.db, anna).await.unwrap(), 3);
    let again = NewMessage { command_id: Some(Uuid::now_v7()), ..message(&world, run, "@boris", T0) };
    thread::say(&world.db, &again).await.unwrap();
    let repeated = NewMessage { id: Uuid::now_v7(), ..again };
    assert!(thread::say(&world.db, &repeated).await.unwrap().mentioned.is_empty());
    assert_eq!(told(boris).await, [mention(2)]);
}

async fn what_was_said_goes_with_who_said_it(world: World) {
    let run = run(&world).await;
    let anna = world.members[0];
    let by_anna = NewMessage { author_id: anna, ..message(&world, run, "I live in Elm Street", T0) };
    thread::say(&world.db, &by_anna).await.unwrap();
    let (name, media) = ("anna-at-home.jpg".to_owned(), "image/jpeg".to_owned());
    let (id, hash) = (Uuid::now_v7(), vec![1; 32]);
    let (uploaded_by, product_id) = (anna, None);
    let receipt =
        Receipt { id, run_id: run, product_id, uploaded_by, name, media, size: 5, hash, created_at: T0 };
    receipts::add(&world.db, &receipt).await.unwrap();
    assert_eq!(accounts::messages_by(&world.db, anna).await.unwrap()[0].text, "I live in Elm Street");
    assert_eq!(accounts::receipts_by(&world.db, anna).await.unwrap(), [receipt]);

    accounts::erase_user(&world.db, anna, T0 + 1).await.unwrap().unwrap();

    let page = thread::messages(&world.db, run, &Page::first(9), None).await.unwrap().items;
    let said: Vec<_> = page.iter().map(|m| (m.author_name.as_str(), m.text.as_str())).collect();
    assert_eq!(said, [("(deleted)", "(deleted)")]);
    let found = thread::messages(&world.db, run, &Page::first(9), Some("elm")).await.unwrap();
    assert!(found.items.is_empty());
    let left = receipts::receipts(&world.db, run, &Page::first(9)).await.unwrap().items;
    assert_eq!((left.len(), left[0].name.as_str()), (1, "(deleted)"), "the books stay");
}
