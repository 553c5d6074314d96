//! How the cost of a thing grows with what is there already, drawn as a picture.

mod lists;
mod picture;
mod seed;

use super::args::{Bids, Fanout, Field, GrowthBids, GrowthScreens, Scenario};
use super::meter::{Round, Window};
use super::report::{self, Report};
use super::server::Server;
use super::{Args, Failure, bids, fanout, say};
use picture::{Line, Picture};

pub(super) use lists::play as lists;

/// Sockets that bid, whatever the size: more than there are people, so that each of them bids.
const BIDDERS: usize = 100;
const OUTSTANDING: usize = 10;

/// Bids on one run of each size.
pub(super) async fn bids(options: &GrowthBids, server: &Server, args: &Args) -> Result<Report, Failure> {
    let mut report = Report::new(&Scenario::GrowthBids(options.clone()), "durable bid", Vec::new());
    let mut lines = Vec::new();
    for &people in &options.people {
        let mut line = Line::new(&format!("{people} people"));
        for &products in &options.products {
            say(&format!("{people} people × {products} products"));
            let field = Field { runs: 1, products, users: people, rate: None };
            let one = Bids { field, clients: BIDDERS, pipeline: OUTSTANDING };
            let round = Round::new(server, args)?;
            let played = bids::play(&one, &round).await;
            round.end().await;
            let cost = played?.median_of(whole_cost);
            report = report.with(&format!("us_per_bid_{people}_people_{products}_products"), cost);
            line.points.push((products as f64, cost));
        }
        lines.push(line);
    }
    let picture = Picture {
        title: "CPU of one durable bid on one run, server and database".to_owned(),
        across: "products of the run".to_owned(),
        up: "µs".to_owned(),
        lines,
    };
    picture.save(options.svg.as_deref())?;
    Ok(report)
}

/// One run, on more and more screens.
pub(super) async fn screens(
    options: &GrowthScreens,
    server: &Server,
    args: &Args,
) -> Result<Report, Failure> {
    let mut report = Report::new(&Scenario::GrowthScreens(options.clone()), "event on a screen", Vec::new());
    let mut line = Line::new("16 bids outstanding, the bids included");
    for &sockets in &options.sockets {
        let sockets = super::affordable(sockets, &server.pids(args));
        let one = Fanout { sockets, window: 16, rate: None, users: 20 };
        let round = Round::new(server, args)?;
        let played = fanout::play(&one, &round).await;
        round.end().await;
        let cost = played?.median_of(whole_cost);
        report = report.with(&format!("us_per_delivery_{sockets}_screens"), cost);
        line.points.push((sockets as f64, cost));
    }
    let picture = Picture {
        title: "CPU of one event on one screen".to_owned(),
        across: "screens on the run".to_owned(),
        up: "µs".to_owned(),
        lines: vec![line],
    };
    picture.save(options.svg.as_deref())?;
    Ok(report)
}

fn whole_cost(window: &Window) -> f64 {
    window.server_us + window.database_us
}

impl Report {
    fn median_of(&self, of: fn(&Window) -> f64) -> f64 {
        report::median(self.windows(), of)
    }
}
