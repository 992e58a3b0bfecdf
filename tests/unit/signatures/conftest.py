"""A genuine sealed permit, with a key of each kind; each attack is one way to lie with it."""

import pytest
from support.keys import KINDS, seal
from support.permits import sealed_bytes

from gateway.xmlio.parse import parse


@pytest.fixture(params=KINDS)
def key(request):
    """A registered key of each kind."""
    return seal(algorithm=request.param)


@pytest.fixture
def root(key):
    """The document element of a genuine sealed permit, free to be changed."""
    return parse(sealed_bytes(key=key)).root
