"""The directories of partners that were imported."""

from collections.abc import Sequence

from cryptography import x509

from gateway.config import Settings
from gateway.errors import ConfigurationError, GatewayError
from gateway.exchange.directory_file import DirectoryFile
from gateway.flows.learn import check_fits, names_of, prove_directory, without
from gateway.loading.certificates import load_all
from gateway.storage.directory_files import DirectoryFolder


def load_publishers(settings: Settings) -> tuple[x509.Certificate, ...]:
    """
    The certificates of those whose directories are believed; none when the operator trusts nobody's.

    Raises `KeyMaterialError`.
    """
    places = settings.directories.trusted
    return load_all(places, settings) if places else ()


def load_directories(settings: Settings, *, leave_out: str = "") -> tuple[DirectoryFile, ...]:
    """
    The directories that were imported, proven again, except that of the publisher `leave_out`.

    Raises `ConfigurationError` that names the file when one is broken, was signed by somebody who is not
    trusted any more, or contradicts the configuration or another one.
    """
    trusted = load_publishers(settings)
    known: list[DirectoryFile] = []
    for file, data in DirectoryFolder(settings.directory_folder).read().items():
        if file.stem == leave_out:
            continue
        try:
            directory = prove_directory(
                data, trusted, at=None, development=settings.environment == "development"
            )
            check_against(directory, settings, known)
        except GatewayError as error:
            raise ConfigurationError(
                f"{file}: {error.message}",
                advice="take the file away; to have the directory again: ecites partner import",
            ) from None
        known.append(directory)
    return tuple(known)


def check_against(directory: DirectoryFile, settings: Settings, others: Sequence[DirectoryFile]) -> None:
    """
    Check that a directory fits the configuration and the other directories.

    Raises `DirectoryRefused`.
    """
    own_id = settings.directories.id
    taken = {
        name: f"the directory of {other.publisher}"
        for other in others
        for name in names_of(without(other, own_id))
    }
    configured = settings.directory()
    names = [*configured.partners, *map(str, configured.hosted)]
    names += [str(authority) for partner in configured.partners.values() for authority in partner.authorities]
    taken |= dict.fromkeys(names, "the configuration")
    check_fits(directory, own_id=own_id, hosted=configured.hosted, taken=taken)
