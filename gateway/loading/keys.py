"""The keys of this gateway and of the authorities that live here."""

import os
from datetime import datetime

from gateway.config import Settings
from gateway.errors import KeyMaterialError
from gateway.loading.certificates import refuse_development
from gateway.permits.identity import Role
from gateway.signatures.keyfile import NAME as KEY_FILE
from gateway.signatures.keyring import GATEWAY, Keyring
from gateway.signatures.keystore import load_keyring as read_keyring


def load_keyring(settings: Settings, at: datetime) -> Keyring:
    """
    Every key of this gateway and of the authorities that live here, checked to be fit to serve at `at`.

    Raises `KeyMaterialError` when one is missing, does not fit, or is a throw-away key outside development;
    when the key that signs now is out of its time; and when a Management Authority has none.
    """
    passphrase = settings.keys.passphrase(os.environ)
    keyring = read_keyring(settings.configured_keys(), settings.key_folder, passphrase=passphrase)
    hosted = [GATEWAY, *(str(authority.id) for authority in settings.authority)]
    for key in keyring.keys:
        if key.owner not in hosted:
            raise KeyMaterialError(
                f"the key {key.name} belongs to {key.owner}, which does not live here",
                advice=f"mend its owner in {settings.key_folder / KEY_FILE}; known: {', '.join(hosted)}",
            )
        if key.signing_key is not None:
            refuse_development(key.signing_key.certificate, settings)
    keyring.active(GATEWAY, at)
    for authority in settings.authority:
        if keyring.current(str(authority.id), at) is not None:
            keyring.active(str(authority.id), at)
        elif authority.id.role is Role.MA:
            raise KeyMaterialError(
                f"authority {authority.id} has no seal",
                advice=f"make one with: ecites keys new {authority.id}; or give it key and certificate in "
                "[[authority]]",
            )
    return keyring
