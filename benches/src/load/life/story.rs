//! One run after the other, from the first bid to the end.

use super::super::Failure;
use super::super::pace::Due;
use super::super::scan::Scanner;
use super::seat::{Room, Seat};
use super::{World, more};
use bulq_client::protocol::money::NewPayment;
use bulq_client::protocol::run::CreateRun;
use bulq_client::{Client, Outcome, commands};
use bulq_domain::command::CostSplit;
use bulq_domain::{Command, Label, Money, ProductId, Quantity, Reason, RunId, State, Total, UserId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// An answer, or an event on a screen, takes no longer than this.
const PATIENCE: Duration = Duration::from_secs(20);
const LEADER: usize = 0;
const PRICE: i64 = 199;

/// A run and who has it open.
struct Story {
    world: Rc<World>,
    due: Rc<Due>,
    chance: StdRng,
    id: RunId,
    room: Rc<Room>,
    people: Vec<Person>,
    /// The step at which it is cancelled, if it is to be.
    doomed: Option<State>,
}

struct Person {
    /// In the cast.
    number: usize,
    seat: Option<Seat>,
    /// What they had seen when they went.
    had: u64,
    bids: BTreeSet<ProductId>,
}

/// One run after the other in this slot.
pub(super) async fn keep_living(world: Rc<World>, slot: usize, due: Rc<Due>) -> Result<(), Failure> {
    let mut chance = StdRng::seed_from_u64(world.options.seed.wrapping_mul(1_000_003) + slot as u64);
    for n in slot.. {
        let mut story = Story::begin(world.clone(), due.clone(), StdRng::from_rng(&mut chance), n).await?;
        let end = story.live().await.map_err(|failure| format!("run {}: {failure}", story.id))?;
        more(if end == State::Cancelled { &world.counts.cancelled } else { &world.counts.completed });
    }
    Ok(())
}

impl Story {
    /// The `n`-th run: its people follow on those of the one before.
    async fn begin(world: Rc<World>, due: Rc<Due>, mut chance: StdRng, n: usize) -> Result<Self, Failure> {
        let people = (0..world.options.people).map(|i| (n * world.options.people + i) % world.options.users);
        let people: Vec<Person> =
            people.map(|number| Person { number, seat: None, had: 0, bids: BTreeSet::new() }).collect();
        let new = CreateRun {
            store_id: world.store,
            comment: None,
            planned_on: None,
            bidding_deadline: None,
            auto_confirm: false,
        };
        let leader = world.cast.person(people[LEADER].number).clone();
        let id = leader.create_run(world.group, &new).await?.run_id;
        let doomed = (chance.random_range(0..100) < world.options.cancelled).then(|| {
            let stages = [State::Active, State::Confirmed, State::Shopping, State::Distributing];
            stages[chance.random_range(0..stages.len())]
        });
        let room = Rc::new(Room { scanner: RefCell::new(Scanner::default()), news: Rc::new(Notify::new()) });
        let mut story = Self { world, due, chance, id, room, people, doomed };
        for person in 0..story.people.len() {
            story.sit_down(person, None).await?;
        }
        Ok(story)
    }

    async fn live(&mut self) -> Result<State, Failure> {
        let first = self.any_product();
        self.bid(LEADER, first).await?;
        self.must(LEADER, commands::open()).await?;
        self.bidding().await?;
        if let Some(end) = self.cancelled_in(State::Active).await? {
            return Ok(end);
        }
        self.must(LEADER, commands::confirm()).await?;
        if self.in_a_hundred(20) {
            self.must(LEADER, commands::step_back()).await?;
            let late = self.any_product();
            self.bid(LEADER, late).await?;
            self.must(LEADER, commands::confirm()).await?;
        }
        if let Some(end) = self.cancelled_in(State::Confirmed).await? {
            return Ok(end);
        }
        self.must(LEADER, commands::start_shopping()).await?;
        self.shopping().await?;
        if let Some(end) = self.cancelled_in(State::Shopping).await? {
            return Ok(end);
        }
        self.must(LEADER, commands::finish_shopping()).await?;
        if self.state().await? == State::Adjusting {
            self.must(LEADER, commands::finish_adjusting(true, None)).await?;
        }
        if self.state().await? == State::Completed {
            return Ok(State::Completed);
        }
        if let Some(end) = self.cancelled_in(State::Distributing).await? {
            return Ok(end);
        }
        self.handing_out().await?;
        self.must(LEADER, commands::complete()).await?;
        self.settling().await?;
        Ok(State::Completed)
    }

    async fn bidding(&mut self) -> Result<(), Failure> {
        for _ in 0..self.chance.random_range(10..40) {
            let (person, product) = (self.anybody(), self.any_product());
            let has_bid = !self.people[person].bids.is_empty();
            match self.chance.random_range(0..100) {
                0..8 if has_bid => {
                    self.must(person, commands::ready(true)).await?;
                }
                8..15 if self.people[person].bids.contains(&product) => {
                    self.must(person, commands::retract(product)).await?;
                    self.people[person].bids.remove(&product);
                }
                15..18 if has_bid && person != LEADER => {
                    let helper = self.user(person)?;
                    // They may be one already, which is said without a change.
                    self.ask(LEADER, commands::appoint_helper(helper)).await?;
                }
                _ => self.bid(person, product).await?,
            }
            self.come_or_go().await?;
        }
        Ok(())
    }

    async fn shopping(&mut self) -> Result<(), Failure> {
        for item in self.leader().items(self.id).await?.items {
            let wanted = quantity(item.requested)?;
            let bought = match self.chance.random_range(0..100) {
                0..5 => continue,
                5..20 => at_least_one(wanted.thousandths() / 2_000),
                _ => wanted,
            };
            let total = Money(i64::from(bought.thousandths()) * PRICE / 1_000);
            let buy = commands::bought(item.product_id, bought, total, None);
            let seq = self.must(LEADER, buy).await?;
            if self.in_a_hundred(10) {
                self.must(LEADER, commands::undo_purchase(item.product_id, Some(seq))).await?;
                self.must(LEADER, commands::bought(item.product_id, bought, total, None)).await?;
            }
            if self.in_a_hundred(20) {
                self.must(LEADER, commands::observe_price(item.product_id, Money(PRICE))).await?;
            }
            self.come_or_go().await?;
        }
        if self.in_a_hundred(50) {
            let label = Label::try_from("Fuel".to_owned()).map_err(|e| format!("{e:?}"))?;
            self.must(LEADER, commands::add_cost(label, Money(1_250), CostSplit::Equally)).await?;
        }
        Ok(())
    }

    async fn handing_out(&mut self) -> Result<(), Failure> {
        for person in self.leader().distribution(self.id).await?.people {
            let user = person.user_id;
            if person.items.iter().all(|item| item.received.is_zero()) {
                continue;
            }
            match self.chance.random_range(0..10) {
                0 => self.must(LEADER, commands::left_with_leader(user, None)).await?,
                1 => {
                    self.must(LEADER, commands::pick_up(user, None)).await?;
                    self.must(LEADER, commands::undo_pick_up(user, None)).await?;
                    self.must(LEADER, commands::pick_up(user, None)).await?
                }
                _ => self.must(LEADER, commands::pick_up(user, None)).await?,
            };
            self.come_or_go().await?;
        }
        Ok(())
    }

    /// Everybody pays what the settlement says.
    async fn settling(&self) -> Result<(), Failure> {
        for transfer in self.leader().settlement(self.id).await?.transfers {
            let payment = NewPayment {
                from: Some(transfer.from),
                to: transfer.to,
                amount: transfer.amount,
                note: None,
            };
            let payer = self.person(transfer.from).ok_or("somebody pays who is not in the run")?;
            payer.record_payment(self.world.group, commands::new_id(), &payment).await?;
            more(&self.world.counts.payments);
        }
        Ok(())
    }

    async fn cancelled_in(&mut self, state: State) -> Result<Option<State>, Failure> {
        if self.doomed != Some(state) {
            return Ok(None);
        }
        let reason = Reason::try_from("the van broke down".to_owned()).map_err(|e| format!("{e:?}"))?;
        self.must(LEADER, commands::cancel(reason, None)).await?;
        Ok(Some(State::Cancelled))
    }

    async fn bid(&mut self, person: usize, product: ProductId) -> Result<(), Failure> {
        let wanted = self.chance.random_range(1..9);
        let most = wanted + self.chance.random_range(0..3);
        let bid = commands::bid_within(product, Quantity::ZERO, pieces(wanted), pieces(most));
        self.must(person, bid).await?;
        self.people[person].bids.insert(product);
        Ok(())
    }

    /// Now and then somebody's screen goes dark, or comes back for what it missed.
    async fn come_or_go(&mut self) -> Result<(), Failure> {
        if !self.in_a_hundred(self.world.options.coming_and_going) {
            return Ok(());
        }
        let person = self.chance.random_range(1..self.people.len());
        match self.people[person].seat.take() {
            Some(seat) => {
                self.people[person].had = seat.seq();
                more(&self.world.counts.left);
                Ok(())
            }
            None => self.sit_down_again(person).await,
        }
    }

    async fn sit_down_again(&mut self, person: usize) -> Result<(), Failure> {
        more(&self.world.counts.came_back);
        self.sit_down(person, Some(self.people[person].had)).await
    }

    async fn sit_down(&mut self, person: usize, after: Option<u64>) -> Result<(), Failure> {
        let number = self.people[person].number;
        let seat = Seat::take(&self.world, &self.room, number, self.id, after).await?;
        self.people[person].seat = Some(seat);
        Ok(())
    }

    /// What the rules must allow.
    async fn must(&mut self, person: usize, command: Command) -> Result<u64, Failure> {
        let what = command.kind().as_str();
        self.ask(person, command).await?.ok_or_else(|| format!("{what} was not committed").into())
    }

    /// When the next thing is due: says it, waits for the answer, and until every screen that is there has it.
    async fn ask(&mut self, person: usize, command: Command) -> Result<Option<u64>, Failure> {
        let due = loop {
            match self.due.take() {
                Some(at) => break at,
                None => self.due.more().await,
            }
        };
        if self.people[person].seat.is_none() {
            self.sit_down_again(person).await?;
        }
        let seat = self.people[person].seat.as_mut().ok_or("nobody sits there")?;
        let id = seat.say(command).await?;
        let (seat, room) = (&*seat, &self.room);
        let outcome =
            until(room, || seat.answer(id)).await.map_err(|_| "a command was not answered in time")?;
        let counts = &self.world.counts;
        let seq = match outcome {
            Outcome::Committed { seq, .. } => seq,
            Outcome::Rejected(refused) => {
                *counts.rejected.borrow_mut().entry(refused.code).or_default() += 1;
                return Ok(None);
            }
            Outcome::Unknown => {
                more(&counts.unknown);
                return Ok(None);
            }
        };
        more(&counts.committed);
        self.world.tally.took(due);
        self.world.tally.count(1);
        self.is_on_every_screen(seq, due).await?;
        Ok(Some(seq))
    }

    async fn is_on_every_screen(&self, seq: u64, due: Instant) -> Result<(), Failure> {
        let seats = || self.people.iter().filter_map(|person| person.seat.as_ref());
        let all_have_it = || seats().all(|seat| seat.seq() >= seq).then_some(());
        if until(&self.room, all_have_it).await.is_err() {
            let at: Vec<_> = seats().map(Seat::seq).collect();
            return Err(format!("event {seq} is not on every screen: they stand at {at:?}").into());
        }
        let took = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.world.counts.on_screens_us.borrow_mut().saturating_record(took);
        Ok(())
    }

    async fn state(&self) -> Result<State, Failure> {
        Ok(self.leader().run(self.id).await?.state)
    }

    fn leader(&self) -> &Client {
        self.client(LEADER)
    }

    fn client(&self, person: usize) -> &Client {
        self.world.cast.person(self.people[person].number)
    }

    fn person(&self, user: UserId) -> Option<&Client> {
        (0..self.people.len())
            .map(|person| self.client(person))
            .find(|client| client.user_id().is_ok_and(|id| id == user))
    }

    fn user(&self, person: usize) -> Result<UserId, Failure> {
        Ok(self.client(person).user_id()?)
    }

    fn anybody(&mut self) -> usize {
        self.chance.random_range(0..self.people.len())
    }

    fn any_product(&mut self) -> ProductId {
        let products = &self.world.cast.products;
        products[self.chance.random_range(0..products.len())]
    }

    fn in_a_hundred(&mut self, count: u32) -> bool {
        self.chance.random_range(0..100) < count
    }
}

/// Looks again whenever something came to a screen of the run.
async fn until<T>(
    room: &Room,
    mut there: impl FnMut() -> Option<T>,
) -> Result<T, tokio::time::error::Elapsed> {
    let look = async {
        loop {
            if let Some(found) = there() {
                break found;
            }
            room.news.notified().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await
}

fn pieces(count: u64) -> Quantity {
    Quantity::from_thousandths(count * 1_000).unwrap_or(Quantity::ONE)
}

fn at_least_one(count: u32) -> Quantity {
    pieces(u64::from(count.max(1)))
}

fn quantity(total: Total) -> Result<Quantity, Failure> {
    Ok(Quantity::from_thousandths(total.thousandths())?)
}
