"""
The verbs: one file, one recipe.

A flow's docstring numbers its steps and its code carries the numbers; it owns the order of things and the
transaction. Whatever touches the world comes in through `ports`.
"""
