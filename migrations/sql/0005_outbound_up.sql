-- Where outside numbers are dialled to (T19, T31).  All four together, or none: such a trunk takes
-- calls and makes none.
ALTER TABLE trunks
    ADD COLUMN host inet,
    ADD COLUMN port integer CHECK (port BETWEEN 1 AND 65535),
    ADD COLUMN priority integer CHECK (priority >= 0),
    ADD COLUMN dial_form text CHECK (dial_form IN ('national', 'local', 'e164')),
    ADD CHECK (num_nulls(host, port, priority, dial_form) IN (0, 4));
COMMENT ON COLUMN trunks.host IS 'an address, never a name: a name costs a look-up per call';
COMMENT ON COLUMN trunks.priority IS 'the least is tried first';
COMMENT ON COLUMN trunks.dial_form IS 'how the operator wants to be given the number';
