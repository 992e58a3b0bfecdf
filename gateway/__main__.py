"""`python -m gateway` is `ecites`."""

from gateway.cli import main

main()
