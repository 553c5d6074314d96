//! A run that rests whenever it may behaves like one that never does.

use super::super::messages::{Membership, Reply};
use super::super::tail::Held;
use super::*;
use bulq_domain::event::Departure;
use bulq_domain::run::{Product, Unit};
use bulq_domain::{
    Command, CommandId, Context, NewRun, ProductId, Quantity, ShortagePolicy, StoreId, Timestamp, UserId,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use tokio::sync::oneshot;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(1);
const RUN: RunId = RunId(ID);
/// So long that what was missed goes beyond what is kept, at rest and otherwise.
const COMMENT: &str = "Only if it is the one in the brown paper bag; the other one keeps for a week at most.";

#[derive(Clone, Debug)]
enum Step {
    Bid {
        person: u128,
        product: u128,
        quantity: u32,
    },
    Leave {
        person: u128,
    },
    /// The same as some step before, once more.
    Again(Index),
    /// The first so many of the changes under way are in the log.
    Commit(Index),
    /// Nothing happened for a while.
    Pause,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bid = (0..6_u128, 0..8_u128, 0..5_u32).prop_map(|(person, product, quantity)| Step::Bid {
        person,
        product,
        quantity,
    });
    let step = prop_oneof![
        8 => bid,
        1 => (1..6_u128).prop_map(|person| Step::Leave { person }),
        2 => any::<Index>().prop_map(Step::Again),
        4 => any::<Index>().prop_map(Step::Commit),
        2 => Just(Step::Pause),
    ];
    prop::collection::vec(step, 1..400)
}

/// The command of step `n`; none if it is not a command.
fn command(n: usize, step: &Step) -> Option<What> {
    let id = CommandId(Uuid::from_u128(100 + n as u128));
    let at = Timestamp::from_timestamp_micros(1_790_000_000_000_000).unwrap_or_default();
    match *step {
        Step::Bid { person, product, quantity } => {
            let bid = json!({
                "product_id": Uuid::from_u128(product), "quantity": quantity.to_string(), "comment": COMMENT
            });
            let bid = serde_json::from_str(&bid.to_string()).expect("a bid");
            let context = context(person, product, id, at);
            Some(What::Command(Box::new((Command::PlaceBid(bid), context))))
        }
        Step::Leave { person } => {
            let change = Membership::Gone(Departure::Left);
            Some(What::Membership { user: UserId(Uuid::from_u128(person)), change, id, at })
        }
        Step::Again(_) | Step::Commit(_) | Step::Pause => None,
    }
}

fn context(person: u128, product: u128, command_id: CommandId, at: Timestamp) -> Context {
    let product = Product {
        id: ProductId(Uuid::from_u128(product)),
        name: "Rice".into(),
        unit: Unit::Piece,
        step: Quantity::ONE,
        pack: None,
        minimum: Quantity::ZERO,
        price: None,
        family_id: None,
    };
    Context {
        by: UserId(Uuid::from_u128(person)),
        name: "Somebody".into(),
        at,
        command_id: Some(command_id),
        product: Some(Arc::new(product)),
        person: None,
    }
}

fn creation() -> What {
    let new = NewRun {
        group_id: bulq_domain::GroupId(ID),
        store_id: StoreId(ID),
        store_name: "Mill".into(),
        currency: "EUR".parse().expect("a currency"),
        comment: None,
        planned_on: None,
        bidding_deadline: None,
        auto_confirm: false,
        shortage_policy: ShortagePolicy::default(),
        costs: Vec::new(),
    };
    What::Create(Box::new((new, context(0, 0, CommandId(ID), Timestamp::default()))))
}

/// A run and what became of everything it was asked, as text.
struct Played {
    live: LiveRun,
    /// Changes under way.
    under_way: u64,
    in_the_log: u64,
    said: Vec<String>,
}

impl Played {
    fn new() -> Self {
        let run = None;
        let (recent, remembered) = (Ring::default(), Remembered::default());
        let live = LiveRun::new(Rebuilt { run, epoch: 0, snapshot_seq: 0, recent, remembered });
        Self { live, under_way: 0, in_the_log: 0, said: Vec::new() }
    }

    fn ask(&mut self, what: What) {
        let said = match self.live.decide(RUN, what, false) {
            Turn::Submit { change, verdict, pending } => {
                let said = format!("{:?}..={:?} {:?}", change.first_seq, change.last_seq, pending.envelopes);
                let (to, _) = oneshot::channel();
                self.live.tail.push(pending, Held { reply: Reply::Once(to), verdict });
                self.under_way += 1;
                said
            }
            Turn::Hold(verdict) => text(&verdict),
            Turn::Refuse(refusal) => format!("{refusal:?}"),
        };
        self.said.push(said);
    }

    fn commit(&mut self, changes: u64) {
        self.in_the_log += changes;
        self.under_way -= changes;
        let settled = self.live.tail.settle(self.in_the_log);
        if !settled.events.is_empty() {
            self.live.show(RUN, settled.events, &Hubs::default());
        }
        let shown = self.live.durable.as_ref().map(|shown| shown.view_for(UserId(ID)));
        self.said.push(format!("{shown:?}"));
    }
}

fn text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Committed { seq, events } => format!("committed {seq} {events:?}"),
        Verdict::Replayed { first, last } => format!("replayed {first}..={last}"),
        Verdict::Rejected(rejection) => format!("rejected {rejection:?}"),
    }
}

fn play(steps: &[Step], rests: bool) -> Played {
    let mut played = Played::new();
    played.ask(creation());
    played.commit(1);
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Again(which) => {
                let n = which.index(steps.len());
                command(n, &steps[n]).into_iter().for_each(|what| played.ask(what));
            }
            Step::Commit(share) => {
                let changes = share.index(usize::try_from(played.under_way).expect("few") + 1);
                played.commit(changes as u64);
            }
            Step::Pause if rests && played.live.tail.is_settled() => played.live.rest(),
            Step::Pause => {}
            Step::Bid { .. } | Step::Leave { .. } => {
                command(n, step).into_iter().for_each(|what| played.ask(what))
            }
        }
    }
    played.commit(played.under_way);
    played
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn resting_changes_nothing(steps in steps()) {
        let (awake, mut resting) = (play(&steps, false), play(&steps, true));
        resting.live.rest();
        prop_assert_eq!(&awake.said, &resting.said);
        let now = awake.live.durable.as_ref().map_or(0, |shown| shown.seq());
        prop_assert_eq!(awake.live.decided(), resting.live.decided());
        for first in 1..=now {
            // What is not kept is read from the log; what is kept is the same.
            if let Some(kept) = resting.live.ring.range(first, now) {
                prop_assert_eq!(Some(kept), awake.live.ring.range(first, now));
            }
        }
        prop_assert!(now == 0 || resting.live.ring.range(now, now).is_some(), "the last event is kept");
    }
}
