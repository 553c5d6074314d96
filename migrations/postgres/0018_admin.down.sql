drop index groups_name;
drop table server_switches;
drop table admin_log;
