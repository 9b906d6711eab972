-- Messages after the beep (V03): what was said, by whom, and by when a person answers (V06).
CREATE TABLE message (
    message_id  text PRIMARY KEY,
    call_id     text NOT NULL,
    arrived_at  timestamptz NOT NULL,
    left_at     timestamptz NOT NULL,
    number      text,
    queue       text NOT NULL,
    terminal    text,
    duration_ms bigint NOT NULL,
    due_at      timestamptz NOT NULL
);
COMMENT ON COLUMN message.message_id IS 'the file in Asterisk''s recording folder, without its suffix';
COMMENT ON COLUMN message.due_at IS 'what the caller was told: by then a person answers';
CREATE INDEX message_left_at ON message (left_at);
