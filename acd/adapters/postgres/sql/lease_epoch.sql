-- Whose facts are taken; none where no service has ever had the lease.
SELECT epoch FROM service_lease
