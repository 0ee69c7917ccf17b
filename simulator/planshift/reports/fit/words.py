"""What is said of a fit: the sentence, the table of its quality, and everything to know before trusting it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from planshift.reports.words import counted, listed
from planshift.usage.fit import groups
from planshift.usage.fit.fitting import Fit, PersonaFit
from planshift.usage.fit.groups import FEW_DAYS, FEW_MEMBERS, SHIPPED, DataAmount, Need
from planshift.usage.fit.quality import LAGS, TABLE_LAGS, Quality

POOR_KS, POOR_LORENZ, POOR_WEEK = 0.10, 0.15, 0.35
"""From here on a distance is named in a warning."""
_LARGE_SHARE = 0.25
_SEEN, _LEFT = 0.01, 0.05


def answer(fit: Fit) -> str:
    """What was fitted, in a sentence."""
    panel = fit.panel
    kinds = [f"{len(person.group.members):,} {person.persona.name}" for person in fit.personas]
    return (
        f"{counted(len(panel.members), 'member')} and {counted(panel.days, 'day')} of usage"
        f" from {panel.start} to {panel.last} make {counted(len(kinds), 'persona')}: {listed(kinds)}."
    )


def quality_rows(found: Quality) -> list[tuple[str, str, str, str]]:
    """The table of quality: what, of the file, generated, and how far they are apart."""
    real, drawn = found.real, found.generated
    rows = [
        ("total, USD", f"{real.total:,.2f}", f"{drawn.total:,.2f}", _ratio(real.total, drawn.total)),
        ("active day, USD", f"{real.level:,.2f}", f"{drawn.level:,.2f}", _ratio(real.level, drawn.level)),
        ("members' days: KS distance", "", "", f"{found.ks:.3f}"),
        ("members' totals: Lorenz gap", "", "", f"{found.lorenz_gap:.3f}"),
        ("members' totals: Gini", *_pair(real.gini, drawn.gini)),
        ("share of the top tenth of members", *_pair(real.top, drawn.top)),
        ("active days in four weeks", *_pair(real.active_days, drawn.active_days)),
        ("weekday profile: largest difference", "", "", f"{found.week_gap:.2f}"),
    ]
    for lag in TABLE_LAGS:
        place = LAGS.index(lag)
        what = f"autocorrelation after {counted(lag, 'day')}"
        rows.append((what, *_pair(float(real.correlations[place]), float(drawn.correlations[place]))))
    return rows


def _pair(real: float, drawn: float) -> tuple[str, str, str]:
    return _two(real), _two(drawn), _gap(real, drawn)


def _two(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.2f}"


def _gap(real: float, drawn: float) -> str:
    return "" if math.isnan(real - drawn) else f"{drawn - real:+.2f}"


def _ratio(real: float, drawn: float) -> str:
    return f"{drawn / real * 100 - 100:+.1f} %" if real else ""


def why_borrowed(need: Need, fit: Fit, whose: str) -> str:
    """``the size of the slow drift: that of engineer; it takes 42 days (there are 40)``."""
    return f"{need.quantity}: that of {whose}; {_lack(need, DataAmount.of(fit.panel.volumes > 0))}"


def warnings(fit: Fit, found: Quality) -> tuple[str, ...]:
    """Everything to know before relying on a fit, the gravest first."""
    return (*_few(fit), *_borrowed(fit), *_left_out(fit), *_changing(fit), *_unlike(fit, found))


def _few(fit: Fit) -> Iterator[str]:
    days, members = fit.panel.days, len(fit.panel.members)
    if days < FEW_DAYS or members < FEW_MEMBERS:
        few = [
            *([counted(days, "day")] if days < FEW_DAYS else []),
            *([counted(members, "member")] if members < FEW_MEMBERS else []),
        ]
        yield (
            f"There {'is' if few[0].startswith('1 ') else 'are'} only {listed(few)}: the total, the models and the"
            " token classes are the file's, nearly all else is borrowed. Do not plan with it."
        )


def _borrowed(fit: Fit) -> Iterator[str]:
    """One warning for each quantity that is not the file's, naming whose it is and what it would take."""
    held = DataAmount.of(fit.panel.volumes > 0)
    for need in groups.EVERY:
        if need is groups.CACHE:
            whose = [person for person in fit.personas if not person.own_cache]
        else:
            whose = [person for person in fit.personas if person.origins.get(need.quantity) == SHIPPED]
        everybody = fit.origins.get(need.quantity) == SHIPPED
        if not whose and not everybody:
            continue
        said = need.quantity[:1].upper() + need.quantity[1:]
        if need is groups.GROWTH:
            yield f"{said} is not fitted, and there is none in the scenario: {_lack(need, held)}."
        elif everybody:
            yield f"{said}: as shipped, not of this file; {_lack(need, held)}."
        else:
            yield f"{said}: as shipped, not of this file, for {_these(whose, fit)}; {_lack(need, held)}."


