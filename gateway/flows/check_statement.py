"""Somebody at a border checks the signed statement of a QR code, without asking anybody over a network."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.errors import MalformedRequest, SignatureRefused
from gateway.flows.status_lists import Issuers, ListInHand, check_certificate_now, newest_list
from gateway.permits.statement import KIND, Statement, from_claims
from gateway.permits.statement_report import Check, Outcome, Question, StatementReport
from gateway.permits.status_list import SKEW, STATUS_WORDS, Age, Listed, StatusList, is_final
from gateway.signatures.compact import Ceiling, ProvenClaims, read_compact, verify_compact
from gateway.signatures.keys import fingerprint, subject_of
from gateway.signatures.revocation import RevocationState
from gateway.signatures.verdict import SubIndication
from gateway.wording import Words, phrase, say
from gateway.xmlio.canonical import sha256_hex

STATEMENT_CEILING = Ceiling(text=2953, claims=16 * 1024)
"""The largest QR code holds 2,953 bytes (ISO/IEC 18004, table 7); six long lines have 2 KB of claims."""

_BEFORE_SIGNATURE = frozenset({SubIndication.FORMAT_FAILURE, SubIndication.SIG_CONSTRAINTS_FAILURE})


def check_statement(
    text: str,
    issuers: Issuers,
    lists: Sequence[ListInHand],
    *,
    at: datetime,
    document: bytes | None = None,
) -> StatementReport:
    """
    Check a statement against the certificates and lists at hand; opens no connection and reads no file.

    1. The text has the one shape; white space around it does not count.
    2. The signature holds against a registered certificate.
    3. The claims are a statement of ours, and the certificate belongs to the Party for which it speaks.
    4. The certificate is within its time and, as far as there are revocation lists, not taken back.
    5. The dates of the permit, and the statement is not from the future.
    6. The newest status list of the issuer does not bar the permit, and is young enough to say so: without
       one the answer is INDETERMINATE, never good.
    7. The document at hand, if there is one, is the one that is stated: byte for byte.

    1 to 3 end the check when they fail, because there is nothing to believe then. `at` is aware; nothing is
    raised.
    """
    found = _Found(at)
    # 1, 2, 3
    proven = _prove(text, issuers, found)
    if proven is None:
        return found.report()
    # 4
    _check_certificate(proven, issuers, found)
    # 5
    _check_dates(proven.statement, found)
    # 6
    _check_status(
        proven.statement, newest_list(proven.statement.ref.issuer, lists, issuers, at), lists, found
    )
    # 7
    if document is not None:
        _check_document(proven.statement, document, found)
    return found.report(proven, document_checked=document is not None)


@dataclass(frozen=True, slots=True)
class _Proven:
    """A statement that is believed."""

    statement: Statement
    claims: ProvenClaims


@dataclass(slots=True)
class _Found:
    """What has been found out so far."""

    at: datetime
    checks: list[Check] = field(default_factory=list)
    listed: Listed | None = None
    statuses: StatusList | None = None
    revocation_checked: bool = False

    def passed(self, question: Question, sentence: str) -> None:
        """A check that is good."""
        self.checks.append(Check(question, Outcome.PASSED, _words(sentence)))

    def failed(self, question: Question, sentence: str) -> None:
        """A check that is not good."""
        self.checks.append(Check(question, Outcome.FAILED, _words(sentence)))

    def unsure(self, question: Question, sentence: str) -> None:
        """A check that nobody here can make."""
        self.checks.append(Check(question, Outcome.INDETERMINATE, _words(sentence)))

    def refused(self, question: Question, error: SignatureRefused) -> None:
        """The verdict on a signature as a check."""
        outcome = Outcome(error.verdict.indication.value)
        self.checks.append(Check(question, outcome, _words(error.message)))

    def report(self, proven: _Proven | None = None, *, document_checked: bool = False) -> StatementReport:
        """Everything together."""
        certificate = proven.claims.certificate if proven else None
        return StatementReport(
            self.at,
            tuple(self.checks),
            proven.statement if proven else None,
            subject_of(certificate) if certificate else "",
            fingerprint(certificate) if certificate else "",
            self.listed,
            self.statuses.made_at if self.statuses else None,
            self.statuses.counts_until if self.statuses else None,
            self.revocation_checked,
            document_checked,
        )


def _prove(text: str, issuers: Issuers, found: _Found) -> _Proven | None:
    """Steps 1 to 3; None when the text is not to be believed."""
    # 1
    try:
        compact = read_compact(text.strip(), kind=KIND, ceiling=STATEMENT_CEILING)
        # 2
        claims = verify_compact(
            compact, issuers.certificates, ceiling=STATEMENT_CEILING, policy=issuers.policy
        )
    except SignatureRefused as error:
        early = error.verdict.sub in _BEFORE_SIGNATURE
        found.refused(Question.FORM if early else Question.SIGNATURE, error)
        return None
    signer = subject_of(claims.certificate)
    found.passed(Question.SIGNATURE, say("the signature holds; signed by {signer}", signer=signer))
    # 3
    try:
        statement = from_claims(claims.claims)
    except MalformedRequest as error:
        found.failed(Question.CONTENT, error.message)
        return None
    if claims.certificate not in issuers.by_party.get(statement.ref.issuer, ()):
        found.failed(
            Question.ISSUER,
            say(
                "it speaks for {party} and was signed by another Party: {signer}",
                party=statement.ref.issuer,
                signer=signer,
            ),
        )
        return None
    found.passed(Question.ISSUER, say("the signer may speak for {party}", party=statement.ref.issuer))
    return _Proven(statement, claims)


def _check_certificate(proven: _Proven, issuers: Issuers, found: _Found) -> None:
    """Step 4."""
    try:
        state = check_certificate_now(proven.claims.certificate, issuers, found.at)
    except SignatureRefused as error:
        revocation = error.verdict.sub in (SubIndication.REVOKED, SubIndication.TRY_LATER)
        found.revocation_checked = revocation
        found.refused(Question.REVOCATION if revocation else Question.CERTIFICATE, error)
        return
    ends = proven.claims.certificate.not_valid_after_utc
    found.passed(
        Question.CERTIFICATE, say("the certificate is valid until {ends:%Y-%m-%d %H:%M} UTC", ends=ends)
    )
    found.revocation_checked = state not in (None, RevocationState.UNKNOWN)
    if found.revocation_checked:
        found.passed(Question.REVOCATION, say("the certificate is not revoked"))


def _check_dates(statement: Statement, found: _Found) -> None:
    """Step 5."""
    if statement.made_at > found.at + SKEW:
        found.unsure(
            Question.DATES,
            say(
                "the statement is from {made:%Y-%m-%d %H:%M} UTC, which is in the future: check the clock of "
                "this machine",
                made=statement.made_at,
            ),
        )
        return
    day = statement.last_day.isoformat()
    if found.at >= statement.ends:
        found.failed(Question.DATES, say("its last day was {day} (Box 2)", day=day))
    elif statement.begins is not None and found.at < statement.begins:
        begins = f"{statement.begins:%Y-%m-%d}"
        found.failed(Question.DATES, say("it is valid only from {day} (Box 2)", day=begins))
    else:
        found.passed(Question.DATES, say("it is valid until the end of {day} (Box 2)", day=day))


def _check_status(
    statement: Statement, statuses: StatusList | None, lists: Sequence[ListInHand], found: _Found
) -> None:
    """Step 6: a list that is too old still proves what never ends, and nothing else."""
    party, question = statement.ref.issuer, Question.STATUS
    if statuses is None:
        refusals = [each for each in lists if each.refusal]
        if refusals:
            found.unsure(
                question,
                say(
                    "there is no status list of {party} here that counts, and {name} is not used: {why}; ask "
                    "the issuer",
                    party=party,
                    name=refusals[0].name,
                    why=refusals[0].refusal,
                ),
            )
            return
        found.unsure(
            question,
            say("there is no status list of {party} here that counts: ask the issuer", party=party),
        )
        return
    found.statuses, found.listed = statuses, statuses.find(statement.ref)
    age, listed = statuses.age(found.at), found.listed
    if listed is not None and (age is Age.FRESH or is_final(listed.status)):
        found.failed(
            question,
            say(
                "the permit is {status} since {since:%Y-%m-%d}, says the list of {made:%Y-%m-%d %H:%M} UTC",
                status=STATUS_WORDS[listed.status],
                since=listed.since,
                made=statuses.made_at,
            ),
        )
    elif age is Age.FRESH:
        found.passed(
            question,
            say(
                "nothing bars the permit, says the list of {made:%Y-%m-%d %H:%M} UTC, which counts until "
                "{until:%Y-%m-%d %H:%M} UTC",
                made=statuses.made_at,
                until=statuses.counts_until,
            ),
        )
    elif age is Age.TOO_OLD:
        found.unsure(
            question,
            say(
                "the status list of {party} is of {made:%Y-%m-%d %H:%M} UTC and counted until "
                "{until:%Y-%m-%d %H:%M} UTC: get the new one, or ask the issuer",
                party=party,
                made=statuses.made_at,
                until=statuses.counts_until,
            ),
        )
    else:
        found.unsure(
            question,
            say(
                "the status list of {party} is from {made:%Y-%m-%d %H:%M} UTC, which is in the future: check "
                "the clock of this machine",
                party=party,
                made=statuses.made_at,
            ),
        )


def _check_document(statement: Statement, document: bytes, found: _Found) -> None:
    """Step 7."""
    if sha256_hex(document) == statement.digest:
        found.passed(Question.DOCUMENT, say("the document is the one that is stated, byte for byte"))
    else:
        found.failed(
            Question.DOCUMENT,
            say(
                "the document is not the one that is stated: its SHA-256 is {found}, not {stated}",
                found=sha256_hex(document),
                stated=statement.digest,
            ),
        )


def _words(sentence: str) -> Words:
    """A sentence that can be translated, or is said as it is."""
    return sentence if isinstance(sentence, Words) else phrase(sentence)
