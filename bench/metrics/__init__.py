"""What metrics and the event stream cost beside a step of the core: ``make bench-metrics``."""
