-- When a run became active last: one that was opened again after its deadline is not due.
alter table runs add column active_at integer;
update runs set active_at = (
    select max(at) from run_events
    where run_id = runs.id and kind in ('run_opened', 'run_stepped_back') and body ->> 'state' = 'active'
);
create index runs_deadline on runs (bidding_deadline_at) where state = 'active' and active_at <= bidding_deadline_at;
