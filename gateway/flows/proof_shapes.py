"""The JSON shape of proofs of the message log, for files."""

import base64
import json

from gateway.flows.prove import Growth, ProvenEntries
from gateway.messagelog.proven_entry import write_proofs


def proofs_as_dict(proven: ProvenEntries | None, growth: Growth | None) -> dict[str, object]:
    """The JSON shape of proofs, with the checkpoint of each."""
    told: dict[str, object] = {}
    if proven is not None:
        checkpoint = proven.note.checkpoint
        told["checkpoint"] = proven.note.data.decode()
        told["proofs"] = json.loads(write_proofs(checkpoint.origin, checkpoint.size, proven.entries))
    if growth is not None:
        told["growth"] = {
            "from": growth.first,
            "from_root": _base64(growth.first_root),
            "checkpoint": growth.note.data.decode(),
            "path": [_base64(step) for step in growth.proof],
        }
    return told


def _base64(data: bytes) -> str:
    """As a checkpoint writes it."""
    return base64.b64encode(data).decode("ascii")
