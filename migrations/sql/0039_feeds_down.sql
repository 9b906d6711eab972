-- What was handed to the regulator, and what was acknowledged, is lost; its programs' tokens with it.
DELETE FROM api_token WHERE role = 'collector';
ALTER TABLE api_token DROP CONSTRAINT api_token_role_check;
ALTER TABLE api_token ADD CONSTRAINT api_token_role_check CHECK (role IN (
    'agent', 'supervisor', 'administrator', 'regulator', 'monitor'));
DROP INDEX fact_device_report;
DROP INDEX obligation_device;
DROP INDEX obligation_case;
DROP TRIGGER feed_inserted ON elder_changes;
DROP TRIGGER feed_deleted ON terminals;
DROP TRIGGER feed_updated ON terminals;
DROP TRIGGER feed_inserted ON terminals;
DROP TRIGGER feed_deleted ON elders;
DROP TRIGGER feed_updated ON elders;
DROP TRIGGER feed_inserted ON elders;
DROP FUNCTION feed_users_due();
DROP TABLE feed_key;
DROP TABLE feed_acknowledgement;
DROP TABLE feed_record;
DROP SEQUENCE feed_position;
DROP TABLE feed_due;
