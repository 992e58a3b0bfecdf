"""XML in and out: the one parser of foreign bytes, names, canonical form. Knows no permit."""
