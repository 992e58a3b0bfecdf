"""That a form comes from a page of ours: a word that only such a page knows, and what the browser says."""

import hashlib
import hmac
from urllib.parse import urlsplit

_PURPOSE = b"ecites console form 1"
OWN = frozenset({"same-origin", "none"})
"""`Sec-Fetch-Site` of a form of ours; `none`: the person themselves, by the address bar or by reloading."""


def csrf_word(token: str) -> str:
    """The word of one session: who reads the page knows it, who only makes the browser send does not."""
    return hmac.new(token.encode("utf-8", "surrogateescape"), _PURPOSE, hashlib.sha256).hexdigest()


def is_ours(shown: str, word: str) -> bool:
    """Whether a form showed the word of the session; takes as long for any wrong one."""
    return bool(word) and hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), word.encode())


def from_elsewhere(fetch_site: str, origin: str, host: str) -> bool:
    """
    Whether a browser says that another site made it send a form.

    `fetch_site` and `origin` are its headers of these names, `host` is where the form went; what a browser
    does not say is not held against it: the word of the form decides then.
    """
    if fetch_site and fetch_site not in OWN:
        return True
    return bool(origin) and urlsplit(origin).netloc.lower() != host.lower()
