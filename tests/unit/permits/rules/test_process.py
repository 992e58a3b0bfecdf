from dataclasses import replace

import pytest
from support.rule_cases import Case, check_case
from unit.permits.permit_builder import AT, CONTEXT, GOOD

from gateway.permits import model
from gateway.permits.findings import Severity
from gateway.permits.rules import RULES, check
from gateway.permits.values import Identifier, Text

PROCESS = CONTEXT.processes[0]


def _process(*processes: model.ContextParameter) -> model.Permit:
    return replace(GOOD, context=replace(CONTEXT, processes=processes))


def _model(release: str) -> model.Permit:
    return replace(GOOD, context=replace(CONTEXT, models=(model.ContextParameter(id=Identifier(release)),)))


CASES = {
    "context.process-missing": Case(_process(PROCESS), _process()),
    "context.process-name": Case(
        _process(PROCESS), _process(replace(PROCESS, value=Text("CITES Permitting")))
    ),
    "context.process-version": Case(
        _process(replace(PROCESS, version=None)),
        _process(replace(PROCESS, version=model.DocumentVersion(id=Identifier("2")))),
    ),
    "context.model": Case(_model("22A"), _model("23A")),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule):
    """Each rule about the context lets the first permit pass and stops the second."""
    check_case(rule, CASES[rule])


def test_the_second_process_is_looked_at_too():
    """Nothing hides behind the first of several statements."""
    ((rule, _, breach),) = check(_process(PROCESS, replace(PROCESS, value=None)), at=AT).breaches
    assert (rule.id, breach.where) == ("context.process-name", "context.processes[1].value")


def test_a_message_may_say_nothing_of_its_model(broken_rules):
    """The toolkit allows a message without a data model, but not a model without its release."""
    assert broken_rules(replace(GOOD, context=replace(CONTEXT, models=()))) == []
    nameless = replace(CONTEXT, models=(model.ContextParameter(value=Text("CCL")),))
    assert broken_rules(replace(GOOD, context=nameless)) == ["context.model"]


def test_fixed_values_cannot_be_waived():
    """What the toolkit fixes stays an error in every deployment; what it lets be absent is a warning."""
    assert RULES["context.process-name"].floor is Severity.ERROR
    assert RULES["context.process-version"].floor is Severity.ERROR
    assert RULES["context.process-missing"].severity is Severity.WARNING
