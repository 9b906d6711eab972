-- Back to music alone.
DROP TABLE queue_treatments;
