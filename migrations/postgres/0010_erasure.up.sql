-- People who had themselves erased: the row stays, so that the books keep their references; who it was does not.

alter table users add column erased_at bigint;
