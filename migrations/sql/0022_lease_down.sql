-- Back to one service by agreement.
DROP TABLE service_lease;
