//! What is asked of the allocator for a bid and for showing it. Screens and bidder are plain sockets here that allocate nothing
//! while it is counted.

use super::stage::Stage;
use super::{HEAP, serve};
use bulq_client::domain::{ProductId, RunId};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use uuid::Uuid;

const BIDS: usize = 100;
const ROUNDS: usize = 5;
const FEW: usize = 10;
const MANY: usize = 210;
/// For one bid over the live connection, from its bytes to the bytes on the screens, the database included. It was 150 when it was
/// counted; the rest is room for what comes and goes.
const A_BID_MAY_TAKE: f64 = 165.0;
/// A screen takes no allocation of its own; this is room for what the server does once a second anyway.
const A_DELIVERY_MAY_TAKE: f64 = 0.05;

#[test]
fn a_frame_is_made_once_for_all_its_screens_and_a_bid_asks_for_no_more_than_it_did() {
    let folder = std::env::temp_dir().join(format!("bulq-allocations-{}", Uuid::new_v4().simple()));
    let address = serve(&folder);
    let world = World::make(&address);
    let mut bidder = Screen::open(&address, &world);
    let mut screens: Vec<Screen> = (1..FEW).map(|_| Screen::open(&address, &world)).collect();

    let few = least(&world, &mut bidder, &mut screens);
    screens.extend((FEW..MANY).map(|_| Screen::open(&address, &world)));
    let many = least(&world, &mut bidder, &mut screens);

    let a_bid = few as f64 / BIDS as f64;
    let a_delivery = (many as f64 - few as f64) / (BIDS * (MANY - FEW)) as f64;
    eprintln!("{a_bid:.2} allocations for a bid on {FEW} screens, {a_delivery:.4} for each further delivery");
    let _ = std::fs::remove_dir_all(&folder);
    assert!(a_delivery < A_DELIVERY_MAY_TAKE, "{a_delivery:.4} allocations for showing an event on a screen");
    assert!(a_bid < A_BID_MAY_TAKE, "{a_bid:.2} allocations for a bid");
}

struct World {
    token: String,
    run: RunId,
    product: ProductId,
}

impl World {
    #[tokio::main(flavor = "current_thread")]
    async fn make(address: &str) -> Self {
        let stage = Stage::set(address, 1, 1).await;
        let (leader, product, run) = (&stage.people[0], stage.products[0], stage.new_run().await);
        let first = bulq_client::commands::bid(product, "1".parse().unwrap());
        leader.command(run, &first).await.committed();
        Self { token: leader.tokens().unwrap().access_token, run, product }
    }
}

/// The least of some rounds: in the first everything is new, and in one or another everybody is told who has come.
fn least(world: &World, bidder: &mut Screen, screens: &mut [Screen]) -> usize {
    (0..ROUNDS).map(|_| bid(world, bidder, screens)).min().unwrap()
}

/// So many bids, one after the other, each of them on every screen before the next; how often something was allocated.
fn bid(world: &World, bidder: &mut Screen, screens: &mut [Screen]) -> usize {
    let bids: Vec<Vec<u8>> = (0..BIDS).map(|n| masked(&bid_text(world, n))).collect();
    let before = HEAP.stats();
    for bid in &bids {
        bidder.socket.write_all(bid).unwrap();
        bidder.wait_for_events();
        screens.iter_mut().for_each(Screen::wait_for_events);
    }
    let after = HEAP.stats();
    after.allocations + after.reallocations - before.allocations - before.reallocations
}

fn bid_text(world: &World, n: usize) -> String {
    let (run, product, command, quantity) = (world.run, world.product, Uuid::now_v7(), n % 9 + 2);
    format!(
        r#"{{"type":"command","id":{n},"run":"{run}","command_id":"{command}","command":{{"type":"place_bid","product_id":"{product}","quantity":"{quantity}"}}}}"#
    )
}

/// A socket that has the run open.
struct Screen {
    socket: TcpStream,
    buffer: Vec<u8>,
    /// What of the buffer was read and not looked at yet.
    unread: std::ops::Range<usize>,
}

impl Screen {
    fn open(address: &str, world: &World) -> Self {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let token = &world.token;
        let request = format!(
            "GET /api/v1/ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZCBsb2FkIGxvYWQgbA==\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).unwrap();
        let mut screen = Self { socket, buffer: vec![0; 64 * 1024], unread: 0..0 };
        while !screen.pending().windows(4).any(|four| four == b"\r\n\r\n") {
            screen.read_more();
        }
        let head = screen.pending().windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        assert!(screen.pending().starts_with(b"HTTP/1.1 101"));
        screen.unread.start += head;
        let subscribe = format!(r#"{{"type":"subscribe","id":1,"topic":"run:{}"}}"#, world.run);
        screen.socket.write_all(&masked(&subscribe)).unwrap();
        screen.wait_for(br#"{"type":"subscribed""#);
        screen
    }

    fn wait_for_events(&mut self) {
        self.wait_for(br#"{"type":"events""#);
    }

    /// Reads frames until one begins like this.
    fn wait_for(&mut self, beginning: &[u8]) {
        loop {
            let Some((head, length)) = size(self.pending()) else {
                self.read_more();
                continue;
            };
            if self.pending().len() < head + length {
                self.read_more();
                continue;
            }
            let found = self.pending()[head..head + length].starts_with(beginning);
            self.unread.start += head + length;
            if found {
                return;
            }
        }
    }

    fn pending(&self) -> &[u8] {
        &self.buffer[self.unread.clone()]
    }

    fn read_more(&mut self) {
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        let read = self.socket.read(&mut self.buffer[self.unread.end..]).unwrap();
        assert!(read > 0, "the server hung up");
        self.unread.end += read;
    }
}

/// Head and payload of the frame these bytes begin with.
fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.get(1)? {
        126 => Some((4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap())))),
        127 => {
            Some((10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap())).unwrap()))
        }
        short => Some((2, usize::from(short))),
    }
}

/// A text frame of a client.
fn masked(text: &str) -> Vec<u8> {
    const MASK: [u8; 4] = [1, 2, 3, 4];
    let length = u16::try_from(text.len()).unwrap();
    let mut frame = vec![0x81];
    match u8::try_from(length) {
        Ok(short) if short < 126 => frame.push(0x80 | short),
        _ => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(text.bytes().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}
