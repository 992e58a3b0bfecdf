"""How `ecites partner` shows partners: as text, as tables, as JSON."""

import hashlib
from typing import TYPE_CHECKING, Any

import typer

from gateway.cli.codes_text import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gateway.exchange.directory_file import ListedCertificate, ListedPartner
    from gateway.flows.probing import Trial

__all__ = ["as_dict", "print_changes", "print_partner", "print_table", "print_trials"]


def as_dict(partner: "ListedPartner") -> dict[str, Any]:
    """The JSON shape of a partner; certificates by their SHA-256, with their times."""
    return {
        "id": partner.id,
        "url": partner.url,
        "versions": list(partner.versions),
        "allowed": [{"direction": each.direction.value, "kind": each.kind} for each in partner.allowed],
        "certificates": [_certificate(each) for each in partner.certificates],
        "authorities": [
            {"id": str(each.id), "certificates": [_certificate(c) for c in each.certificates]}
            for each in partner.authorities
        ],
        "tls_certificates": [_certificate(each) for each in partner.tls_certificates],
        "channels": [
            {"rule": each.rule.value, "authority": str(each.authority)} for each in partner.channels
        ],
    }


def _certificate(certificate: "ListedCertificate") -> dict[str, str]:
    """Fingerprint and times."""
    return {
        "sha256": hashlib.sha256(certificate.der).hexdigest(),
        "from": certificate.begins.isoformat(),
        "until": certificate.ends.isoformat(),
    }


def print_partner(partner: "ListedPartner", source: str, at: "datetime") -> None:
    """All about one partner; `source` is where it is registered, or empty."""
    where = partner.url or "has a mailbox here and no address"
    typer.echo(f"{partner.id}  {where}" + (f"  ({source})" if source else ""))
    for certificate in partner.certificates:
        typer.echo(f"  gateway     {_line(certificate, at)}")
    for certificate in partner.tls_certificates:
        typer.echo(f"  tls         {_line(certificate, at)}")
    for authority in partner.authorities:
        typer.echo(f"  authority   {authority.id}")
        for certificate in authority.certificates:
            typer.echo(f"    seal      {_line(certificate, at)}")
    if partner.versions:
        typer.echo(f"  versions    {', '.join(partner.versions)}")
    for allowed in partner.allowed:
        typer.echo(f"  allowed     {allowed.direction} {allowed.kind}")
    for channel in partner.channels:
        typer.echo(f"  channel     {channel.rule} {channel.authority}")


def _line(certificate: "ListedCertificate", at: "datetime") -> str:
    """A certificate: how long it is good, and its fingerprint to be compared by telephone."""
    if at > certificate.ends:
        state = f"ended {certificate.ends:%Y-%m-%d}"
    elif at < certificate.begins:
        state = f"begins {certificate.begins:%Y-%m-%d}"
    else:
        state = f"until {certificate.ends:%Y-%m-%d}, {(certificate.ends - at).days} day(s) left"
    return f"{state}; sha256 {hashlib.sha256(certificate.der).hexdigest()}"


def print_trials(trials: "Sequence[Trial]") -> None:
    """What was expected of a partner and what came of it."""
    words = {True: "passed", False: "FAILED", None: "unknown"}
    for trial in trials:
        typer.echo(f"{words[trial.passed]:<8} {trial.level:<7} {trial.id:<11} {trial.expectation}")
        if trial.passed is False:
            typer.echo(f"         what came: {trial.result}")
            typer.echo(f"         source: {trial.source}")
        elif trial.passed is None:
            typer.echo(f"         {trial.result}")


def print_changes(changes: "Sequence[str]") -> None:
    """What importing a directory changes."""
    for change in changes:
        typer.echo(f"change: {change}")
    if not changes:
        typer.echo("no partner changes")
