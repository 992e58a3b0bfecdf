"""The demonstration: two gateways on loopback, and permits that travel between them."""
