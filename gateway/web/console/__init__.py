"""
The console: pages for people, drawn on the server, without a script.

`pages.py` of each subject lists its pages with the right that each needs; `door.py` is what every one of them
passes through.
"""
