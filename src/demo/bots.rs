//! Simulated members who keep bidding, so that there is something to watch. They come through the same door as
//! everybody: what they may not do they are refused.

use super::story::{new_id, place, shelf, wish};
use super::world::who;
use super::{SEED, csv, text};
use crate::edge::Edge;
use bulq_actors::Who;
use bulq_domain::command::{RetractBid, SetReady};
use bulq_domain::{Command, GroupId, Product, Quantity, Run, RunId, State, UserId};
use bulq_storage::{Page, accounts, groups, runs};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;
use std::time::Duration;

/// A run with more products than this is not made longer.
const LINES: usize = 18;
/// How long to wait when there is nothing to bid on.
const IDLE: Duration = Duration::from_secs(20);

/// Starts `count` members of the first demo group on the current thread. Does nothing without the demo world.
pub async fn start_bots(edge: &Edge, count: u32) {
    match cast(edge).await {
        Ok(Some((group, members))) => {
            for (i, who) in (0..count).zip(members) {
                let bot =
                    Bot { edge: edge.clone(), group, who, rng: StdRng::seed_from_u64(SEED + u64::from(i)) };
                actix_web::rt::spawn(bot.live());
            }
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(error, "the simulated members stay at home"),
    }
}

/// The first demo group and who of it bids: not its founder, whom people log in as.
async fn cast(edge: &Edge) -> Result<Option<(GroupId, Vec<Who>)>, String> {
    let memberships = csv::memberships();
    let Some(first) = memberships.first() else { return Ok(None) };
    let founder = accounts::user_by_username(edge.db(), &first.username).await.map_err(text)?;
    let Some(founder) = founder else { return Ok(None) };
    let mine = groups::groups_of(edge.db(), founder.id, &Page::first(Page::MAX)).await.map_err(text)?;
    let Some(group) = mine.items.into_iter().find(|group| group.name == first.group) else { return Ok(None) };
    let members = groups::members(edge.db(), group.id, &Page::first(Page::MAX)).await.map_err(text)?;
    let others = members.items.into_iter().filter(|member| member.user_id != founder.id);
    Ok(Some((GroupId(group.id), others.map(|member| who(member.user_id, member.name)).collect())))
}

struct Bot {
    edge: Edge,
    group: GroupId,
    who: Who,
    rng: StdRng,
}

/// What a bot sees of a run.
struct Glance {
    open: bool,
    ready: bool,
    /// Product, the most I would take of it, what is missing to the next pack.
    lines: Vec<(Arc<Product>, Option<Quantity>, u64)>,
}

impl Bot {
    async fn live(mut self) {
        loop {
            let wait = match self.act().await {
                Ok(true) => Duration::from_millis(self.rng.random_range(1000..4000)),
                Ok(false) => IDLE,
                Err(error) => {
                    tracing::debug!(error, "a simulated member was refused");
                    Duration::from_secs(2)
                }
            };
            if self.edge.live().is_draining() {
                return;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Returns false if there is no run to bid in.
    async fn act(&mut self) -> Result<bool, String> {
        let Some((run, store)) = self.run().await? else { return Ok(false) };
        let me = self.who.user;
        let seen = self.edge.live().read(run, move |run| Glance::at(run, me)).await;
        let glance = seen.map_err(|refusal| format!("{refusal:?}"))?;
        if !glance.open {
            return Ok(false);
        }
        let shelf = shelf(&self.edge, store).await?;
        let Some(command) = self.choose(&glance, &shelf) else { return Ok(true) };
        self.edge.command(&self.who, run, command, Some(new_id())).await.map_err(text)?;
        Ok(true)
    }

    /// The group's latest active run.
    async fn run(&self) -> Result<Option<(RunId, bulq_domain::StoreId)>, String> {
        let page = Page::first(1);
        let found = runs::runs_of_group(self.edge.db(), self.group.0, Some(State::Active), &page).await;
        let latest = found.map_err(text)?.items.into_iter().next();
        Ok(latest.map(|run| (RunId(run.id), bulq_domain::StoreId(run.store_id))))
    }

    fn choose(&mut self, glance: &Glance, shelf: &[Product]) -> Option<Command> {
        let mine: Vec<_> = glance.lines.iter().filter(|(_, wanted, _)| wanted.is_some()).collect();
        match self.rng.random_range(0..100) {
            0..15 if !mine.is_empty() => Some(Command::SetReady(SetReady { ready: !glance.ready })),
            15..25 if mine.len() > 2 => {
                let product_id = mine[self.rng.random_range(0..mine.len())].0.id;
                Some(Command::RetractBid(RetractBid { product_id, on_behalf_of: None }))
            }
            25..40 if glance.lines.len() < LINES && !shelf.is_empty() => {
                let product = &shelf[self.rng.random_range(0..shelf.len())];
                Some(Command::PlaceBid(wish(product, &mut self.rng)))
            }
            40..55 => self.fill(glance),
            _ if !glance.lines.is_empty() => {
                let (product, _, _) = &glance.lines[self.rng.random_range(0..glance.lines.len())];
                Some(Command::PlaceBid(wish(product, &mut self.rng)))
            }
            _ => None,
        }
    }

    /// Takes what is missing to the next pack, where that is little.
    fn fill(&mut self, glance: &Glance) -> Option<Command> {
        let small = |gap: u64, product: &Product| {
            gap > 0 && gap <= u64::from(product.pack.map_or(1000, Quantity::thousandths)) / 5
        };
        let close: Vec<_> = glance.lines.iter().filter(|(product, _, gap)| small(*gap, product)).collect();
        if close.is_empty() {
            return None;
        }
        let (product, wanted, gap) = close[self.rng.random_range(0..close.len())];
        let more = u64::from(wanted.unwrap_or_default().thousandths()) + gap;
        let quantity = Quantity::from_thousandths(more).ok()?;
        Some(Command::PlaceBid(place(product.id, quantity, None, true)))
    }
}

impl Glance {
    fn at(run: &Run, me: UserId) -> Self {
        let index = run.participants.iter().position(|p| p.user_id == me);
        let mine = |line: &bulq_domain::Line| {
            line.bids.iter().find(|bid| Some(bid.by as usize) == index).map(|bid| bid.max)
        };
        let gap = |line: &bulq_domain::Line| line.plan().gap.thousandths();
        Self {
            open: matches!(run.state, State::Planning | State::Active),
            ready: run.participant(me).is_some_and(|p| p.ready),
            lines: run.lines.iter().map(|line| (line.product.clone(), mine(line), gap(line))).collect(),
        }
    }
}
