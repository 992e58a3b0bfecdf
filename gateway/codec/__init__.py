"""
Permits in and out of XML, one folder per message version.

A message version is a shape (data: which field is which element), a reader, a writer and a line in
`versions.py`. `registry.py` is the front door: `identify`, `check_schema`, `decode`, `judge`, `inspect`.
"""
