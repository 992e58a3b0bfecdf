"""
What a Party tells about its trade: the annual report, and whether permits and their use agree. Pure.

- `used`: what crossed a border (`UsedLine`, `PermitUse`), as the ledger of endorsements tells it.
- `rows`: the lines of the annual report (`annual_report`), and `columns` what they consist of.
- `rules`: what the trade database demands of them (`examine`).
- `csv_file`: the file of the annual report, written and read.
- `tolerance`, `comparing`, `reconciliation`: authorised, exported, imported, dead and left (`reconcile`).

`docs/reports.md` says where columns and rules come from.
"""
