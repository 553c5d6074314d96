//! What clients asked and saw, and when: the material of the judge.

use bulq_client::domain::{Command, CommandId, RunId, Seq, UserId};
use bulq_client::{Client, LiveRun, Outcome, commands};
use futures_util::future::join;
use std::time::Instant;

/// A command, asked once or several times with one id, and every definite answer to it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: CommandId,
    pub(crate) by: UserId,
    pub(crate) command: Command,
    pub(crate) answers: Vec<Outcome>,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

/// A look at a run, and the seq it showed.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) seq: Seq,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

/// What one client did in one run, one thing after the other.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) asked: Vec<Asked>,
    pub(crate) looks: Vec<Look>,
}

impl History {
    /// Asks over the live connection until the answer is known.
    pub(crate) async fn ask(&mut self, screen: &LiveRun, command: Command) -> Outcome {
        let (id, began) = (commands::new_id(), Instant::now());
        let outcome = screen.command_with_id_until_known(id, command.clone()).await;
        self.note(id, screen.user_id(), command, vec![outcome.clone()], began);
        outcome
    }

    /// Asks over HTTP until the answer is known.
    pub(crate) async fn ask_over_http(&mut self, who: &Client, run: RunId, command: Command) -> Outcome {
        let (id, began) = (commands::new_id(), Instant::now());
        let outcome = who.command_until_known(run, id, &command).await;
        self.note(id, who.user_id().expect("logged in"), command, vec![outcome.clone()], began);
        outcome
    }

    /// Asks the same over the live connection and at once over HTTP, and perhaps again afterwards.
    pub(crate) async fn ask_many_times(
        &mut self,
        who: &Client,
        screen: &LiveRun,
        run: RunId,
        command: Command,
        again: bool,
    ) {
        let (id, began) = (commands::new_id(), Instant::now());
        let live = screen.command_with_id_until_known(id, command.clone());
        let (live, http) = join(live, who.command_until_known(run, id, &command)).await;
        let mut answers = vec![live, http];
        if again {
            answers.push(who.command_until_known(run, id, &command).await);
        }
        self.note(id, screen.user_id(), command, answers, began);
    }

    /// Looks at the run over HTTP; a server that is away shows nothing.
    pub(crate) async fn look(&mut self, who: &Client, run: RunId) {
        let began = Instant::now();
        if let Ok(view) = who.run(run).await {
            self.looks.push(Look { seq: view.seq, began, ended: Instant::now() });
        }
    }

    fn note(
        &mut self,
        id: CommandId,
        by: UserId,
        command: Command,
        mut answers: Vec<Outcome>,
        began: Instant,
    ) {
        answers.retain(|answer| *answer != Outcome::Unknown);
        self.asked.push(Asked { id, by, command, answers, began, ended: Instant::now() });
    }
}
