"""In which language a caller reads."""

from aiohttp import web

from gateway.wording import ENGLISH, LANGUAGES


def language_of(request: web.Request) -> str:
    """
    The language of the link, else the first one of the browser's that we have, else English.

    The order of Accept-Language (RFC 9110, 12.5.4) is taken as written: browsers write the best first.
    """
    asked = request.query.get("language", "")
    if asked in LANGUAGES:
        return asked
    for part in request.headers.get("Accept-Language", "").split(","):
        code = part.partition(";")[0].strip().partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return ENGLISH
