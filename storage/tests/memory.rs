//! What both memories promise: the one in this process, and Redis.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

use bulq_storage::memory::{Away, Lists, Memory, ProcessMemory, RedisMemory, Taken};
use bulq_testkit::{RedisServer, SilentWire};
use std::sync::Arc;
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(60);

/// Runs each test on both.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod process {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(std::sync::Arc::new(bulq_storage::memory::ProcessMemory::new())).await;
            })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let server = bulq_testkit::RedisServer::start();
                let memory = bulq_storage::memory::RedisMemory::open(&server.url()).unwrap();
                super::$name(std::sync::Arc::new(memory)).await;
            })+
        }
    };
}

on_both! {
    a_value_is_there_until_it_expires,
    the_first_of_many_wins,
    a_window_slides,
    keys_are_counted_by_themselves,
    of_a_crowd_only_so_many_get_through,
    a_list_is_gone_when_its_shelf_changes,
    a_page_read_before_a_change_is_never_shown_after_it,
}

async fn a_value_is_there_until_it_expires(memory: Arc<dyn Memory>) {
    memory.ping().await.unwrap();
    assert_eq!(memory.get("a").await, Ok(None));
    memory.put("a", vec![0, 255, 10], LONG).await.unwrap();
    assert_eq!(memory.get("a").await, Ok(Some(vec![0, 255, 10])));
    memory.put("a", Vec::new(), LONG).await.unwrap();
    assert_eq!(memory.get("a").await, Ok(Some(Vec::new())), "empty is not nothing");
    memory.remove("a").await.unwrap();
    memory.remove("a").await.unwrap();
    assert_eq!(memory.get("a").await, Ok(None));

    memory.put("b", b"short".to_vec(), Duration::from_millis(50)).await.unwrap();
    gone(&*memory, "b").await;
}

