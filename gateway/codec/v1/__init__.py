"""Message version v1: CBFShip:1."""
