"""
The contract of the HTTP API as an OpenAPI 3.1 document and as a page, both made from the same data.

A new route of `web/server.py` is one `Operation` in the file of its resource in `resources/`, or in a new
file that `resources/__init__.py` names. A test fails while a route is missing here, or an operation there.
"""
