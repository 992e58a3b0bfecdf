"""The compose files name only what is there; no container engine is needed to see that."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.cli.folder import make_folder
from gateway.config import load
from gateway.permits.identity import AuthorityId

DOCKER = Path(__file__).resolve().parents[3] / "docker"
FILE = DOCKER / "compose.cluster.yaml"
SINGLE = DOCKER / "compose.yaml"
GATEWAYS = ("gateway-1", "gateway-2")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as YAML reads it, anchors resolved."""
    return _read(FILE)


@pytest.fixture(scope="module")
def single() -> dict[str, Any]:
    """The file of one gateway, as YAML reads it."""
    return _read(SINGLE)


def _read(file: Path) -> dict[str, Any]:
    """What YAML makes of a file."""
    made: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return made


def test_every_variable_is_in_the_example(compose):
    """Each ${VARIABLE} stands in cluster.env.example, and nothing else does."""
    used = set(re.findall(r"\$\{([A-Z_]+)", FILE.read_text(encoding="utf-8")))
    example = (DOCKER / "cluster.env.example").read_text(encoding="utf-8")
    assert used == set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


@pytest.mark.parametrize("file", [FILE, SINGLE], ids=lambda file: file.name)
def test_every_file_is_there(file):
    """What is built and what is mounted from the repository exists; the rest are declared volumes."""
    compose = _read(file)
    for name, service in compose["services"].items():
        if "build" in service:
            context = (DOCKER / service["build"]["context"]).resolve()
            assert (context / service["build"]["dockerfile"]).is_file(), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (DOCKER / source).is_file(), f"{name}: {source}"
            else:
                assert source in compose["volumes"], f"{name}: {source}"
        assert set(service["networks"]) <= set(compose["networks"]), name
        assert set(service.get("depends_on", [])) <= set(compose["services"]), name


def test_the_gateways_are_two_of_the_same(compose):
    """Both share configuration, database and image, and start after the tables are made."""
    first, second = (compose["services"][name] for name in GATEWAYS)
    assert first == second
    assert first["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert compose["services"]["migrate"]["environment"] == first["environment"]


def test_the_variables_of_a_gateway_are_settings(compose, tmp_path):
    """Each ECITES_ variable is a key of the configuration, and no password stands in the address."""
    folder = make_folder(tmp_path / "ch", [AuthorityId.parse("CH:MA")], port=8400)
    environment = compose["services"]["gateway-1"]["environment"]
    settings = load(folder.config, environment)
    assert settings.database == "postgresql://ecites@postgres/ecites"
    told = compose["services"]["postgres"]["environment"]
    assert (told["POSTGRES_USER"], told["POSTGRES_DB"]) == ("ecites", "ecites")
    assert environment["PGPASSWORD"] == told["POSTGRES_PASSWORD"]


def test_the_proxy_knows_both_gateways(compose):
    """The proxy's file names each gateway and the port on which the image listens."""
    caddy = (DOCKER / "Caddyfile").read_text(encoding="utf-8")
    port = re.search(r"ECITES_WEB__PORT=(\d+)", (DOCKER / "Dockerfile").read_text(encoding="utf-8"))
    assert port is not None
    upstreams = re.search(r"^\treverse_proxy (.*) \{$", caddy, re.MULTILINE)
    assert upstreams is not None
    assert upstreams[1].split() == [f"{name}:{port[1]}" for name in GATEWAYS]
    assert set(re.findall(r"\{\$([A-Z_]+)\}", caddy)) == set(compose["services"]["proxy"]["environment"])
    assert not any("ports" in compose["services"][name] for name in (*GATEWAYS, "postgres"))


def test_the_proxy_asks_for_readiness_and_has_time_to_hear_the_answer(compose):
    """A gateway that stops is not ready for three of the proxy's intervals before its port closes."""
    caddy = (DOCKER / "Caddyfile").read_text(encoding="utf-8")
    assert "health_uri /readyz" in caddy
    interval = re.search(r"health_interval (\d+)s", caddy)
    assert interval is not None
    for name in GATEWAYS:
        drain = float(compose["services"][name]["environment"]["ECITES_WEB__DRAIN_SECONDS"])
        assert drain >= 3 * int(interval[1])
    assert "/readyz" in (DOCKER / "Dockerfile").read_text(encoding="utf-8")
def test_one_gateway_stands_alone(single):
    """It needs no variable, keeps its data, and nobody but this machine reaches it without a proxy."""
    image = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    port = re.search(r"ECITES_WEB__PORT=(\d+)", image)
    folder = re.search(r"^VOLUME (\S+)$", image, re.MULTILINE)
    assert port is not None
    assert folder is not None
    assert "${" not in SINGLE.read_text(encoding="utf-8")
    gateway = single["services"]["gateway"]
    assert gateway["ports"] == [f"127.0.0.1:{port[1]}:{port[1]}"]
    assert gateway["volumes"] == [f"data:{folder[1]}"]
    assert "ECITES_DATABASE" not in gateway.get("environment", {})
    assert single["services"].keys() == {"gateway"}


def test_the_gateways_of_both_files_are_the_same_image(compose, single):
    """Closed in the same way, and stopped with the same patience."""
    for key in ("build", "image", "read_only", "cap_drop", "restart", "stop_grace_period"):
        assert single["services"]["gateway"][key] == compose["services"][GATEWAYS[0]][key], key
