-- Ended in order: the next one need not wait.
UPDATE service_lease SET renewals = renewals + 1, seen_ms = $2, released = true WHERE epoch = $1
