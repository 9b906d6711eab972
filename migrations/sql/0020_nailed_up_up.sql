-- A third way in which a call reaches a seat: the phone's line stays open, and a beep announces.
ALTER TABLE seats DROP CONSTRAINT seats_mode_check;
ALTER TABLE seats ADD CONSTRAINT seats_mode_check
    CHECK (mode IN ('ring', 'auto_answer', 'nailed_up'));
COMMENT ON COLUMN seats.mode IS
    'how a call reaches the seat; auto_answer: the phone picks up by itself; nailed_up: its line stays open';
