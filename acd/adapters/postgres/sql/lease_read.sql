-- Who has the lease.
SELECT epoch, owner, address, renewals, seen_ms, released FROM service_lease