async fn gone(memory: &dyn Memory, key: &str) {
    for _ in 0..500 {
        if memory.get(key).await == Ok(None) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{key} does not expire");
}

async fn the_first_of_many_wins(memory: Arc<dyn Memory>) {
    assert_eq!(memory.put_new("a", b"1".to_vec(), LONG).await.unwrap(), b"1");
    assert_eq!(memory.put_new("a", b"2".to_vec(), LONG).await.unwrap(), b"1");
    memory.put("a", b"3".to_vec(), LONG).await.unwrap();
    assert_eq!(memory.put_new("a", b"4".to_vec(), LONG).await.unwrap(), b"3");
    assert_eq!(memory.get("a").await.unwrap().unwrap(), b"3");
}

async fn a_window_slides(memory: Arc<dyn Memory>) {
    let window = Duration::from_millis(1500);
    let began = Instant::now();
    for _ in 0..5 {
        assert_eq!(memory.take("a", 5, window).await, Ok(Taken::Granted));
    }

    let wait = match memory.take("a", 5, window).await.unwrap() {
        Taken::Refused { retry_after_ms } => retry_after_ms,
        Taken::Granted => {
            assert!(began.elapsed() >= window, "one too many");
            return;
        }
    };

    assert!((1..=1500).contains(&wait), "{wait}");
    tokio::time::sleep(Duration::from_millis(wait + 20)).await;
    assert_eq!(memory.take("a", 5, window).await, Ok(Taken::Granted), "after the wait that was named");
}

async fn keys_are_counted_by_themselves(memory: Arc<dyn Memory>) {
    assert_eq!(memory.take("a", 1, LONG).await, Ok(Taken::Granted));
    assert!(matches!(memory.take("a", 1, LONG).await, Ok(Taken::Refused { .. })));
    assert_eq!(memory.take("b", 1, LONG).await, Ok(Taken::Granted));
}

async fn of_a_crowd_only_so_many_get_through(memory: Arc<dyn Memory>) {
    let crowd: Vec<_> = (0..100)
        .map(|_| {
            let memory = memory.clone();
            tokio::spawn(async move { memory.take("a", 20, LONG).await.unwrap() })
        })
        .collect();
    let mut granted = 0;
    for one in crowd {
        granted += i32::from(one.await.unwrap() == Taken::Granted);
    }

    assert_eq!(granted, 20);
}

async fn a_list_is_gone_when_its_shelf_changes(memory: Arc<dyn Memory>) {
    let lists = Lists::new(memory);

    let place = lists.get("stores", "?limit=1").await.unwrap_err();
    lists.put(place, b"[1]".to_vec()).await;
    assert_eq!(lists.get("stores", "?limit=1").await.unwrap(), b"[1]");
    assert!(lists.get("stores", "?limit=2").await.is_err() && lists.get("other", "?limit=1").await.is_err());

    lists.changed("stores").await;
    assert!(lists.get("stores", "?limit=1").await.is_err());
}

async fn a_page_read_before_a_change_is_never_shown_after_it(memory: Arc<dyn Memory>) {
    let lists = Lists::new(memory);
    let place = lists.get("stores", "").await.unwrap_err();

    lists.changed("stores").await;
    lists.put(place, b"old".to_vec()).await;

    assert!(lists.get("stores", "").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_share_one_redis() {
    let server = RedisServer::start();
    let [first, second] = [0, 1].map(|_| RedisMemory::open(&server.url()).unwrap());

    first.put("a", b"1".to_vec(), LONG).await.unwrap();
    assert_eq!(second.get("a").await.unwrap().unwrap(), b"1");
    assert_eq!(first.take("b", 1, LONG).await, Ok(Taken::Granted));
    assert!(matches!(second.take("b", 1, LONG).await, Ok(Taken::Refused { .. })));
}

/// Whoever waits has asked, and asking ends after a quarter of a second at most: the first of a thousand asks, nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_twice_for_a_redis_that_hangs() {
    let server = RedisServer::start();
    let wire = SilentWire::to(&server);
    let memory = RedisMemory::open(&wire.url()).unwrap();
    memory.ping().await.unwrap();

    wire.fall_silent();
    for _ in 0..1000 {
        assert_eq!(memory.get("a").await, Err(Away));
        assert_eq!(memory.take("b", 1, LONG).await, Err(Away));
        assert_eq!(memory.put("c", b"1".to_vec(), LONG).await, Err(Away));
    }

    until_asked(&wire, "GET").await;
    assert_eq!(asked(&wire), ["GET"]);
}

/// What was asked in vain, but whether it is back.
fn asked(wire: &SilentWire) -> Vec<String> {
    wire.asked_in_vain().into_iter().filter(|name| name != "PING").collect()
}

async fn until_asked(wire: &SilentWire, name: &str) {
    for _ in 0..600 {
        if asked(wire).iter().any(|asked| asked == name) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} was never asked: {:?}", wire.asked_in_vain());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_was_away_comes_back() {
    let mut server = RedisServer::start();
    let memory = RedisMemory::open(&server.url()).unwrap();
    memory.put("a", b"1".to_vec(), LONG).await.unwrap();

    server.stop();
    assert_eq!(memory.get("a").await, Err(Away));
    let lists = Lists::new(Arc::new(memory.clone()));
    assert!(lists.get("stores", "").await.is_err());
    lists.changed("stores").await;
    server.run();
    back(&memory).await;

    assert_eq!(memory.get("a").await, Ok(None), "what it held is lost");
    let place = lists.get("stores", "").await.unwrap_err();
    lists.put(place, b"x".to_vec()).await;
    assert!(
        lists.get("stores", "").await.is_err(),
        "a change was not heard: nothing is believed for a while"
    );
}

async fn back(memory: &RedisMemory) {
    for _ in 0..600 {
        if memory.ping().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("Redis does not come back");
}

#[tokio::test]
async fn what_is_no_address_is_refused_without_showing_it() {
    for url in ["", "redis", "http://x", "postgres://user:password@host/db", "rediss://user:password@host"] {
        let error = RedisMemory::open(url).err().unwrap_or_else(|| panic!("{url}"));
        assert!(!error.to_string().contains("password"), "{error}");
    }
}

#[test]
fn a_process_counts_at_once() {
    let memory = ProcessMemory::new();
    assert_eq!(memory.take_now("a", 1, LONG), Some(Taken::Granted));
    assert!(matches!(memory.take_now("a", 1, LONG), Some(Taken::Refused { .. })));
}
