-- What was written down while the system was away is lost; what is owed for it stays.
DROP INDEX obligation_of_offline_record;
DROP TABLE offline_records;
