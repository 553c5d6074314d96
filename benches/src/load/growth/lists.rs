//! A database with more and more in it: how long the server takes to start on it, what lists cost, and waking a run.

use super::super::args::{GrowthLists, Scenario};
use super::super::cast::Cast;
use super::super::proc;
use super::super::report::Report;
use super::super::server::Server;
use super::super::{Args, Failure, say};
use super::picture::{Line, Picture};
use super::seed::{self, Seeder, Template};
use bulq_client::Client;
use std::time::{Duration, Instant};

const STARTS: usize = 5;

/// What is asked for: a name, and the path for the `n`-th time.
struct Question {
    name: &'static str,
    path: Box<dyn Fn(u64) -> String>,
}

pub(in super::super) async fn play(
    options: &GrowthLists,
    server: &mut Server,
    args: &Args,
) -> Result<Report, Failure> {
    let cast = Cast::hire(&server.client(), 2, 1, 1).await?;
    cast.open_runs().await?;
    let person = cast.person(0).clone();
    let template = template(&cast, &person).await?;
    let mut seeder = Seeder::open(&server.database_url(args).ok_or("growth-lists needs --start")?).await?;

    let mut report = Report::new(&Scenario::GrowthLists(options.clone()), "request", Vec::new());
    let mut lines: Vec<Line> = Vec::new();
    let mut note = |runs: u64, name: &str, ms: f64| {
        let at = lines.iter().position(|line| line.is_called(name)).unwrap_or_else(|| {
            lines.push(Line::new(name));
            lines.len() - 1
        });
        lines[at].points.push((runs as f64, ms));
    };
    let mut there = 0;
    for &runs in &options.runs {
        say(&format!("writing runs {there}..{runs}"));
        seeder.grow(template, there, runs).await?;
        there = runs;
        let started = start(server).await?;
        note(runs, "start to first answer", started);
        report = report.with(&format!("start_ms_{runs}"), started);
        for question in questions(template, runs, options.times) {
            let (p50, p99, cpu) = ask(&person, &question, options.times, &server.pids(args), args).await?;
            say(&format!(
                "{runs} runs, {}: p50 {p50:.2} ms, p99 {p99:.2} ms, CPU {cpu:.2} ms",
                question.name
            ));
            note(runs, question.name, p50);
            report = report.with(&format!("{}_p50_ms_{runs}", question.name.replace(' ', "_")), p50);
            report = report.with(&format!("{}_cpu_ms_{runs}", question.name.replace(' ', "_")), cpu);
        }
        report =
            report.with(&format!("rss_mb_{runs}"), proc::usage(&server.pids(args)).rss_kb as f64 / 1024.0);
    }
    let picture = Picture {
        title: "Time of one request, and of the start, by what is in the database".to_owned(),
        across: "runs; a tenth as many groups and products".to_owned(),
        up: "ms".to_owned(),
        lines,
    };
    picture.save(options.svg.as_deref())?;
    Ok(report)
}

async fn template(cast: &Cast, person: &Client) -> Result<Template, Failure> {
    let run = cast.runs[0];
    let view = person.run(run).await?;
    Ok(Template { group: view.group_id, store: view.store_id, product: cast.products[0], run })
}

fn questions(template: Template, runs: u64, times: u32) -> Vec<Question> {
    let group = template.group;
    let fixed = |name, path: String| Question { name, path: Box::new(move |_| path.clone()) };
    vec![
        fixed("runs of a group", format!("/api/v1/groups/{group}/runs")),
        fixed("runs in a rare state", format!("/api/v1/groups/{group}/runs?state=completed")),
        fixed("my groups", "/api/v1/groups".to_owned()),
        fixed("products", "/api/v1/products".to_owned()),
        fixed("products by a word", "/api/v1/products?q=nowhere".to_owned()),
        fixed("stores", "/api/v1/stores".to_owned()),
        // Each time another one, so that each is asleep.
        Question {
            name: "a sleeping run",
            path: Box::new(move |n| {
                format!("/api/v1/runs/{}", seed::run_id(n * (runs / u64::from(times)).max(1) % runs))
            }),
        },
    ]
}

/// Median of some starts on what is there, in milliseconds.
async fn start(server: &mut Server) -> Result<f64, Failure> {
    let mut all = Vec::new();
    for _ in 0..STARTS {
        all.push(server.restart().await?.as_secs_f64() * 1e3);
    }
    all.sort_by(f64::total_cmp);
    Ok(all[all.len() / 2])
}

/// Asks one after the other: median and 99th of a hundred in milliseconds, and CPU of server and database for each.
async fn ask(
    person: &Client,
    question: &Question,
    times: u32,
    server: &[u32],
    args: &Args,
) -> Result<(f64, f64, f64), Failure> {
    let cpu = || proc::usage(server).cpu_s + proc::usage(&args.db_pids).cpu_s;
    let (mut all, before) = (Vec::new(), cpu());
    for n in 0..u64::from(times) {
        let begin = Instant::now();
        let answer = person.raw("GET", &(question.path)(n), None, &[]).await?;
        all.push(begin.elapsed());
        if answer.status != 200 {
            return Err(format!("{} was answered {}", question.name, answer.status).into());
        }
    }
    all.sort();
    let at = |share: f64| ms(all[((all.len() - 1) as f64 * share) as usize]);
    Ok((at(0.5), at(0.99), (cpu() - before) * 1e3 / f64::from(times)))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
