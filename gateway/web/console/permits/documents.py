"""The document of a permit as it came, and in the other message versions."""

from aiohttp import web

from gateway.errors import SignatureRefused
from gateway.flows.open_permit import open_document
from gateway.flows.permit_versions import ORIGINAL, document_of, versions_of
from gateway.web.console.drawing import draw
from gateway.web.console.viewer import VIEWER
from gateway.web.keys import NODE, TRAIL


async def show(request: web.Request) -> web.Response:
    """GET /console/permits/ID/documents: what there is, and what each conversion loses."""
    node, boundary = request.app[NODE], request[VIEWER].person.authorities
    opened = await open_document(request.match_info["id"], boundary, node, request[TRAIL])
    refused: SignatureRefused | None = None
    try:
        others = await versions_of(opened.record, node)
    except SignatureRefused as error:
        refused, others = error, ()
    return draw(
        request, "permit_documents.html.j2", opened=opened, others=others, refused=refused, original=ORIGINAL
    )


async def download(request: web.Request) -> web.Response:
    """GET /console/permits/ID/documents/VERSION: the original byte for byte, or a conversion."""
    node, boundary, version = (
        request.app[NODE],
        request[VIEWER].person.authorities,
        request.match_info["version"],
    )
    opened = await open_document(request.match_info["id"], boundary, node, request[TRAIL])
    data = await document_of(opened.record, version, node)
    name = f"permit-{opened.record.id}-{version}.xml"
    return web.Response(
        body=data,
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
