UPDATE seats SET mode = 'auto_answer' WHERE mode = 'nailed_up';
ALTER TABLE seats DROP CONSTRAINT seats_mode_check;
ALTER TABLE seats ADD CONSTRAINT seats_mode_check CHECK (mode IN ('ring', 'auto_answer'));
COMMENT ON COLUMN seats.mode IS 'how a call reaches the seat; auto_answer: the phone picks up by itself';
