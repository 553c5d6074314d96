//! Logins: whether the time they take tells who has an account, and what a thousand at once cost those who are inside.

use super::args::{Field, Guessing, HttpBids, Logins, Scenario};
use super::cast::Cast;
use super::meter::{Round, Window};
use super::report::{Report, median};
use super::{Failure, http_bids, say};
use bulq_client::{Client, RawResponse};
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Of somebody who has an account.
const PASSWORD: &str = "correct horse battery";
/// Connections of the bidders; one bid at a time on each.
const BIDDERS: usize = 16;

/// One at a time, in turn: a name nobody has, and the wrong password of somebody who is there.
pub(super) async fn guess(options: &Guessing, round: &Round<'_>) -> Result<Report, Failure> {
    let client = round.server.client();
    let somebody = format!("guess-{}", std::process::id());
    client.anonymous().register(&somebody, "Somebody", PASSWORD).await?;
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    for n in 0..options.tries {
        let nobody = format!("ghost-{}-{n}", std::process::id());
        // Whichever comes second may find something warm: they take turns in that, too.
        let turns = [(&nobody, &mut unknown), (&somebody, &mut wrong)];
        let turns: Vec<_> = if n % 2 == 0 { turns.into() } else { turns.into_iter().rev().collect() };
        for (username, times) in turns {
            let begin = Instant::now();
            let answer = login(&client, username).await?;
            times.push(begin.elapsed().as_secs_f64() * 1e3);
            if answer.status != 401 {
                return Err(format!("a wrong login was answered {}: {}", answer.status, answer.text).into());
            }
        }
    }
    let (unknown, wrong) = (middle(&mut unknown), middle(&mut wrong));
    let difference = (unknown - wrong).abs() / wrong * 100.0;
    say(&format!("unknown user {unknown:.3} ms, wrong password {wrong:.3} ms: {difference:.2} % apart"));
    Ok(Report::new(&Scenario::Guessing(options.clone()), "login", Vec::new())
        .with("unknown_user_p50_ms", unknown)
        .with("wrong_password_p50_ms", wrong)
        .with("difference_percent", difference))
}

/// Bids at a steady rate, first alone, then beside people who all log in at once and wait as long as they are told to.
pub(super) async fn flood(options: &Logins, round: &Round<'_>) -> Result<Report, Failure> {
    let field = Field { runs: 20, products: 20, users: BIDDERS, rate: Some(options.rate) };
    let bids = HttpBids { field, connections: BIDDERS };
    let cast = Rc::new(Cast::hire(&round.server.client(), BIDDERS, 20, 20).await?);
    http_bids::start(&bids, &cast, round).await?;
    let alone = round.windows().await?;
    let (hashed, refused) = (Rc::new(Cell::new(0u64)), Rc::new(Cell::new(0u64)));
    for n in 0..options.parallel {
        let (client, hashed, refused) = (round.server.client(), hashed.clone(), refused.clone());
        round.tally.spawn(async move {
            loop {
                let answer = login(&client, &format!("ghost-{n}")).await?;
                let count = if answer.status == 503 { &refused } else { &hashed };
                count.set(count.get() + 1);
                let wait = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
                tokio::time::sleep(Duration::from_secs(wait.unwrap_or(0))).await;
            }
        });
    }
    let begin = Instant::now();
    let windows = round.windows().await?;
    let per_s = |count: &Cell<u64>| count.get() as f64 / begin.elapsed().as_secs_f64();

    let p50 = |windows: &[Window]| median(windows, |w| w.p50_ms);
    let p99 = |windows: &[Window]| median(windows, |w| w.p99_ms);
    let (hashed, refused) = (per_s(&hashed), per_s(&refused));
    let figures = [
        ("alone_p50_ms", p50(&alone)),
        ("alone_p99_ms", p99(&alone)),
        ("beside_p50_ms", p50(&windows)),
        ("beside_p99_ms", p99(&windows)),
    ];
    let report = Report::new(&Scenario::Logins(options.clone()), "durable bid", windows)
        .with("logins_hashed_per_s", hashed)
        .with("logins_refused_per_s", refused);
    Ok(figures.into_iter().fold(report, |report, (name, figure)| report.with(name, figure)))
}

async fn login(client: &Client, username: &str) -> Result<RawResponse, Failure> {
    let body = json!({ "username": username, "password": "not this one either" }); // pragma: allowlist secret
    Ok(client.raw("POST", "/api/v1/auth/login", Some(&body), &[]).await?)
}

fn middle(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}
