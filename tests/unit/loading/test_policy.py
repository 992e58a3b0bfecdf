"""What operator and partners say about signatures reaches the flows, for whom it was said and nobody else."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from support.keys import certificate_for, pem_of, private_key

from gateway import clock
from gateway.cli.folder import make_folder
from gateway.config import load
from gateway.errors import KeyMaterialError
from gateway.flows.ports import Node
from gateway.loading.beliefs import Beliefs
from gateway.loading.node import make_node
from gateway.permits.identity import AuthorityId
from gateway.permits.token_id import TokenPolicy
from gateway.signatures.keys import fingerprint
from gateway.signatures.policy import DEFAULT_POLICY

GATEWAY, SEAL = (certificate_for(private_key("rsa2048"), name=name) for name in ("fr gateway", "FR:MA"))
PARTNER = """
[[partner]]
id = "{id}"
url = "http://{id}.invalid/"
certificates = ["{id}.pem"]
{word}
[[partner.authority]]
id = "{authority}"
certificates = ["{id}-ma.pem"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of Switzerland, which has no partner yet."""
    return make_folder(tmp_path, [AuthorityId.parse("CH:MA")], port=0).config


def register(config: Path, name: str, authority: str, word: str = "") -> None:
    """A partner with short keys: its own and that of the authority behind it."""
    (config.parent / f"{name}.pem").write_bytes(pem_of(GATEWAY))
    (config.parent / f"{name}-ma.pem").write_bytes(pem_of(SEAL))
    with config.open("a", encoding="utf-8") as file:
        file.write(PARTNER.format(id=name, authority=authority, word=word))


def believed(config: Path) -> tuple[Beliefs, Node]:
    """What a gateway believes that starts now, and its node; nothing here asks the database."""
    settings = load(config, {})
    beliefs = Beliefs.load(settings, clock.now())
    return beliefs, make_node(settings, beliefs, cast("Any", None), lambda: None)


def test_a_partners_word_counts_for_its_keys_and_those_behind_it(config: Path) -> None:
    """Flows accept exactly these two certificates, although their keys are short."""
    register(config, "fr", "FR:MA", "min_rsa_bits = 2048")
    _, node = believed(config)
    assert node.policy == replace(
        DEFAULT_POLICY, excepted=frozenset({fingerprint(GATEWAY), fingerprint(SEAL)})
    )


@pytest.mark.parametrize("word", ["", "min_rsa_bits = 3072", "min_rsa_bits = 4096"])
def test_a_partner_without_the_word_has_no_short_keys(config: Path, word: str) -> None:
    """That another partner may have them, even these very ones, does not help it."""
    register(config, "fr", "FR:MA", "min_rsa_bits = 2048")
    register(config, "de", "DE:MA", word)
    with pytest.raises(KeyMaterialError, match=r"de\.pem: an RSA key of 2048 bits is too short"):
        believed(config)


def test_a_word_that_comes_and_goes_counts_without_a_restart(config: Path) -> None:
    """Partners that are read again bring their exception with them, and take it away."""
    alone = config.read_text(encoding="utf-8")
    beliefs, node = believed(config)
    assert node.policy.excepted == frozenset()
    register(config, "fr", "FR:MA", "min_rsa_bits = 2048")
    beliefs.take_in(beliefs.read_partners(), None, node)
    assert node.policy.excepted == {fingerprint(GATEWAY), fingerprint(SEAL)}
    config.write_text(alone, encoding="utf-8")
    beliefs.take_in(beliefs.read_partners(), None, node)
    assert node.policy.excepted == frozenset()


def test_the_share_of_the_second_opinion_reaches_the_flows(config: Path) -> None:
    """Also after partners were read again."""
    with config.open("a", encoding="utf-8") as file:
        file.write("\n[signatures]\noracle_share = 0.25\n")
    beliefs, node = believed(config)
    assert node.policy.oracle_share == 0.25
    beliefs.take_in(beliefs.read_partners(), None, node)
    assert node.policy.oracle_share == 0.25


def test_tokens_of_permits_reach_the_flows(config: Path) -> None:
    """The word of each authority, and the limits."""
    text = config.read_text(encoding="utf-8")
    text = text.replace('id = "CH:MA"', 'id = "CH:MA"\npermit_tokens = "optional"')
    config.write_text(text + "\n[permit_tokens]\nwrong_per_permit = 3\n", encoding="utf-8")
    _, node = believed(config)
    assert node.token_policies[AuthorityId.parse("CH:MA")] is TokenPolicy.OPTIONAL
    assert node.guesses.limits.wrong_per_permit == 3
