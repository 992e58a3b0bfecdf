from datetime import timedelta

import pytest
from support.keys import NOW, seal

from gateway.errors import ConfigurationError, KeyMaterialError
from gateway.signatures.keyring import ALWAYS, Keyring, OwnKey, TrustStore, Use

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


SECOND = timedelta(seconds=1)
SWITCH = NOW + timedelta(days=30)


def own(name, begins=ALWAYS, retired=None, owner="CH:MA", days=365):
    """A key of CH:MA with its certificate."""
    key = seal(name, days=days)
    return OwnKey(owner, name, key.certificate, key, begins, retired)


OLD, NEXT = own("old"), own("next", SWITCH)


def test_the_switch_happens_at_its_second():
    """A second before the moment the old key signs, at the moment the next one; nobody acts."""
    ring = Keyring((NEXT, OLD))
    assert ring.active("CH:MA", SWITCH - SECOND) is OLD.signing_key
    assert ring.active("CH:MA", SWITCH) is NEXT.signing_key
    assert [ring.use(key, SWITCH - SECOND) for key in (OLD, NEXT)] == [Use.ACTIVE, Use.NEXT]
    assert [ring.use(key, SWITCH) for key in (OLD, NEXT)] == [Use.RETIRED, Use.ACTIVE]


def test_a_key_without_moment_waits():
    """Until somebody decides it never signs, however late it is."""
    waiting = own("waiting", None)
    ring = Keyring((OLD, waiting))
    assert ring.active("CH:MA", NOW + timedelta(days=300)) is OLD.signing_key
    assert ring.use(waiting, NOW + timedelta(days=300)) is Use.NEXT


def test_a_retired_key_does_not_sign_and_still_verifies():
    """Its certificate stays among those of its owner, beside the next one's."""
    gone = own("gone", ALWAYS, NOW)
    ring = Keyring((OLD, gone, NEXT, own("other", owner="gateway")))
    assert ring.use(gone, NOW) is Use.RETIRED
    assert Keyring((gone,)).use(gone, NOW - SECOND) is Use.ACTIVE
    assert ring.certificates("CH:MA") == (OLD.certificate, gone.certificate, NEXT.certificate)
    assert Keyring((gone,)).current("CH:MA", NOW) is None


def test_each_owner_has_its_own_key():
    """The seal of an authority never signs for the gateway."""
    ring = Keyring((OLD, own("gate", owner="gateway")))
    assert ring.active("gateway", NOW) is ring.keys[1].signing_key
    with pytest.raises(KeyMaterialError, match="FR:MA has no key that signs") as error:
        ring.active("FR:MA", NOW)
    assert "ecites keys new FR:MA" in error.value.advice


def test_nothing_is_signed_with_an_expired_certificate():
    """What it signed would be refused everywhere; the sentence gives its dates."""
    ring = Keyring((own("short", days=10),))
    assert ring.active("CH:MA", NOW + timedelta(days=10))
    with pytest.raises(KeyMaterialError, match="the certificate short is valid from"):
        ring.active("CH:MA", NOW + timedelta(days=10) + SECOND)


def test_a_requested_key_signs_nothing():
    """Without a certificate it is neither next nor active."""
    ring = Keyring((OwnKey("CH:MA", "asked"),))
    assert ring.use(ring.keys[0], NOW) is Use.REQUESTED
    assert ring.current("CH:MA", NOW) is None
    assert ring.certificates("CH:MA") == ()
