"""
Permits in the words of CITES. Pure: knows no XML, no signature, no database, no clock.

- `model`, `values`, `quantities`: a permit as immutable values (`Permit`, `Line`, `Party`, ...).
- `identity`: which permit (`PermitRef`) and which authority (`AuthorityId`).
- `codes`: the code lists (`code_lists`).
- `rules`: what a valid permit needs (`rules.check`).
- `findings`: what is wrong with a document (`Finding`, `Report`).
- `annual`: the annual report and the reconciliation of permits with their use.
"""

from gateway.permits.findings import Area, Finding, Report, Severity
from gateway.permits.identity import AuthorityId, PermitRef, Role
from gateway.permits.model import Line, Party, Permit
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text

__all__ = [
    "Area",
    "AuthorityId",
    "Code",
    "Finding",
    "Identifier",
    "Line",
    "Party",
    "Permit",
    "PermitRef",
    "Quantity",
    "Report",
    "Role",
    "Severity",
    "Text",
]
