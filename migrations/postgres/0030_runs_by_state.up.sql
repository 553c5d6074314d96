-- A group's runs in one state, latest first: without reading the group's whole past for the few that are in it.
create index runs_group_state on runs (group_id, state, created_at, id);
