"""
The message log: one entry for everything received, sent, refused, asked and changed.

The tree over the entries, checkpoints and proofs have their place here (`tree`, `checkpoint`, `proof`).
"""
