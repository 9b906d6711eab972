-- Whether a terminal's test is owed or was made lately is asked for each of them at night (W48).
CREATE INDEX obligation_terminal_test ON obligation ((body ->> 'terminal'))
    WHERE why = 'terminal_test';
