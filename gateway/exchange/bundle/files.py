"""The files of a bundle: evidence, guide, manifest."""

from gateway.exchange.bundle.contents import (
    CHECKPOINT,
    ENTRIES,
    ENVELOPE,
    GUIDE,
    MANIFEST,
    PERMIT,
    RECEIPT,
    Bundle,
    list_names,
)
from gateway.exchange.bundle.guide import guide
from gateway.exchange.bundle.manifest import manifest


def files_of(bundle: Bundle) -> dict[str, bytes]:
    """Every file by its name, the guide first; the same bytes whenever the bundle is the same."""
    evidence = {
        RECEIPT: bundle.receipt_bytes,
        ENVELOPE: bundle.envelope_bytes,
        PERMIT: bundle.envelope.payload,
        **{certificate.file: certificate.pem for certificate in bundle.certificates},
    }
    if bundle.logged is not None:
        evidence |= {CHECKPOINT: bundle.logged.checkpoint, ENTRIES: bundle.logged.entries_file}
    for number, each in enumerate(bundle.lists, start=1):
        evidence |= dict(zip(list_names(number), (each.data, each.issuer_pem), strict=True))
    told = {GUIDE: guide(bundle), **evidence}
    return {GUIDE: told[GUIDE], MANIFEST: manifest(bundle, told), **evidence}
