"""Permits: search, the form, what happened, the ledger, documents in all versions, findings."""

from gateway.people.rights import Right
from gateway.web.console.page import Page
from gateway.web.console.permits import checking, documents, findings, form, searching, showing

_SEE = Right.SEE_PERMITS

PAGES = (
    Page("GET", "/console/permits", "console-permits", searching.show, _SEE, "permits"),
    Page("POST", "/console/permits", "console-permits-search", searching.search, _SEE, "permits"),
    Page("GET", "/console/permits/{id}", "console-permit", showing.show, _SEE, "permit"),
    Page("GET", "/console/permits/{id}/form", "console-permit-form", form.show, _SEE, "permit form"),
    Page("GET", "/console/permits/{id}/form.pdf", "console-permit-pdf", form.pdf, _SEE, "permit form"),
    Page(
        "GET",
        "/console/permits/{id}/documents",
        "console-permit-documents",
        documents.show,
        _SEE,
        "permit documents",
    ),
    Page(
        "GET",
        "/console/permits/{id}/documents/{version}",
        "console-permit-document",
        documents.download,
        _SEE,
        "permit document",
    ),
    Page(
        "GET",
        "/console/permits/{id}/findings",
        "console-permit-findings",
        findings.show,
        _SEE,
        "permit findings",
    ),
    Page("GET", "/console/check", "console-check", checking.show, _SEE),
    Page("POST", "/console/check", "console-check-document", checking.check, _SEE, takes_files=True),
)
