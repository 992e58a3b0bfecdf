"""What a deployment may change about rules: how bad a breach is."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.permits.findings import Severity
from gateway.permits.rules.registry import RULES, Rule

_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """The table `[rules]` of the configuration."""

    severity: Mapping[str, str] = field(default_factory=dict)
    """By rule id: `error`, `warning` or `info`. What the schema of the message demands stays an error."""

    def __post_init__(self) -> None:
        """Refuse unknown rules, unknown words, and less than the schema demands; raises `ValueError`."""
        for name, word in self.severity.items():
            if name not in RULES:
                if name.startswith(("schema.", "document.", "tolerated.", "signature.")):
                    raise ValueError(f"severity: {name} is no CITES rule, its severity cannot be changed")
                near = difflib.get_close_matches(name, RULES, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ValueError(f"severity: there is no rule {name}{hint}")
            if word not in set(Severity):
                raise ValueError(f"severity: {name} must be error, warning or info, not {word!r}")
            floor = RULES[name].floor
            if _RANK[Severity(word)] < _RANK[floor]:
                raise ValueError(
                    f"severity: {name} cannot be less than {floor}: the schema of the message demands it"
                )

    def severity_of(self, rule: Rule) -> Severity:
        """How bad a breach of this rule is here."""
        word = self.severity.get(rule.id)
        return rule.severity if word is None else Severity(word)


DEFAULT = RuleSettings()
