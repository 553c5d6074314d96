//! What is measured, each as something that can be done over and over.

use crate::batcher::{Batcher, Output, TxResult, Work};
use crate::cursor::Cursor;
use crate::pacing::{Paced, Pacer};
use crate::stage::{SIZES, Stage};
use bulq_domain::{CommandId, Event, Recorded, RunId, Seq};
use bulq_protocol::RunView;
use bulq_protocol::live::ClientFrame;
use bulq_protocol::view::PlanView;
use bulq_protocol::wire::{self, Frame};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// What is done, once.
pub type Step = Box<dyn FnMut()>;

/// A way through the core.
pub struct Path {
    /// `group/size`.
    pub name: String,
    /// How often it is done while it is counted.
    pub times: u32,
    make: Box<dyn Fn() -> Step>,
}

/// Everything, in the order a bid takes.
#[must_use]
pub fn all() -> Vec<Path> {
    let mut paths = vec![
        Path::new("read/subscribe", 100, || {
            read(r#"{"type":"subscribe","id":7,"topic":"run:RUN","after":131}"#)
        }),
        Path::new("read/place_bid", 100, || {
            read(
                r#"{"type":"command","id":8,"run":"RUN","command_id":"RUN","command":{"type":"place_bid","product_id":"RUN","quantity":"4","max":"6.5"}}"#,
            )
        }),
    ];
    paths.extend(by_size("decide", 100, |stage| {
        black_box(stage.decide());
    }));
    paths.extend(SIZES.map(|size| Path::new(&label("apply", size), 100, move || apply(size))));
    paths.extend([
        Path::new("encode/body", 100, || encode(|event, _| black_box(wire::event_body(&event.event)).len())),
        Path::new("encode/envelope", 100, || {
            encode(|event, body| {
                black_box(wire::envelope(event.seq, event.at, event.by, event.command_id, body)).len()
            })
        }),
        Path::new("encode/frame_of_1", 100, || frame_of(1)),
        Path::new("encode/frame_of_16", 100, || frame_of(16)),
    ]);
    paths.extend(by_size("bid", 100, |stage| {
        black_box(stage.place());
    }));
    paths.extend([1, 16, 100].map(|size| Path::new(&format!("batch/{size}"), 100, move || batch(size))));
    paths.push(Path::new("batch/16_one_fenced", 100, fenced));
    paths.extend([
        Path::new("pacing/16_in_a_crowded_room", 100, crowded),
        Path::new("resume/16_held", 100, || resume(16)),
        Path::new("resume/again_after_a_gap", 100, gap),
    ]);
    paths.extend(
        [1, 10, 100, 1000]
            .map(|screens| Path::new(&format!("fan-out/{screens}"), 20, move || fan_out(screens))),
    );
    paths.extend(by_size("plan", 20, |stage| {
        black_box(stage.run.lines.iter().map(|line| line.plan().planned.thousandths()).sum::<u64>());
    }));
    paths.extend(by_size("extras", 5, |stage| {
        black_box(stage.run.extras());
    }));
    paths.extend(by_size("plan_view", 5, |stage| {
        black_box(PlanView::of(&stage.run));
    }));
    paths.extend(by_size("view", 5, |stage| {
        black_box(RunView::of(&stage.run));
    }));
    paths.extend(by_size("view_json", 5, |stage| {
        black_box(serde_json::to_string(&RunView::of(&stage.run)).expect("views are plain data"));
    }));
    paths.extend(SIZES.map(|size| Path::new(&label("allocate", size), 5, move || allocate(size))));
    paths.extend(SIZES.map(|size| Path::new(&label("settle", size), 2, move || settle(size))));
    // The most people among whom the fewest transfers are searched for exactly.
    paths.push(Path::new("settle/10x20", 2, || settle((10, 20))));
    paths
}

impl Path {
    fn new(name: &str, times: u32, make: impl Fn() -> Step + 'static) -> Self {
        Self { name: name.to_owned(), times, make: Box::new(make) }
    }

    /// Everything it needs, made.
    #[must_use]
    pub fn step(&self) -> Step {
        (self.make)()
    }
}

fn by_size(group: &str, times: u32, what: fn(&mut Stage)) -> impl Iterator<Item = Path> {
    SIZES.into_iter().map(move |size| {
        Path::new(&label(group, size), times, move || {
            let mut stage = Stage::new(size.0, size.1);
            Box::new(move || what(&mut stage))
        })
    })
}

fn label(group: &str, (products, people): (u32, u32)) -> String {
    format!("{group}/{products}x{people}")
}

/// What a client says, as text.
fn read(text: &str) -> Step {
    let text = text.replace("RUN", &Uuid::from_u128(7).to_string());
    Box::new(move || {
        black_box(ClientFrame::from_json(&text)).expect("a frame is read");
    })
}

/// Two events in turn, each folded into the run.
fn apply((products, people): (u32, u32)) -> Step {
    let mut stage = Stage::new(products, people);
    let mut events = stage.what_comes(2).into_iter().cycle();
    Box::new(move || {
        if let Some(next) = events.next() {
            stage.run.apply(&next);
        }
    })
}

fn encode(what: impl Fn(&Recorded, &str) -> usize + 'static) -> Step {
    let event = Stage::new(10, 10).what_comes(1).remove(0);
    let body = wire::event_body(&event.event);
    Box::new(move || {
        black_box(what(&event, &body));
    })
}

fn frame_of(events: usize) -> Step {
    let texts = texts(events);
    Box::new(move || {
        black_box(frame(131, &texts));
    })
}

/// Envelopes of bids.
fn texts(count: usize) -> Vec<Arc<str>> {
    let events = Stage::new(10, 10).what_comes(count);
    events.iter().map(|event| envelope(event.seq, &event.event)).collect()
}

fn envelope(seq: Seq, event: &Event) -> Arc<str> {
    let command = Some(CommandId(Uuid::from_u128(4)));
    wire::envelope(seq, bulq_domain::Timestamp::default(), None, command, &wire::event_body(event))
}

fn frame(first: Seq, texts: &[Arc<str>]) -> Frame {
    Frame::new(RUN, first, texts.iter().map(|text| &**text))
}

const RUN: RunId = RunId(Uuid::from_u128(3));

/// A change on its way to the database.
#[derive(Debug)]
struct Item {
    run: u64,
}

impl Work for Item {
    type Run = u64;

    fn run(&self) -> u64 {
        self.run
    }
}

/// So many changes of eight runs become durable.
fn batch(size: u64) -> Step {
    let mut batcher = Batcher::new(4096);
    Box::new(move || {
        (0..size).for_each(|n| batcher.on_submit(Item { run: n % 8 }));
        for output in batcher.on_turn() {
            let Output::Begin(batch) = output else { continue };
            black_box(batcher.on_result(batch, TxResult::Committed));
        }
    })
}

/// One of eight runs has another writer; the others are committed at the second try.
fn fenced() -> Step {
    let mut batcher = Batcher::new(4096);
    Box::new(move || {
        (0..16).for_each(|n| batcher.on_submit(Item { run: n % 8 }));
        let (mut outputs, mut result) = (batcher.on_turn(), TxResult::Conflict(vec![3]));
        while let Some(output) = outputs.pop() {
            let Output::Begin(batch) = output else { continue };
            outputs = batcher.on_result(batch, std::mem::replace(&mut result, TxResult::Committed));
        }
        black_box(outputs);
    })
}

/// One frame goes out at once, fifteen wait and go out as one.
fn crowded() -> Step {
    let (mut pacer, mut now, mut seq) = (Pacer::default(), Instant::now(), 0);
    let (text, writing) = (texts(1), Duration::from_millis(5));
    Box::new(move || {
        for _ in 0..16 {
            seq += 1;
            black_box(matches!(pacer.on_frame(frame(seq, &text), writing, now), Paced::Now(_)));
        }
        now += writing;
        black_box(pacer.due(RUN, writing, now));
        now += Duration::from_millis(50);
    })
}

/// Somebody comes back; `count` frames arrive while they are told what they missed.
fn resume(count: u64) -> Step {
    let (text, after) = (texts(1), 131);
    let frames: Vec<Frame> = (1..=count).map(|n| frame(after + n, &text)).collect();
    Box::new(move || {
        let (mut cursor, _) = Cursor::subscribe(Some(after - 100));
        for frame in &frames {
            black_box(cursor.on_frame(frame.clone()));
        }
        let outputs = cursor.on_caught_up(after);
        assert_eq!(outputs.len(), frames.len(), "what was held is sent");
        black_box(outputs);
    })
}

/// A frame is missing: asked for, held, sent.
fn gap() -> Step {
    let text = texts(1);
    let frames = [frame(1, &text), frame(3, &text)];
    Box::new(move || {
        let (mut cursor, _) = Cursor::subscribe(None);
        cursor.on_caught_up(0);
        let outputs = frames.each_ref().map(|frame| cursor.on_frame(frame.clone()));
        black_box((outputs, cursor.on_caught_up(2)));
    })
}

/// An event that has become durable goes to so many screens that are level.
fn fan_out(screens: usize) -> Step {
    let (text, now) = (texts(1), Instant::now());
    let (mut pacer, mut seq) = (Pacer::default(), 0);
    let mut cursors: Vec<_> = (0..screens)
        .map(|_| {
            let (mut cursor, _) = Cursor::subscribe(None);
            cursor.on_caught_up(0);
            cursor
        })
        .collect();
    Box::new(move || {
        seq += 1;
        let Paced::Now(frame) = pacer.on_frame(frame(seq, &text), Duration::ZERO, now) else { return };
        for cursor in &mut cursors {
            black_box(cursor.on_frame(frame.clone()));
        }
    })
}

/// Shopping ends: who gets how much.
fn allocate((products, people): (u32, u32)) -> Step {
    let stage = Stage::shopped(products, people);
    Box::new(move || {
        black_box(stage.end_of_shopping());
    })
}

/// Who pays whom, and why.
fn settle((products, people): (u32, u32)) -> Step {
    let stage = Stage::handing_out(products, people);
    Box::new(move || {
        black_box(stage.run.settlement());
    })
}
