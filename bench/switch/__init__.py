"""The running switch that measurements and shows share."""
