-- What has been deleted lately: a crash may have left the file.
SELECT recording_id, file FROM recording
WHERE state = 'deleted' AND deleted_at >= $1 AND file IS NOT NULL
