-- Back to one token for all.
DROP TABLE api_token;
DROP SEQUENCE api_token_number;
DROP FUNCTION api_token_changed();
