"""What a bundle proves to somebody who trusts certain signers, and what it leaves open."""

from datetime import datetime

from gateway.exchange.bundle import Bundle, BundledCertificate, Signed, claims_of, in_words, limits_of
from gateway.flows.bundle_evidence import ProvenEnvelope, ProvenReceipt
from gateway.flows.bundle_report import BundleReport, Check
from gateway.flows.log_evidence import ProvenLog
from gateway.signatures.keys import subject_of
from gateway.signatures.verdict import Indication
from gateway.wording import Words, say


def trust_of(signer: BundledCertificate, believed: set[str], *, asked: bool) -> Check:
    """Whether the one who signed is somebody whom we believe (step 7)."""
    name, who = f"signer-of-{signer.signed}", f"{signer.subject} (SHA-256 {signer.sha256})"
    if signer.sha256 in believed:
        return Check(name, Indication.PASSED, say("you trust {who}", who=who))
    advice = say("get its certificate from the owner, compare fingerprints by telephone, name it in --trust")
    if asked:
        told = say("{who} is not among those you trust: {advice}", who=who, advice=advice)
    else:
        told = say("{who} was not compared with anything you trust: {advice}", who=who, advice=advice)
    return Check(name, Indication.INDETERMINATE, told)


def conclude(
    report: BundleReport,
    receipt: ProvenReceipt,
    envelope: ProvenEnvelope,
    log: ProvenLog | None,
    believed: set[str],
    now: datetime,
) -> None:
    """What follows (step 8)."""
    if report.bundle is None or report.verdict is Indication.FAILED:
        return
    seal = next((each for each in report.bundle.certificates if each.signed is Signed.SEAL), None)
    if report.verdict is Indication.PASSED:
        report.proven += claims_of(report.bundle)
        receiver, sender = receipt.document.certificate, envelope.document.certificate
        report.proven.append(say("{signer} has signed the receipt", signer=subject_of(receiver)))
        report.proven.append(say("{signer} has signed the message", signer=subject_of(sender)))
        if seal is not None and seal.sha256 in believed:
            report.proven.append(say("{signer} sealed the document in the message", signer=seal.subject))
    else:
        report.not_proven.append(say("who signed: the certificates were not all found among those you trust"))
    header = envelope.envelope.header
    report.not_proven.append(
        say(
            "that its signer may speak for {recipient}: you say so when you trust its certificate",
            recipient=header.recipient,
        )
    )
    if seal is None:
        report.not_proven.append(say("who sealed the document: the bundle has no certificate for its seal"))
    elif seal.sha256 not in believed:
        report.not_proven.append(
            say("who sealed the document: {signer} is not among those you trust", signer=seal.subject)
        )
    report.not_proven += _open_about_the_log(report.bundle, log, believed)
    for each in {each.sha256: each for each in report.bundle.certificates}.values():
        if now > each.ends:
            report.not_proven.append(
                say(
                    "that {signer} signed before its certificate ended on {time}: the time of the signature "
                    "is its own claim",
                    signer=each.subject,
                    time=in_words(each.ends),
                )
            )
    report.not_proven += limits_of(report.bundle)


def _open_about_the_log(bundle: Bundle, log: ProvenLog | None, believed: set[str]) -> list[Words]:
    """What the log and the revocation lists leave open (step 8)."""
    if log is None:
        return [say("what was logged about it: this is a bundle of an earlier version, which has no log")]
    found = [
        say("who made a revocation list in here: {issuer} is not among those you trust", issuer=each.issuer)
        for each in bundle.lists
        if each.issuer_sha256 not in believed
    ]
    if log.strangers:
        found.append(
            say(
                "what {count} more signatures below the checkpoint mean: nobody here knows them",
                count=log.strangers,
            )
        )
    return found
