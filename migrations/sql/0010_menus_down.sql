-- Every entry leads to its queue again.
ALTER TABLE queue_treatments DROP COLUMN callback_from_ms, DROP COLUMN reply_within_ms;
ALTER TABLE entries DROP COLUMN menu;
DROP TABLE menu_choices;
DROP TABLE menus;
