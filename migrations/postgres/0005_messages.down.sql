drop table outbox;
drop table notifications;
