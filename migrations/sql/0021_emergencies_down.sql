-- Back to the same intervals everywhere.
DROP TABLE queue_emergencies;
