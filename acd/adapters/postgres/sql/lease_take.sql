-- Take the lease; where $5 and $6 are given, only if it is still the one that was read.
INSERT INTO service_lease AS lease (epoch, owner, address, seen_ms)
VALUES ($1, $2, $3, $4)
ON CONFLICT (one) DO UPDATE SET
    epoch = excluded.epoch,
    owner = excluded.owner,
    address = excluded.address,
    renewals = lease.renewals + 1,
    seen_ms = greatest(lease.seen_ms, excluded.seen_ms),
    released = false
WHERE $5::integer IS NULL OR (lease.epoch, lease.renewals) = ($5, $6::bigint)
RETURNING epoch
