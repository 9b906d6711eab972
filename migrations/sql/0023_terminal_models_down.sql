-- Back to terminals that say nothing of themselves.

DROP TABLE terminal_model_codes, terminal_models;
