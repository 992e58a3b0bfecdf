"""The webhooks of a gateway and the secrets with which it signs what it pushes."""

from collections.abc import Mapping
from pathlib import Path

from gateway.config import Settings
from gateway.errors import KeyMaterialError
from gateway.exchange.webhooks import Webhook
from gateway.signatures.keys import check_mode
from gateway.signatures.webhooks import read_secret


def load_webhooks(settings: Settings) -> Mapping[str, Webhook]:
    """
    Every webhook by the name under which deliveries know it, after a look at its secrets.

    Raises `KeyMaterialError` for a file that is missing, open to others, or holds no secret.
    """
    for each in settings.webhook:
        secrets_of(settings, each.name)
    hooks = [each.webhook() for each in settings.webhook]
    return {hook.id: hook for hook in hooks}


def secrets_of(settings: Settings, name: str) -> tuple[bytes, ...]:
    """
    The secrets of a webhook, as their files hold them now: another one in a file needs no restart.

    Raises `KeyMaterialError`.
    """
    files = [file for each in settings.webhook if each.name == name for file in each.secrets]
    return tuple(read_secret_file(file) for file in files)


def read_secret_file(file: Path) -> bytes:
    """The secret in a file; raises `KeyMaterialError`."""
    try:
        check_mode(file, "file with the secret of a webhook")
        text = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise KeyMaterialError(
            f"the file {file} with the secret of a webhook cannot be read: {error.strerror}",
            advice="make one with: ecites webhook new",
        ) from None
    except UnicodeDecodeError:
        text = ""
    return read_secret(text, f"the file {file}")
