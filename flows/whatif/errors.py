"""What `whatif` cannot be asked.

PipelineError
  BadRecipe
    BadChange       a change of the policy that cannot be meant
      NoSuchRule    it names a rule that the policy does not have
      ManyRules     it names a kind of which the policy has several rules
  StoreError
    NotMeasured     a rule reads signals that nobody has measured in these documents
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from pipeline.errors import BadRecipe, StoreError

_FORMS = "Write rules[3].most_5=0.4, or duplicate_ngrams.most_5=0.4, as `penstock why` says it."


class BadChange(BadRecipe):
    """A change of the policy that cannot be meant."""

    def __init__(self, text: str, problem: str = "is no change of a rule") -> None:
        super().__init__(f"{text[:200]!r} {problem}. {_FORMS}")


class NoSuchRule(BadChange):
    """A change names a rule that the policy does not have."""

    def __init__(self, text: str, named: str, *, kinds: Sequence[str]) -> None:
        near = difflib.get_close_matches(named, kinds, 1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        have = ", ".join(f"rules[{n}] {kind}" for n, kind in enumerate(kinds)) or "none"
        super().__init__(text, f"names no rule of this policy{guess}; it has {have}")


class ManyRules(BadChange):
    """A change names a kind of which the policy has several rules."""

    def __init__(self, text: str, *, places: Sequence[int]) -> None:
        which = " or ".join(f"rules[{n}]" for n in places)
        super().__init__(text, f"names several rules of this policy: say {which}")


class NotMeasured(StoreError):
    """A rule reads signals that nobody has measured in these documents."""

    def __init__(self, signals: Sequence[str], *, of: object, rules: Sequence[str]) -> None:
        family = signals[0].partition(".")[0]
        super().__init__(
            f"{', '.join(rules)} would read {', '.join(signals)}, which nobody has measured in the "
            f"documents of {of}.\nPut {family!r} among signals.families of the recipe and run it: "
            f"that computes this family alone."
        )
