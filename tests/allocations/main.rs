//! What a server asks of the allocator, counted over the whole process: the real server, real sockets.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

mod bids;
mod memory;
mod stage;

use bulq::config::Flags;
use bulq::{Server, Settings};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::time::Duration;

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A server in this process, for as long as it lives.
fn serve(folder: &std::path::Path) -> String {
    let flags = Flags {
        listen: Some("127.0.0.1:0".to_owned()),
        data: Some(folder.display().to_string()),
        ..Flags::default()
    };
    let settings = Settings::read(flags, |name| match name {
        "BULQ_RATE_LIMITS" => Some("off".to_owned()),
        "BULQ_WORKERS" => Some("1".to_owned()),
        _ => None,
    });
    let settings = settings.unwrap();
    let (said, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = Server::build(settings).await.unwrap();
            said.send(server.port()).unwrap();
            server.run_until_stopped().await
        })
    });
    let port = heard.recv_timeout(Duration::from_secs(30)).unwrap();
    format!("127.0.0.1:{port}")
}
