//! Judging what clients saw against the log: the log is the order.

use super::books::{adds_up, is_settled};
use super::history::{Asked, History};
use bulq_client::domain::{
    Command, CommandId, CommandKind, Event, Recorded, Run, RunId, Seq, State, UserId, guard,
};
use bulq_client::protocol::RunView;
use bulq_client::protocol::wire::EventEnvelope;
use bulq_client::{Client, Heard, LiveRun, Outcome, Page, Status};
use std::collections::HashMap;
use std::time::Instant;

/// No hole in the log; every acknowledged command is in it once, where it was said to be; a rejected one is not;
/// nothing is there that nobody asked for or was not allowed to; goods and money add up after every event; no answer
/// goes back in time; all answers to one id are equal, also now; every screen got the log's events in order without
/// a gap, and shows what is stored.
pub(crate) async fn judge(reader: &Client, run: RunId, histories: &[History], screens: &[LiveRun]) {
    let log = reader.whole_log(run, 0).await.expect("the log can be read");
    assert!(log.iter().map(|e| e.seq).eq(1..=log.len() as Seq), "the log has a hole");
    let asked: HashMap<CommandId, &Asked> =
        histories.iter().flat_map(|history| &history.asked).map(|asked| (asked.id, asked)).collect();

    let stored = replay(run, &log, &asked);
    let effects = effects(&log);
    for asked in asked.values() {
        is_told_the_truth(asked, effects.get(&asked.id), &log);
    }
    never_goes_back(histories, &effects);

    let mut fresh = reader.run(run).await.expect("a fresh look");
    fresh.viewer = None;
    assert_eq!(RunView::of(&stored), fresh, "what is shown is not what the log says");
    is_settled(reader, run).await;
    let page = Page { limit: Some(100), ..Page::default() };
    let members = reader.members(fresh.group_id, &page).await.expect("who is in the group").items;
    for screen in screens {
        follows_the_log(&screen.history(), &log);
        // A run that has ended hears of nobody's return: who is in the group again reads all of it.
        let may_read =
            !fresh.state.is_live() && members.iter().any(|member| member.user_id == screen.user_id());
        if !may_read {
            ends_where_they_left(screen, &log);
        }
        shows_what_is_stored(screen, &fresh).await;
    }
}

/// Asks once more for each command, with its id, by who asked it: every answer is still the first one.
pub(crate) async fn all_answers_stay(run: RunId, clients: &[Client], histories: &[History]) {
    for client in clients {
        let me = client.user_id().expect("logged in");
        for asked in histories.iter().flat_map(|history| &history.asked).filter(|asked| asked.by == me) {
            let Some(first) = asked.answers.iter().find(|answer| !is_at_the_door(answer)) else { continue };
            let again = client.command_until_known(run, asked.id, &asked.command).await;
            if !is_at_the_door(&again) {
                assert!(same(first, &again), "{:?}: {first:?}, and later {again:?}", asked.command);
            }
        }
    }
}

/// First and last seq of what a command caused.
type Effect = (Seq, Seq);

fn effects(log: &[EventEnvelope]) -> HashMap<CommandId, Effect> {
    let mut effects: HashMap<CommandId, Effect> = HashMap::new();
    for event in log {
        let Some(id) = event.command_id else { continue };
        let effect = effects.entry(id).or_insert((event.seq, event.seq - 1));
        assert_eq!(effect.1 + 1, event.seq, "command {id} took effect twice");
        effect.1 = event.seq;
    }
    effects
}

/// Folds the log and looks at every step.
fn replay(id: RunId, log: &[EventEnvelope], asked: &HashMap<CommandId, &Asked>) -> Run {
    let mut run: Option<Run> = None;
    let mut previous = None;
    for event in log {
        let recorded = Recorded::from(event.clone());
        let Some(run) = &mut run else {
            run = Some(Run::begin(id, &recorded).expect("a log begins with the creation"));
            continue;
        };
        if event.seq > 2 && (event.command_id.is_none() || event.command_id != previous) {
            was_asked_and_allowed(run, event, asked);
        }
        previous = event.command_id;
        let before = run.state;
        run.apply(&recorded);
        if recorded.event.new_state().is_some() {
            assert!(before.may_become(run.state), "{before} never becomes {}", run.state);
        }
        if run.state >= State::Shopping {
            adds_up(&RunView::of(run));
            let balances = run.balances();
            assert!(balances.iter().map(|b| b.paid.0 - b.owes.0).sum::<i64>() == 0, "{balances:?}");
        }
    }
    run.expect("a log is never empty")
}

