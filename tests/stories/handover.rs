//! The lead goes from one to another.

use crate::support::{Cast, cancel, id, q, refusal, stories};
use bulq_client::commands;
use bulq_client::domain::event::HandoverEnd;
use bulq_client::domain::{Event, Role, RunId, State};

/// Confirmed, with bids of A and B.
async fn confirmed(cast: &Cast) -> RunId {
    let run = cast.run().await;
    cast.wish(run, &[(&cast.a, cast.p2, "1"), (&cast.b, cast.p2, "1")]).await;
    cast.lead(run, [commands::confirm()]).await;
    run
}

stories! {
    async fn an_offer_is_declined_and_accepted(app) {
        let cast = Cast::assemble(app).await;
        let run = confirmed(&cast).await;
        let (a, b, c) = (id(&cast.a), id(&cast.b), id(&cast.c));
        let screen = cast.open(&cast.a, run).await;
        let to_a_member = cast.leader.command(run, &commands::offer_handover(c)).await;
        assert_eq!(refusal(&to_a_member), (422, "NOT_A_PARTICIPANT"));
        assert_eq!(refusal(&cast.a.command(run, &commands::offer_handover(b)).await), (403, "LEADER_ONLY"));

        let seq = cast.lead(run, [commands::offer_handover(a)]).await;
        assert_eq!(screen.wait_for_seq(seq).await.unwrap().handover, Some(a));
        assert_eq!(refusal(&cast.leader.command(run, &commands::offer_handover(b)).await), (409, "HANDOVER_OPEN"));
        assert_eq!(refusal(&cast.b.command(run, &commands::accept_handover()).await), (403, "HANDOVER_NOT_YOURS"));
        let seq = screen.command(commands::decline_handover()).await.committed();
        assert_eq!(screen.wait_for_seq(seq).await.unwrap().handover, None);
        assert_eq!(refusal(&cast.a.command(run, &commands::accept_handover()).await), (409, "NO_HANDOVER"));

        cast.lead(run, [commands::offer_handover(a)]).await;
        let seq = screen.command(commands::accept_handover()).await.committed();
        let view = screen.wait_for_seq(seq).await.unwrap();
        assert_eq!((view.leader_id, view.handover), (a, None));
        let roles: Vec<_> = view.participants.iter().map(|p| (p.user_id, p.role)).collect();
        assert_eq!(roles, [(id(&cast.leader), Role::Participant), (a, Role::Leader), (b, Role::Participant)]);
        assert_eq!(refusal(&cast.leader.command(run, &commands::start_shopping()).await), (403, "LEADER_ONLY"));
        cast.a.command(run, &commands::start_shopping()).await.committed();
        assert_eq!(refusal(&cast.a.command(run, &commands::accept_handover()).await), (409, "NO_HANDOVER"));
        assert_eq!(cast.leader.run(run).await.unwrap().viewer.unwrap().role, Role::Participant);
    }

    async fn an_offer_is_withdrawn(app) {
        let cast = Cast::assemble(app).await;
        let run = confirmed(&cast).await;
        assert_eq!(refusal(&cast.leader.command(run, &commands::withdraw_handover()).await), (409, "NO_HANDOVER"));
        cast.lead(run, [commands::offer_handover(id(&cast.a)), commands::withdraw_handover()]).await;

        assert_eq!(refusal(&cast.a.command(run, &commands::accept_handover()).await), (409, "NO_HANDOVER"));
        assert_eq!(cast.a.run(run).await.unwrap().leader_id, id(&cast.leader));
    }

    /// The offer goes by itself when either leaves or the run ends.
    async fn an_offer_ends_with_who_it_is_for_and_with_the_run(app) {
        let cast = Cast::assemble(app).await;
        let (left, ended) = (confirmed(&cast).await, confirmed(&cast).await);
        let screen = cast.open(&cast.b, left).await;
        cast.lead(left, [commands::offer_handover(id(&cast.a))]).await;
        let seq = cast.lead(ended, [commands::offer_handover(id(&cast.a)), cancel()]).await;
        let log = cast.b.whole_log(ended, 0).await.unwrap();
        let over = log.iter().find_map(|e| match e.event {
            Event::HandoverEnded { reason, .. } => Some(reason),
            _ => None,
        });
        assert_eq!((over, log.len() as u64), (Some(HandoverEnd::RunEnded), seq));

        cast.a.leave_group(cast.group).await.unwrap();

        let view = screen.wait_for(|view| view.handover.is_none()).await.unwrap();
        assert_eq!(view.state, State::Confirmed);
        let over = screen.events().iter().find_map(|e| match e.event {
            Event::HandoverEnded { reason, .. } => Some(reason),
            _ => None,
        });
        assert_eq!(over, Some(HandoverEnd::Left));
        cast.lead(left, [commands::offer_handover(id(&cast.b))]).await;
    }

    /// The new leader may do what only leaders may, over a whole life; a helper who leads needs no appointment.
    async fn the_new_leader_leads_to_the_end(app) {
        let cast = Cast::assemble(app).await;
        let run = confirmed(&cast).await;
        cast.lead(run, [commands::appoint_helper(id(&cast.a)), commands::offer_handover(id(&cast.a))]).await;
        cast.a.command(run, &commands::accept_handover()).await.committed();

        let needless = cast.a.command(run, &commands::appoint_helper(id(&cast.a))).await;
        assert_eq!(refusal(&needless).0, 409);
        for command in [
            commands::start_shopping(),
            commands::bought(cast.p2, q("2"), crate::support::cents(400), None),
            commands::finish_shopping(),
            commands::left_with_leader(id(&cast.a), None),
            commands::pick_up(id(&cast.b), None),
            commands::complete(),
        ] {
            cast.a.command(run, &command).await.committed();
        }
        let settlement = cast.b.settlement(run).await.unwrap();
        assert_eq!(settlement.transfers.len(), 1);
        assert_eq!((settlement.transfers[0].from, settlement.transfers[0].to), (id(&cast.b), id(&cast.a)));
        assert_eq!(settlement.transfers[0].amount.0, 200);
    }
}