def _these(whose: Sequence[PersonaFit], fit: Fit) -> str:
    """``chat and mixed``; all of them where it is all."""
    if len(whose) == len(fit.personas) > 1:
        return "all personas"
    return listed(person.persona.name for person in whose)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= _SEEN else "under 1 %"


def _lack(need: Need, held: DataAmount) -> str:
    lacking = need.lacking(held)
    if lacking:
        return f"it takes {listed(lacking)}"
    takes = [counted(need.members, "member"), *([f"{need.active_days:,} active days"] if need.active_days else [])]
    return f"it takes {listed(takes)} in a persona"


def _left_out(fit: Fit) -> Iterator[str]:
    panel = fit.panel
    if panel.searches >= _SEEN:
        yield f"Web searches are {_percent(panel.searches)} of the cost; generated usage has tokens for as much."
    if panel.modified:
        yield (
            f"Rows with modifiers are {_percent(panel.modified)} of the cost; generated usage has none, and more"
            " tokens for as much."
        )
    missing: dict[str, float] = {}
    for person in fit.personas:
        for name, share in person.missing.items():
            missing[name] = max(share, missing.get(name, 0.0))
    if missing:
        most = _percent(max(missing.values()))
        yield (
            f"{counted(len(missing), 'model')} of the file cannot be had on the horizon's first day, and others have"
            f" their share (in a persona up to {most} of the tokens): {listed(sorted(missing))}."
        )


def _changing(fit: Fit) -> Iterator[str]:
    if fit.joining.late:
        yield (
            f"{counted(fit.joining.late, 'member')} begin in the middle of the file: the scenario rolls out as they do,"
            " on the file's dates. Remove `roll_out` for a year in which all are there."
        )
    if fit.leaving > _LEFT * len(fit.panel.members):
        yield (
            f"{counted(fit.leaving, 'member')} stop before the end, as if they had left; the personas do not, so the"
            " last weeks are generated too high."
        )
    if fit.per_month:
        yield (
            f"Usage grows by {fit.per_month * 100:.1f} % a month in the file, and goes on in the scenario (`growth`):"
            " that is an assumption about the future."
        )


def _unlike(fit: Fit, found: Quality) -> Iterator[str]:
    """Where generated usage is not like the file's."""
    totals = fit.panel.volumes.sum(axis=0)
    largest = float(totals.max() / totals.sum())
    if largest >= _LARGE_SHARE and len(totals) >= FEW_MEMBERS:
        name = fit.panel.members[int(totals.argmax())]
        yield f"'{name}' alone has {_percent(largest)} of the usage: draws with and without such a one differ much."
    if found.ks > POOR_KS:
        yield f"The volumes of members' days are not met well (KS distance {found.ks:.2f}): look at the picture."
    if found.lorenz_gap > POOR_LORENZ:
        yield f"How members differ is not met well (Lorenz gap {found.lorenz_gap:.2f}): look at the picture."
    if np.isfinite(found.week_gap) and found.week_gap > POOR_WEEK:
        yield f"The week is not met well (a weekday is {found.week_gap:.2f} of a mean day off): look at the picture."
