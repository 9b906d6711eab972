-- A number no other writer has had.
SELECT nextval('writer_epoch')::integer
