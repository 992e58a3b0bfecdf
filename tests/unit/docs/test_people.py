"""The page about people says what the table of rights says."""

import re
from pathlib import Path

from gateway.people.rights import RIGHTS, Post, Right

PAGE = Path(__file__).resolve().parents[3] / "docs" / "people.md"
ROWS = {
    "see permits": Right.SEE_PERMITS,
    "see messages and deliveries": Right.SEE_MESSAGES,
    "retry, requeue, drop": Right.ACT_ON_MESSAGES,
    "see partners": Right.SEE_PARTNERS,
    "test partners": Right.TEST_PARTNERS,
    "see the log": Right.SEE_LOG,
    "take entries and evidence out as files": Right.EXPORT_LOG,
    "see reports": Right.SEE_REPORTS,
    "change trust": Right.CHANGE_TRUST,
    "manage people and tokens": Right.MANAGE_PEOPLE,
}
OF_ALL = {Right.SEE_OVERVIEW, Right.OWN_ACCOUNT}


def test_the_table_of_posts_is_that_of_the_program() -> None:
    """Each right has its row, each post its column, and `yes` stands where the program says so."""
    head, *rows = re.findall(r"^\| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    posts = [Post(word.strip()) for word in head.split("|")[1:]]
    assert posts == list(Post)
    told = {}
    for row in rows:
        name, *cells = [cell.strip() for cell in f"{row} ".split("|")]
        told[ROWS[name]] = {post for post, cell in zip(posts, cells, strict=True) if cell == "yes"}
    assert told == {
        right: {post for post in Post if right in RIGHTS[post]} for right in Right if right not in OF_ALL
    }
    assert all(RIGHTS[post] >= OF_ALL for post in Post)
