"""The HTTP API: for the authorities' own systems, customs, and partner gateways."""
