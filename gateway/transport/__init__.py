"""Ways to a partner; each fulfils the port `Courier` of the flows."""
