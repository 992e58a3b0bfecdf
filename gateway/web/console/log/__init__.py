"""The message log: search, entries with their proof, checkpoints, verification, files."""

from gateway.people.rights import Right
from gateway.web.console.log import checkpoints, entry, exporting, searching
from gateway.web.console.page import Page

_SEE, _EXPORT = Right.SEE_LOG, Right.EXPORT_LOG

PAGES = (
    Page("GET", "/console/log", "console-log", searching.show, _SEE, "log"),
    Page("POST", "/console/log", "console-log-search", searching.search, _SEE),
    Page("POST", "/console/log/forget", "console-log-forget", searching.forget, _SEE),
    Page("POST", "/console/log/export", "console-log-export", exporting.export, _EXPORT),
    Page("GET", "/console/log/checkpoints", "console-checkpoints", checkpoints.show, _SEE),
    Page("POST", "/console/log/checkpoints", "console-checkpoint-made", checkpoints.make, _EXPORT),
    Page("POST", "/console/log/verify", "console-log-verify", checkpoints.verify, _SEE),
    Page("GET", "/console/log/growth", "console-log-growth", checkpoints.growth, _SEE),
    Page("GET", "/console/log/growth.json", "console-log-growth-file", checkpoints.growth_file, _EXPORT),
    Page("GET", "/console/log/checkpoints/{number}", "console-checkpoint", checkpoints.show_one, _SEE),
    Page(
        "GET",
        "/console/log/checkpoints/{number}/note",
        "console-checkpoint-file",
        checkpoints.download,
        _SEE,
    ),
    Page("GET", "/console/log/{id}", "console-log-entry", entry.show, _SEE, "log entry"),
    Page("GET", "/console/log/{id}/proof", "console-log-proof", entry.proof, _EXPORT, "proof"),
)
