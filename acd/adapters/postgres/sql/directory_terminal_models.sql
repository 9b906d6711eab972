-- What terminals may say of themselves by DTMF, by their model.
SELECT model, digits, meaning, task, within_ms FROM terminal_model_codes ORDER BY model, digits
