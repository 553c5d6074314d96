//! Runs that are brought to where a story begins.

use super::{Cast, cents, q};
use bulq_client::domain::command::{Cancel, Command};
use bulq_client::domain::{ProductId, Reason, RunId, Seq, State, UserId};
use bulq_client::{Client, commands};

/// Who wants how much of what.
pub(crate) type Wish<'a> = (&'a Client, ProductId, &'a str);
/// How much of what was bought, and for how much.
pub(crate) type Buy<'a> = (ProductId, &'a str, i64);

pub(crate) fn id(client: &Client) -> UserId {
    client.user_id().expect("logged in")
}

pub(crate) fn reason() -> Reason {
    Reason::try_from("the van broke down".to_owned()).expect("a good reason")
}

pub(crate) fn cancel() -> Command {
    Command::Cancel(Cancel { reason: reason(), expected_seq: None, outcomes: Vec::new() })
}

impl Cast {
    /// The leader asks for one thing after the other, and gets it.
    pub(crate) async fn lead(&self, run: RunId, commands: impl IntoIterator<Item = Command>) -> Seq {
        let mut seq = 0;
        for command in commands {
            seq = self.leader.command(run, &command).await.committed();
        }
        seq
    }

    pub(crate) async fn wish(&self, run: RunId, wishes: &[Wish<'_>]) {
        for (who, product, quantity) in wishes {
            who.command(run, &commands::bid(*product, q(quantity))).await.committed();
        }
    }

    /// A run in shopping, with these bids in this order.
    pub(crate) async fn shopping(&self, wishes: &[Wish<'_>]) -> RunId {
        let run = self.run().await;
        self.lead(run, [commands::open()]).await;
        self.wish(run, wishes).await;
        self.lead(run, [commands::confirm(), commands::start_shopping()]).await;
        run
    }

    /// A run whose shopping is finished: adjusting, distributing or completed.
    pub(crate) async fn shopped(&self, wishes: &[Wish<'_>], bought: &[Buy<'_>]) -> RunId {
        let run = self.shopping(wishes).await;
        self.lead(
            run,
            bought.iter().map(|(product, quantity, total)| {
                commands::bought(*product, q(quantity), cents(*total), None)
            }),
        )
        .await;
        self.lead(run, [commands::finish_shopping()]).await;
        run
    }

    /// A run in this state: L leads, A helps, B takes part.
    ///
    /// Wanted of P1 are 4, 4 and 2, of P2 the leader wants 2. Bought are 7 for 7000 and 3 for 300, so that it needs
    /// adjusting; by `equal_awards` 2.50, 2.50 and 2 of P1 are handed out, and 3 of P2.
    pub(crate) async fn run_in(&self, state: State) -> RunId {
        let run = self.run().await;
        let (a, b) = (id(&self.a), id(&self.b));
        self.wish(run, &[(&self.leader, self.p1, "4"), (&self.leader, self.p2, "2")]).await;
        let people = [commands::appoint_helper(a), commands::appoint_helper(b), commands::dismiss_helper(b)];
        self.lead(run, people).await;
        self.lead_from_planning(run, state).await;
        run
    }

    /// As [`Cast::run_in`], from planning on.
    pub(crate) async fn lead_from_planning(&self, run: RunId, state: State) {
        if state == State::Cancelled {
            self.lead(run, [cancel()]).await;
            return;
        }
        let life = [
            State::Active,
            State::Confirmed,
            State::Shopping,
            State::Adjusting,
            State::Distributing,
            State::Completed,
        ];
        for next in life.into_iter().filter(|next| *next <= state) {
            self.lead_into(run, next).await;
        }
    }

    /// From the state before into this one.
    async fn lead_into(&self, run: RunId, state: State) {
        match state {
            State::Active => {
                self.lead(run, [commands::open()]).await;
                self.wish(run, &[(&self.a, self.p1, "4"), (&self.b, self.p1, "2")]).await;
            }
            State::Confirmed => {
                self.lead(run, [commands::confirm()]).await;
            }
            State::Shopping => {
                self.lead(run, [commands::start_shopping()]).await;
            }
            State::Adjusting => {
                let bought = [
                    commands::bought(self.p1, q("7"), cents(7000), None),
                    commands::bought(self.p2, q("3"), cents(300), None),
                ];
                self.lead(run, bought.into_iter().chain([commands::finish_shopping()])).await;
            }
            State::Distributing => {
                self.lead(run, [commands::finish_adjusting(true, None)]).await;
            }
            State::Completed => {
                self.everything_is_fetched(run).await;
                self.lead(run, [commands::complete()]).await;
            }
            State::Planning | State::Cancelled => unreachable!("nothing leads a run on into {state}"),
        }
    }

    pub(crate) async fn everything_is_fetched(&self, run: RunId) {
        let people = self.leader.distribution(run).await.expect("a distribution").people;
        let waiting = people.iter().filter(|person| person.items.iter().any(|item| !item.received.is_zero()));
        self.lead(run, waiting.map(|person| commands::pick_up(person.user_id, None))).await;
    }

    /// Comes (back) into the group.
    pub(crate) async fn invite(&self, who: &Client) {
        let token = self.leader.invite_token(self.group).await.expect("an invitation");
        who.accept_invite(&token).await.expect("joins");
    }
}
