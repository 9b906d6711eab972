-- Back to elders of whom only the directory's file tells. What agents have noted is lost.
DROP TABLE elder_changes;
DROP FUNCTION filed_contacts;
