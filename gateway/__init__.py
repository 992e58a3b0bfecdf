"""
eCITES gateway: exchange of electronic CITES permits.

Validates, signs and verifies permits and routes them between Management Authorities and customs.
`docs/architecture.md` draws the journey of a permit; the import rules are in `pyproject.toml`.
"""

__version__ = "0.1.0"
