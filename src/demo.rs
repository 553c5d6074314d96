//! A believable world to look at: people, groups, a catalogue, and runs in every state there is. Made once, on an
//! empty server, through the same commands everybody uses.

mod bots;
mod csv;
mod later;
mod story;
mod world;

pub use bots::start_bots;

use crate::clock;
use crate::edge::Edge;
use crate::http::DemoLogins;
use bulq_storage::{Page, accounts, catalogue};
use rand::SeedableRng;
use rand::rngs::StdRng;

pub(crate) const PASSWORD: &str = "bulq-demo";

/// Every time the same world.
const SEED: u64 = 20_260_501;

/// Makes the demo world if nobody is there yet. Returns who one can log in as; nobody if somebody else's data is
/// in the way.
///
/// # Errors
/// What could not be made, for people.
pub async fn seed(edge: &Edge) -> Result<DemoLogins, String> {
    let people = csv::people();
    let first = people.first().ok_or("people.csv is empty")?;
    let is_there = accounts::user_by_username(edge.db(), &first.username).await.map_err(text)?.is_some();
    let stores = catalogue::stores(edge.db(), &Page::first(1), None).await.map_err(text)?;
    if !is_there && !stores.items.is_empty() {
        tracing::warn!("the demo world is made only on an empty server; this one has data of its own");
        return Ok(DemoLogins::default());
    }
    if !is_there {
        let began = clock::now();
        let mut rng = StdRng::seed_from_u64(SEED);
        let world = world::make(edge, &people).await?;
        story::tell(edge, &world, &mut rng).await?;
        let ms = (clock::now() - began).num_milliseconds();
        tracing::info!(ms, "the demo world is made");
    }
    Ok(DemoLogins::new(PASSWORD, people.into_iter().map(|person| (person.username, person.name))))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
