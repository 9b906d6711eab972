-- How what is written gets to other disks: the archive of PostgreSQL's own log, and replicas. Lag is
-- null to a user who may not see it.
SELECT current_setting('archive_mode') <> 'off' AS archives,
       extract(epoch FROM last_archived_time)::float8 AS archived_at_s,
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS failing,
       (SELECT count(*) FROM pg_stat_replication) AS replicas,
       (SELECT extract(epoch FROM max(replay_lag))::float8 FROM pg_stat_replication) AS lag_s
FROM pg_stat_archiver
