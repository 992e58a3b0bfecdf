"""The page that checks a QR code."""

from gateway.web.openapi.operation import HTML, Answer, Body, Caller, Operation, Resource
from gateway.web.openapi.shapes import shape, text

_FORM = "application/x-www-form-urlencoded"
_PAGE = text("A page in English, French or Spanish.")


def _file(name: str, path: str, kind: str) -> Operation:
    """A file that belongs to the page."""
    return Operation(
        name=name,
        method="get",
        path=path,
        summary=f"A file of the page ({kind})",
        text="The page works without the script.",
        caller=Caller.ANYBODY,
        answers=(Answer(200, "The file.", kind, text("Text.")),),
        stores=False,
    )


RESOURCE = Resource(
    "Check page",
    "For whoever holds a printed permit: no token, and nothing is kept.",
    (
        Operation(
            name="check",
            method="get",
            path="/check",
            summary="The form",
            text="For the text of a QR code, or the phone's camera.",
            caller=Caller.ANYBODY,
            answers=(Answer(200, "The page.", HTML, _PAGE),),
            stores=False,
        ),
        Operation(
            name="check-answer",
            method="post",
            path="/check",
            summary="Check a code",
            text="The verdict as a page. The text travels in the body, and is neither stored nor logged.",
            caller=Caller.ANYBODY,
            body=Body(
                (_FORM,), "The form.", shape("Its field.", {}, {"statement": text("The text of the code.")})
            ),
            answers=(Answer(200, "The page with the verdict.", HTML, _PAGE),),
            stores=False,
        ),
        _file("check-style", "/check.css", "text/css"),
        _file("check-script", "/check.js", "text/javascript"),
    ),
    {},
)
