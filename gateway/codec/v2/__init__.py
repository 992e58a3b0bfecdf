"""Message version v2: CITESEPermit:2 of toolkit 2.0, on the data model D09A."""
