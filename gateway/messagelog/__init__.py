"""
The message log: one entry for everything received, sent, refused, asked and changed.

`leaf` makes the bytes that stand for an entry in the tree, `tree` and `tiles` the tree over them,
`checkpoint` what is signed of it, and `proof` what convinces somebody who has only a checkpoint.
"""
