"""The one loop that joins core and adapters: inbox, driver, dispatch, journal, settings, logs."""
