"""What a gateway that is put together from its configuration measures of itself."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from prometheus_client.parser import text_string_to_metric_families
from support.exchange import CH_CUSTOMS, CH_MA
from support.gateways import SetClock, swiss
from support.key_material import DAY, authority, crl
from support.keys import NOW
from support.memory import MemoryStorage
from support.permits import permit_bytes
from support.tls import ENDS, Identity, identity
from support.webhooks import webhook

from gateway.app import running
from gateway.cli.folder import make_folder
from gateway.config import load
from gateway.errors import StorageError
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.measures import Measures
from gateway.signatures.keyring import TrustStore
from gateway.signatures.keys import fingerprint
from gateway.signatures.revocation import Revocations
from gateway.signatures.revocation_list import read_lists
from gateway.telemetry.metrics import Metrics

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def node() -> Node:
    return swiss(MemoryStorage(), SetClock())


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of a folder that was just made."""
    return make_folder(tmp_path / "ch", [CH_MA], port=0).config


@pytest.fixture
def measured(node, config):
    """Measure a node with more or other things; the numbers by name and label values."""

    async def measure(tls=None, **changes):
        known = SimpleNamespace(tls=TrustStore(tls or {}))
        settings = load(config, {})
        changed = replace(node, metrics=Metrics(), **changes)
        Measures(changed, SimpleNamespace(known=known, settings=settings)).install()
        return numbers((await changed.metrics.text()).decode())

    return measure


def numbers(text: str) -> dict[tuple[str, ...], float]:
    """Name and values of labels in the order of their names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_certificates_by_owner_and_use(measured, node, tmp_path):
    """Ours, those of partners and of authorities behind them, and TLS; each tells how long it lasts."""
    tls = identity(tmp_path, "fr").certificate
    found = await measured({"fr": (tls,)})
    left = {name[1:]: value for name, value in found.items() if name[0] == "ecites_certificate_seconds_left"}
    # the labels in alphabetical order: owner, sha256, use
    assert {(owner, use) for owner, _, use in left} == {
        ("CH:MA", "seal"),
        ("gateway", "gateway"),
        ("fr", "partner"),
        ("FR:MA", "partner"),
        ("fr", "tls"),
    }
    assert left["fr", fingerprint(tls)[:16], "tls"] == int((ENDS - NOW).total_seconds())


async def test_one_that_has_ended_is_negative(measured, node):
    """An alert on less than nothing finds it."""
    late = SetClock(NOW + timedelta(days=36500))
    found = await measured(clock=late)
    left = [value for name, value in found.items() if name[0] == "ecites_certificate_seconds_left"]
    assert left
    assert max(left) < 0


async def test_lists_and_those_that_are_missing(measured):
    """Age and time left of each list; an issuer of whom one is expected and none is here."""
    lists = read_lists(crl().public_bytes(Encoding.DER), "/some/folder/ca.crl", [authority()])
    other = authority(2, common="Other")
    revocations = Revocations(tuple(lists), expected=(authority(), other))
    found = await measured(revocations=revocations, clock=SetClock(NOW + 2 * DAY))
    day = DAY.total_seconds()
    assert found["ecites_revocation_list_seconds_left", "CN=CA", "ca.crl"] == -day
    assert found["ecites_revocation_list_age_seconds", "CN=CA", "ca.crl"] == 3 * day
    assert found["ecites_revocation_lists_missing", "CN=CA"] == 0
    assert found["ecites_revocation_lists_missing", "CN=Other"] == 1


@pytest.mark.parametrize("turned", [False, True])
async def test_of_two_lists_under_one_name_the_worse_counts(measured, turned):
    """Whatever their order, the one that ends first, and the one that is older."""
    made = [crl(until=NOW + DAY, made=NOW - DAY), crl(until=NOW + 2 * DAY, made=NOW - 2 * DAY)]
    data = b"".join(each.public_bytes(Encoding.PEM) for each in (reversed(made) if turned else made))
    revocations = Revocations(tuple(read_lists(data, "ca.pem", [authority()])))
    found = await measured(revocations=revocations)
    day = DAY.total_seconds()
    assert found["ecites_revocation_list_seconds_left", "CN=CA", "ca.pem"] == day
    assert found["ecites_revocation_list_age_seconds", "CN=CA", "ca.pem"] == 2 * day


async def test_the_queue_of_each_partner(measured, node):
    """What waits, and nought for what does not: an alert needs a number."""
    await issue(permit_bytes(), CH_MA, "", node, Trail())
    found = await measured()
    assert found["ecites_queue_deliveries", "fr", "queued"] == 1
    assert found["ecites_queue_deliveries", "fr", "sending"] == 0


async def test_the_queue_of_each_webhook(measured, node):
    """A receiver for whom nothing waits has nought, like a partner."""
    hook = webhook(authority=CH_CUSTOMS)
    node.webhooks = {hook.id: hook}
    assert (await measured())["ecites_queue_deliveries", "webhook:system", "queued"] == 0
    await issue(permit_bytes(), CH_MA, "", node, Trail())
    assert (await measured())["ecites_queue_deliveries", "webhook:system", "queued"] == 1


async def test_a_database_that_is_away_leaves_the_rest(measured, node, monkeypatch):
    """The queue is missing and counted as such; certificates are told all the same."""

    def away(_self):
        raise StorageError("the database is away")

    monkeypatch.setattr(MemoryStorage, "read", away)
    found = await measured()
    assert not [name for name in found if name[0] == "ecites_queue_deliveries"]
    assert [name for name in found if name[0] == "ecites_certificate_seconds_left"]
    assert found["ecites_readings_failed_total", "ecites_queue_deliveries"] == 1


@pytest.fixture
def own(tmp_path: Path, config: Path) -> Identity:
    """What the gateway shows to partners; also says in its configuration that it may be measured."""
    shown = identity(tmp_path, "own")
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    text = config.read_text(encoding="utf-8")
    more = f'port = 0\nmetrics_token = "{tmp_path / "token"}"'
    transport = f'[transport]\ncertificate = "{shown.files.certificate}"\nkey = "{shown.files.key}"\n'
    config.write_text(f"{text.replace('port = 0', more)}\n{transport}", encoding="utf-8")
    return shown


async def test_a_running_gateway_answers_with_all_of_it(config: Path, own: Identity):
    """From the configuration file to the answer; a file that is just being replaced is left out."""

    async def asked(address: str) -> dict[tuple[str, ...], float]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{address}/metrics", headers=headers) as a,
        ):
            return numbers(await a.text())

    label = ("ecites_certificate_seconds_left", "gateway", fingerprint(own.certificate)[:16], "tls")
    async with running(load(config, {})) as address:
        assert label in await asked(address)
        own.files.certificate.write_bytes(b"half of a certifi")
        found = await asked(address)
        assert label not in found
        assert [name for name in found if name[0] == label[0]]
        assert not [name for name in found if name[0] == "ecites_readings_failed_total"]
