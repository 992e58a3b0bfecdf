"""
The people who use the console: who they are, what they may do, and whose data they may see.

Pure, like every noun: passwords, sessions and second factors are judged here; the tables are elsewhere.
"""
