"""Who is told of alerts, with the secrets for that as their files hold them now."""

from collections.abc import Callable
from pathlib import Path

from gateway.config import Settings
from gateway.errors import KeyMaterialError
from gateway.flows.alert_store import AlertReceiver
from gateway.loading.webhooks import read_secret_file
from gateway.permits.identity import AuthorityId
from gateway.signatures.keys import check_mode
from gateway.transport.alert_mail import AlertMail, MailServer
from gateway.transport.alert_webhook import AlertWebhook
from gateway.transport.tls import ClientTls


def load_receivers(settings: Settings, tls: Callable[[], ClientTls]) -> list[AlertReceiver]:
    """
    The receivers of the configuration, after a look at their secrets.

    Raises `KeyMaterialError` for a secret or a password that cannot be used.
    """
    made: list[AlertReceiver] = []
    who = min(map(str, (each.id for each in settings.authority)))
    hook, mail = settings.alerts.webhook, settings.alerts.mail
    if hook is not None:
        files = hook.secrets

        def secrets() -> tuple[bytes, ...]:
            """Another one in a file needs no restart."""
            return tuple(read_secret_file(file) for file in files)

        secrets()
        made.append(AlertWebhook(hook.url, AuthorityId.parse(who), settings.transport, tls, secrets))
    if mail is not None:
        file = mail.password_file
        server = MailServer(mail.host, mail.port, mail.starttls, mail.user, mail.seconds)

        def password() -> str:
            """Another one in the file needs no restart."""
            return _password(file) if file else ""

        password()
        made.append(AlertMail(server, password, mail.sender, mail.to, who, settings.alerts.language))
    return made


def _password(file: Path) -> str:
    """The first line of a file; raises `KeyMaterialError`."""
    try:
        check_mode(file, "file with the password for mail")
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyMaterialError(
            f"the file {file} with the password for mail cannot be read: {error}",
            advice="write the password into its first line, and close it to others: chmod 600",
        ) from None
    if not lines or not lines[0].strip():
        raise KeyMaterialError(
            f"the file {file} with the password for mail is empty",
            advice="write the password into its first line",
        )
    return lines[0].strip()
