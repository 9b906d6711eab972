-- Organisations around the elders that can be called.
SELECT id, kind, phone FROM organisations WHERE phone IS NOT NULL
