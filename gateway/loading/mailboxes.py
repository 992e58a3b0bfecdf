"""The tokens with which we open the mailboxes that partners keep for us."""

from pathlib import Path

from gateway.config import Settings
from gateway.errors import KeyMaterialError
from gateway.signatures.keys import check_mode


def check_tokens(settings: Settings) -> None:
    """
    Look at every token before it is needed.

    Raises `KeyMaterialError` for a file that is missing, open to others, or holds no token.
    """
    for partner in settings.partner:
        if partner.mailbox_token_file is not None:
            _read(partner.mailbox_token_file)


def token_of(settings: Settings, name: str) -> str:
    """
    The token for the mailbox at a partner, as its file holds it now: a new one needs no restart.

    Raises `KeyMaterialError`.
    """
    files = [partner.mailbox_token_file for partner in settings.partner if partner.id == name]
    if not files or files[0] is None:
        raise KeyMaterialError(
            f"there is no token for a mailbox at partner {name}",
            advice="name mailbox_url and mailbox_token_file in its table",
        )
    return _read(files[0])


def _read(file: Path) -> str:
    """The one line of a file."""
    try:
        check_mode(file, "file with the token of a mailbox")
        token = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise KeyMaterialError(
            f"the file {file} with the token of a mailbox cannot be read: {error.strerror}",
            advice="write the token into it that the operator of the mailbox gave you; chmod 600 closes it",
        ) from None
    except UnicodeDecodeError:
        token = ""
    if not token.isprintable() or not token or " " in token:
        raise KeyMaterialError(
            f"the file {file} holds no token of a mailbox",
            advice="a token is one line without spaces; ask the operator of the mailbox for it",
        )
    return token
