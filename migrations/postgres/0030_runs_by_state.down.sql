drop index runs_group_state;
