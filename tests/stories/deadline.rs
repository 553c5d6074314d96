//! Bidding closes by itself when its deadline passes: once, whatever happens to the server meanwhile.

use crate::support::{Cast, refusal, stories};
use bulq_client::commands;
use bulq_client::domain::command::EditDetails;
use bulq_client::domain::event::Cause;
use bulq_client::domain::{Command, Event, RunId, State};
use chrono::{TimeDelta, Utc};
use std::time::Duration;

#[expect(clippy::disallowed_methods, reason = "a deadline of the real server is one of the real clock")]
fn closes_in(seconds: i64) -> Command {
    let at = Utc::now() + TimeDelta::seconds(seconds);
    commands::edit_details(EditDetails { comment: None, planned_on: None, bidding_deadline: Some(Some(at)) })
}

async fn confirmations(cast: &Cast, run: RunId) -> Vec<Cause> {
    let log = cast.leader.whole_log(run, 0).await.unwrap();
    let cause = |event: &Event| match event {
        Event::RunConfirmed { cause, .. } => Some(*cause),
        _ => None,
    };
    log.iter().filter_map(|e| cause(&e.event)).collect()
}

stories! {
    async fn bidding_closes_at_its_deadline(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.wish(run, &[(&cast.a, cast.p2, "1")]).await;
        let screen = cast.open(&cast.b, run).await;
        cast.lead(run, [closes_in(1)]).await;

        let view = screen.wait_for(|view| view.state == State::Confirmed).await.unwrap();

        assert!(view.times.confirmed_at >= view.bidding_deadline, "not before");
        assert_eq!(confirmations(&cast, run).await, [Cause::Deadline]);
        let late = cast.b.command(run, &commands::bid(cast.p2, crate::support::q("1"))).await;
        assert_eq!(refusal(&late), (409, "COMMAND_NOT_ALLOWED_IN_STATE"));
        cast.lead(run, [commands::step_back()]).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(cast.b.run(run).await.unwrap().state, State::Active, "reopened on purpose: it has had its day");
    }

    /// The server is away when the deadline passes: it closes when it comes back, and only once.
    async fn a_deadline_is_not_lost_and_not_repeated_by_restarts(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.wish(run, &[(&cast.a, cast.p2, "1")]).await;
        let screen = cast.open(&cast.b, run).await;
        cast.lead(run, [closes_in(1)]).await;
        app.kill().await;
        tokio::time::sleep(Duration::from_millis(1200)).await;

        app.launch().await;
        screen.wait_for(|view| view.state == State::Confirmed).await.unwrap();
        for _ in 0..2 {
            app.kill().await;
            app.launch().await;
            assert_eq!(cast.b.run(run).await.unwrap().state, State::Confirmed);
        }

        assert_eq!(confirmations(&cast, run).await, [Cause::Deadline]);
    }

    /// Nobody needs to look: a run that nobody has open closes too.
    async fn a_run_nobody_looks_at_closes_too(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.wish(run, &[(&cast.a, cast.p2, "1")]).await;
        cast.lead(run, [closes_in(1)]).await;
        app.kill().await;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        app.launch().await;

        let mut socket = bulq_client::LiveSocket::connect(&cast.b).await.unwrap();
        let topic = bulq_client::protocol::live::Topic::Group(cast.group);
        loop {
            socket.subscribe_to(topic, None).await.unwrap();
            let confirmed = cast.b.runs_of(cast.group, Some(State::Confirmed), &Default::default()).await.unwrap();
            if !confirmed.items.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(confirmations(&cast, run).await, [Cause::Deadline]);
    }

    /// The leader is faster, or takes the deadline away: it does nothing any more.
    async fn a_deadline_that_is_taken_away_does_nothing(app) {
        let cast = Cast::assemble(app).await;
        let (faster, without) = (cast.run().await, cast.run().await);
        for run in [faster, without] {
            cast.wish(run, &[(&cast.a, cast.p2, "1")]).await;
            cast.lead(run, [closes_in(2)]).await;
        }
        let never = EditDetails { comment: None, planned_on: None, bidding_deadline: Some(None) };

        cast.lead(faster, [commands::confirm()]).await;
        cast.lead(without, [commands::edit_details(never)]).await;
        tokio::time::sleep(Duration::from_millis(2500)).await;

        assert_eq!(confirmations(&cast, faster).await, [Cause::Leader]);
        assert_eq!(confirmations(&cast, without).await, []);
    }
}