/// The first event of a command: who caused it asked for exactly this, and might at this point of the log.
fn was_asked_and_allowed(run: &Run, event: &EventEnvelope, asked: &HashMap<CommandId, &Asked>) {
    let Some(by) = event.by else {
        let by_itself = matches!(
            event.event,
            Event::MemberLeft { .. }
                | Event::MemberReturned { .. }
                | Event::HandoverEnded { .. }
                | Event::EveryoneReady {}
                | Event::RunConfirmed { .. }
                | Event::RunCancelled { .. }
                | Event::RunSettled { .. }
        );
        assert!(by_itself, "nobody did this: {event:?}");
        return;
    };
    let id = event.command_id.expect("what somebody does has an id");
    let asked = asked.get(&id).unwrap_or_else(|| panic!("nobody asked for this: {event:?}"));
    assert_eq!(asked.by, by, "somebody else asked for this: {event:?}");
    let allowed = guard::check(asked.command.kind(), run.role(by), run.state);
    assert!(allowed.is_ok(), "{by} as {:?} in {}: {event:?}", run.role(by), run.state);
}

fn is_told_the_truth(asked: &Asked, effect: Option<&Effect>, log: &[EventEnvelope]) {
    let answers: Vec<&Outcome> = asked.answers.iter().filter(|answer| !is_at_the_door(answer)).collect();
    assert!(answers.windows(2).all(|pair| same(pair[0], pair[1])), "{:?}: {answers:?}", asked.command);
    for answer in answers {
        match answer {
            Outcome::Committed { seq, events } => match effect {
                Some((first, last)) => {
                    assert_eq!(seq, last, "{:?} was told another seq", asked.command);
                    let stored = &log[usize::try_from(first - 1).expect("small")..];
                    assert!(
                        events.iter().zip(stored).all(|(told, stored)| told == stored),
                        "told {events:?}"
                    );
                    is_what_was_asked(
                        &asked.command,
                        &stored[..usize::try_from(last - first + 1).expect("small")],
                    );
                }
                None => {
                    let nothing = events.is_empty() && may_change_nothing(asked.command.kind());
                    assert!(nothing, "{:?} was acknowledged with {seq} and is missing", asked.command);
                }
            },
            Outcome::Rejected(refused) => {
                assert!(effect.is_none(), "{:?} was rejected ({refused:?}) and took effect", asked.command);
            }
            Outcome::Unknown => {}
        }
    }
}

/// The events say what the command said.
fn is_what_was_asked(command: &Command, caused: &[EventEnvelope]) {
    let fits = caused.iter().any(|event| match (command, &event.event) {
        (Command::PlaceBid(bid), Event::BidPlaced { quantity, line, .. }) => {
            (bid.quantity, bid.product_id) == (*quantity, line.product_id)
        }
        (Command::PlaceBid(bid), Event::BidRetracted { line, .. }) => {
            bid.quantity.is_zero() && bid.product_id == line.product_id
        }
        (
            Command::RecordPurchase(buy) | Command::AddPurchase(buy),
            Event::PurchaseRecorded { product_id, parts },
        ) => {
            let last = parts.last().map(|part| (part.quantity, part.total));
            (*product_id, last) == (buy.product_id, Some((buy.quantity, buy.total)))
        }
        (Command::SetReceived(set), Event::ReceivedSet { user_id, product_id, received, .. }) => {
            (set.user_id, set.product_id, set.received) == (*user_id, *product_id, *received)
        }
        (
            Command::PlaceBid(_)
            | Command::RecordPurchase(_)
            | Command::AddPurchase(_)
            | Command::SetReceived(_),
            _,
        ) => false,
        _ => true,
    });
    assert!(fits, "{command:?} is in the log as {caused:?}");
}

