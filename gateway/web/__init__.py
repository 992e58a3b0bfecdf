"""
The doors: REST now; SOAP and the console have their places beside it.

Doors call flows and know no table.
"""
