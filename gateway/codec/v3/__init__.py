"""Message version v3: the UN/CEFACT flavour of toolkit 3.0, our projection of v2 on the data model D22A."""