/// Saying again what is so already is a success without an event.
const fn may_change_nothing(kind: CommandKind) -> bool {
    use CommandKind as K;
    matches!(
        kind,
        K::PlaceBid
            | K::SetReady
            | K::EditDetails
            | K::RecordPurchase
            | K::EditPurchase
            | K::SetReceived
            | K::AppointHelper
            | K::DismissHelper
    )
}

/// Refused before the run was asked, because of who is in the group at that moment: later it may be another answer.
fn is_at_the_door(answer: &Outcome) -> bool {
    matches!(answer.code(), Some("NOT_A_MEMBER" | "NOT_FOUND" | "RUN_NOT_FOUND"))
}

/// Over the live connection an answer has neither status nor events.
fn same(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Outcome::Committed { seq, events }, Outcome::Committed { seq: s, events: e }) => {
            seq == s && (events == e || events.is_empty() || e.is_empty())
        }
        (Outcome::Rejected(one), Outcome::Rejected(other)) => {
            (&one.code, &one.detail, &one.facts) == (&other.code, &other.detail, &other.facts)
        }
        _ => false,
    }
}

/// Linearizable by seq: whatever began after something else had ended stands behind it.
fn never_goes_back(histories: &[History], effects: &HashMap<CommandId, Effect>) {
    /// From which seq to which it stands; a look changes nothing and stands on the seq it shows.
    struct Done {
        began: Instant,
        ended: Instant,
        behind: Seq,
        up_to: Seq,
    }
    let looks = histories.iter().flat_map(|history| &history.looks).map(|look| Done {
        began: look.began,
        ended: look.ended,
        behind: look.seq,
        up_to: look.seq,
    });
    let writes = histories.iter().flat_map(|history| &history.asked).filter_map(|asked| {
        let seq = asked.answers.iter().find_map(Outcome::seq)?;
        let (first, last) = effects.get(&asked.id).map_or((seq + 1, seq), |effect| *effect);
        Some(Done { began: asked.began, ended: asked.ended, behind: first - 1, up_to: last })
    });
    let mut by_begin: Vec<Done> = looks.chain(writes).collect();
    by_begin.sort_by_key(|done| done.began);
    let mut by_end: Vec<(Instant, Seq)> = by_begin.iter().map(|done| (done.ended, done.up_to)).collect();
    by_end.sort_unstable();
    let (mut ended, mut known) = (by_end.iter().peekable(), 0);
    for done in &by_begin {
        while let Some((_, seq)) = ended.next_if(|(end, _)| *end < done.began) {
            known = known.max(*seq);
        }
        assert!(
            known <= done.behind,
            "{known} was known, and afterwards something stood behind {}",
            done.behind
        );
    }
}

fn follows_the_log(heard: &[Heard], log: &[EventEnvelope]) {
    let mut at: Option<Seq> = None;
    for heard in heard {
        match heard {
            Heard::Snapshot(seq) => {
                assert!(at.is_none_or(|at| at <= *seq), "a screen went back from {at:?} to {seq}");
                at = Some(*seq);
            }
            Heard::Event(event) => {
                assert_eq!(at.map(|at| at + 1), Some(event.seq), "a gap or a repetition");
                let stored = usize::try_from(event.seq - 1).ok().and_then(|i| log.get(i));
                assert_eq!(stored, Some(&**event), "a screen was shown what is not in the log");
                at = Some(event.seq);
            }
        }
    }
}

/// Who left and did not come back was shown nothing behind that.
fn ends_where_they_left(screen: &LiveRun, log: &[EventEnvelope]) {
    let me: UserId = screen.user_id();
    let last = log.iter().rev().find_map(|event| match event.event {
        Event::MemberLeft { user_id, .. } if user_id == me => Some(Some(event.seq)),
        Event::MemberReturned { user_id } if user_id == me => Some(None),
        _ => None,
    });
    let Some(Some(left)) = last else { return };
    assert!(screen.events().iter().all(|event| event.seq <= left), "{me} left at {left} and was shown more");
}

async fn shows_what_is_stored(screen: &LiveRun, fresh: &RunView) {
    let Ok(view) = screen.wait_for_seq(fresh.seq).await else {
        assert!(matches!(screen.status(), Status::Ended { .. }), "a screen does not catch up");
        return;
    };
    let mut view = (*view).clone();
    view.viewer = None;
    assert_eq!(view, *fresh, "a screen does not show what is stored");
}
