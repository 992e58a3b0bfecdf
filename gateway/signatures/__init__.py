"""
Seals: signing a document and proving who signed it.

`verify(parsed, trusted, at=...)` returns a `VerifiedDocument` or raises `SignatureRefused` with a `Verdict`;
it never returns a bool. Only what a `VerifiedDocument` holds may be used afterwards.
"""
