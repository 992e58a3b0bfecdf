import pytest
from support.keys import seal

from gateway.errors import ConfigurationError
from gateway.signatures.keyring import TrustStore

SWISS, FRENCH, OTHER = (seal(name).certificate for name in ("CH:MA", "FR:MA", "other"))


@pytest.mark.parametrize("owned", [[], [("CH:MA", ())], [("CH:MA", ()), ("fr", ())]])
def test_an_empty_store_is_refused(owned):
    """A gateway that could verify nothing does not start (promise 5)."""
    with pytest.raises(ConfigurationError, match="the trust store is empty"):
        TrustStore.filled(owned)


def test_a_store_gives_the_certificates_of_an_owner():
    """Each owner has its own certificates, and an unknown one has none."""
    store = TrustStore.filled([("CH:MA", (SWISS, OTHER)), ("fr", (FRENCH,))])
    assert store.of("CH:MA") == (SWISS, OTHER)
    assert store.of("fr") == (FRENCH,)
    assert store.of("DE:MA") == ()
    assert store.all() == (SWISS, OTHER, FRENCH)


def test_a_store_knows_everybody_who_registered_a_certificate():
    """A certificate has all its owners, a stranger's has none."""
    store = TrustStore.filled([("CH:MA", (SWISS,)), ("ch", (OTHER, SWISS)), ("fr", (FRENCH,))])
    assert store.owners(SWISS) == {"CH:MA", "ch"}
    assert store.owners(FRENCH) == {"fr"}
    assert store.owners(seal("stranger").certificate) == frozenset()


def test_a_certificate_with_the_same_name_is_a_stranger():
    """Trust hangs on the bytes of the certificate, not on the subject that it gives itself."""
    store = TrustStore.filled([("CH:MA", (SWISS,))])
    namesake = seal("CH:MA", days=364).certificate
    assert namesake.subject == SWISS.subject
    assert store.owners(namesake) == frozenset()
