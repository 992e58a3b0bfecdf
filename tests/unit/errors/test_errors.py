import inspect

import pytest

from gateway import errors
from gateway.errors import GatewayError, NotFound, PartnerAnsweredWrongly
from gateway.signatures.verdict import SubIndication, refuse


def drawn() -> dict[str, str]:
    """The tree of the docstring: each name with the name of its parent."""
    tree, path = {}, []
    for line in (errors.__doc__ or "").splitlines():
        before, branch, rest = line.partition("── ")
        if not branch and not line.strip().startswith("GatewayError "):
            continue
        depth = (len(before) - 4) // 4 + 1 if branch else 0
        name = (rest if branch else line).split()[0]
        path[depth:] = [name]
        tree[name] = path[depth - 1] if depth else "Exception"
    return tree


def classes() -> dict[str, type[GatewayError]]:
    """The classes of the module."""
    return {
        name: thing
        for name, thing in vars(errors).items()
        if inspect.isclass(thing) and issubclass(thing, GatewayError)
    }


def leaves() -> list[type[GatewayError]]:
    """The classes that are raised."""
    return [each for each in classes().values() if not each.__subclasses__()]


def test_the_drawn_tree_is_the_tree_of_the_classes():
    """The drawing at the top of errors.py shows every class under its parent, and nothing else."""
    assert drawn() == {name: each.__base__.__name__ for name, each in classes().items()}


def test_every_class_has_a_code_of_its_own():
    """Codes are declared on each class, never inherited, and never used twice."""
    codes = [vars(each).get("code") for each in classes().values()]
    assert None not in codes
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_a_code_is_one_lower_case_word(leaf):
    """Codes go into URNs, logs and metrics: letters and underscores only."""
    assert leaf.code.replace("_", "").isalpha()
    assert leaf.code == leaf.code.lower()


@pytest.mark.parametrize("each", classes().values(), ids=lambda each: each.__name__)
def test_every_class_says_what_it_means(each):
    """An error has a docstring that an operator can be shown."""
    assert (each.__doc__ or "").strip().endswith((".", "."))


def test_codes_are_stable():
    """Other systems react to these words: one that changes breaks them."""
    assert {leaf.__name__: leaf.code for leaf in leaves()} == {
        "AcknowledgementRefused": "acknowledgement_refused",
        "TooManyCallers": "too_many_callers",
        "TooManyRequests": "too_many_requests",
        "SignInRefused": "sign_in_refused",
        "ScopeMissing": "scope_missing",
        "TooManyGuesses": "too_many_guesses",
        "NotFetched": "not_fetched",
        "AlreadyAcknowledged": "already_acknowledged",
        "NotCollected": "not_collected",
        "EmptyDocument": "document_empty",
        "DocumentTooLarge": "document_too_large",
        "DocumentTooComplex": "document_too_complex",
        "NotXML": "not_xml",
        "DoctypeRefused": "doctype_refused",
        "UnknownDocument": "unknown_document",
        "SchemaInvalid": "schema_invalid",
        "AlreadySigned": "already_signed",
        "NotSignable": "not_signable",
        "MalformedRequest": "malformed_request",
        "BodyUnreadable": "body_unreadable",
        "BodyTooSlow": "body_too_slow",
        "WrongContentType": "wrong_content_type",
        "WrongMethod": "wrong_method",
        "NotAcceptable": "not_acceptable",
        "Unauthenticated": "unauthenticated",
        "Forbidden": "forbidden",
        "NotFound": "not_found",
        "MessageIdReused": "message_id_reused",
        "MessageNotFresh": "message_not_fresh",
        "PermitNumberTaken": "permit_number_taken",
        "IdempotencyKeyReused": "idempotency_key_reused",
        "PermitInvalid": "permit_invalid",
        "UseRefused": "use_refused",
        "SignatureRefused": "signature_refused",
        "ProofRefused": "proof_refused",
        "DirectoryRefused": "directory_refused",
        "IdentityMismatch": "identity_mismatch",
        "PartnerUnreachable": "partner_unreachable",
        "PartnerAnsweredWrongly": "partner_answered_wrongly",
        "ReceiptRefused": "receipt_refused",
        "ConfigurationError": "configuration_error",
        "KeyMaterialError": "key_material_error",
        "GatewayBusy": "gateway_busy",
        "SearchTooSlow": "search_too_slow",
        "WrongContentEncoding": "wrong_content_encoding",
        "StorageError": "storage_error",
        "InternalError": "internal_error",
        "DemonstrationFailed": "demonstration_failed",
    }


def test_sentence_advice_and_fields_are_kept_apart():
    """Each door shows an error its own way: text for people, fields for machines."""
    error = PartnerAnsweredWrongly("it said no", advice="ask again", final=True, status=400)
    assert str(error) == error.message == "it said no"
    assert error.advice == "ask again"
    assert error.fields == {"final": True, "status": 400}


def test_advice_and_fields_may_be_absent():
    """A sentence is enough."""
    error = NotFound("there is none")
    assert (error.advice, error.fields) == ("", {})


def test_a_refused_signature_carries_its_verdict():
    """The error and the verdict say the same."""
    error = refuse(SubIndication.HASH_FAILURE, "it was changed")
    assert error.code == "signature_refused"
    assert error.verdict.message == error.message
