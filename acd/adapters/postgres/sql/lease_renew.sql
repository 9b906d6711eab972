-- Still here; no row when another has taken it.
UPDATE service_lease SET renewals = renewals + 1, seen_ms = $2 WHERE epoch = $1 RETURNING epoch
