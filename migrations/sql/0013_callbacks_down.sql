-- Back to the same rules everywhere.
DROP TABLE queue_callbacks;
