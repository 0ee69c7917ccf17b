"""What-ifs that a result was made under, in words: those with an effect, and why others have none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from planshift.impact.reach import Reads, Unreached, Why, unreached
from planshift.plans.catalogue import Catalogue
from planshift.reports.words import set_before

_WHY: Mapping[Why, str] = {
    "late": "it begins on {since}, after the last day of this run, {last}",
    "plan": "nobody in this run is on {name}",
    "ended": "it begins on {since}, and nobody in this run is on {name} after {last}",
    "seat": "nobody in this run has a {name}",
    "fee": "it begins on {since}, and no {name} is charged on that day or later in this run",
    "channel": "no contract in this run is bought through the channel {name}",
    "credits": "nobody in this run pays usage on {name} from credits",
    "card": "the usage of this run is not priced by {name}",
    "model": "nobody in this run uses {name}",
    "tokens": "nobody in this run uses any {part} tokens of {name}",
    "unused_since": "it begins on {since}, and nobody in this run uses {name} after {last}",
}


def no_effect(found: Unreached) -> str:
    """``What-if 'A seat for 25' has no effect here: it begins on 2030-01-01, after the last day of this run, …``."""
    part = found.part.replace("_", " ")
    why = _WHY[found.why].format(since=found.since, last=found.last, name=found.name, part=part)
    return f"What-if '{found.title}' has no effect here: {why}."


def without_effect(catalogue: Catalogue, reads: Callable[[], Reads]) -> tuple[str, ...]:
    """A sentence for each what-if laid on that reaches nothing."""
    return tuple(map(no_effect, unreached(catalogue, reads()))) if catalogue.overlays else ()


def with_effect(catalogue: Catalogue, reads: Callable[[], Reads]) -> tuple[str, ...]:
    """The titles of the others."""
    if not catalogue.overlays:
        return ()
    idle = {found.title for found in unreached(catalogue, reads())}
    return tuple(overlay.title for overlay in catalogue.overlays if overlay.title not in idle)


def marks(titles: Iterable[str]) -> list[str]:
    """``what-if 'A seat for 25'``, one for each."""
    return [f"what-if '{title}'" for title in titles]


def said_before(sentences: Iterable[str]) -> str:
    """Sentences that go before another one."""
    return "".join(f"{sentence} " for sentence in sentences)


def what_ifs_said(catalogue: Catalogue, reads: Callable[[], Reads]) -> str:
    """``What-if 'a' and what-if 'b': ``, those with an effect, before anything else is said."""
    return set_before(marks(with_effect(catalogue, reads)))
