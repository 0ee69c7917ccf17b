"""A fit as people get it: one sentence, a table of its quality, a scenario that reproduces the file, and a picture."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from planshift.billing.checks import check
from planshift.billing.money import nano_text
from planshift.billing.scenario import scenario_from
from planshift.disk import replacing
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.documents import Document, parse_document
from planshift.plans.schemas import problems
from planshift.problems import InputError, OutputError, Place, Problem
from planshift.reports.fit import words
from planshift.reports.fit.scenario import MARK, Base, ContractOptions, new_text, read_base, refuse_named, scenario_text
from planshift.usage.fit.fitting import Fit, fit_panel
from planshift.usage.fit.groups import EVERY
from planshift.usage.fit.mix import read_shipped
from planshift.usage.fit.panel import read_panel
from planshift.usage.fit.quality import LAGS, Quality, quality
from planshift.usage.measure import UsageSource
from planshift.usage.products import read_products

if TYPE_CHECKING:
    from planshift.reports.charts.chart import Chart

ENDINGS = (".yaml", ".yml")
PNG = ".png"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = len(_SIGNATURE) + 25
_OURS = b"tEXtSource\0planshift usage fit"


@dataclass(frozen=True)
class FitResult:
    """A fit, how good it is, and the scenario that it makes."""

    fit: Fit
    quality: Quality
    text: str
    checked: tuple[str, ...]

    @property
    def answer(self) -> str:
        """One sentence: whose usage it is, and which personas it makes."""
        return words.answer(self.fit)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What to know before relying on the scenario."""
        return (*words.warnings(self.fit, self.quality), *self.checked)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table of quality: what, of the file, generated, and how far apart."""
        return words.quality_rows(self.quality)

    def facts(self) -> dict[str, object]:
        """The same as plain data; amounts are text, exact for the file; other numbers have four digits."""
        panel, found = self.fit.panel, self.quality
        return {
            "answer": self.answer,
            "usage": str(panel.path),
            "from": panel.start.isoformat(),
            "to": panel.last.isoformat(),
            "days": panel.days,
            "members": len(panel.members),
            "list_cost": nano_text(panel.nanos),
            "personas": [self._persona(number) for number in range(len(self.fit.personas))],
            "shared": {
                "daily_sd": self.fit.shocks.daily_sd,
                "slow_sd": self.fit.shocks.slow_sd,
                "growth_per_month": self.fit.per_month,
                "from": dict(self.fit.origins),
            },
            "draws": found.draws,
            "quality": {
                "ks_distance": _short(found.ks),
                "lorenz_gap": _short(found.lorenz_gap),
                "weekday_gap": _short(found.week_gap),
                "file": _look(found, "real"),
                "generated": _look(found, "generated"),
            },
            "warnings": list(self.warnings),
        }

    def chart(self) -> Chart:
        """The file and what is generated in its place, side by side."""
        from planshift.reports.charts.usage import fit_chart

        return fit_chart(self.fit, self.quality, self.warnings)

    def write(self, out: Path, chart: Path) -> None:
        """The scenario and the picture, each written whole or not at all; raises OutputError (see `check_targets`)."""
        from planshift.reports.charts.picture import png

        check_targets(out, chart)
        picture = _marked(png(self.chart()))
        # Both are there before the first takes its place.
        with replacing(out) as scenario, replacing(chart) as drawn:
            drawn.write_bytes(picture)
            scenario.write_text(self.text, encoding="utf-8", newline="\n")

    def _persona(self, number: int) -> dict[str, object]:
        person = self.fit.personas[number]
        persona = person.persona
        return {
            "name": persona.name,
            "title": persona.title,
            "members": len(person.group.members),
            "seat_type": person.group.seat_type,
            "like": person.like,
            "level": {"usd_per_active_day": f"{persona.level.amount:g}", "sigma": persona.level.sigma},
            "activity": {key: getattr(persona.activity, key) for key in ("alpha", "beta", "with_level", "persistence")},
            "drift": {"sd": persona.drift.sd, "days": persona.drift.days},
            "day": {"shape": persona.day.shape, "correlation": persona.day.correlation},
            "from": {need.quantity: person.origins[need.quantity] for need in EVERY if need.quantity in person.origins},
        }


def fit_usage(
    usage: Path | str,
    *,
    contract: Path | str | None = None,
    plan: str | None = None,
    channel: str | None = None,
    seat_type: str | None = None,
    seats: int | None = None,
    seed: int = 1,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
) -> FitResult:
    """The fit of a usage file, and the scenario that it makes with a contract.

    ``contract`` is a scenario whose contract, horizon and seats to keep; or ``plan`` and ``channel`` say what is
    bought, ``seat_type`` whose seats members have where it has several, ``seats`` how many there are (else one a
    member). ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs. The same
    file and seed give the same fit. Raises InputError with every mistake of the file, the contract and the scenario
    that they make together.
    """
    wanted = ContractOptions(Path(contract) if contract else None, plan, channel, seat_type, seats)
    return fit_contract(usage, wanted, seed=seed, plans=plans, overlays=overlays)


def fit_contract(
    usage: Path | str,
    wanted: ContractOptions,
    *,
    seed: int = 1,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
) -> FitResult:
    """The same, with the contract that is wanted in one piece."""
    catalogue = load_catalogue(Path(plans) if plans else None, [Path(overlay) for overlay in overlays])
    base = read_base(wanted, catalogue)
    card = catalogue.card(base.plan)
    titles = read_products().titles
    panel = read_panel(UsageSource(Path(usage), (), titles), card, base.seats)
    if wanted.contract:
        refuse_named(wanted.contract, catalogue, panel)
    start = base.start or panel.start
    shipped = read_shipped(card, start)
    fit = fit_panel(panel, base.seats_of(panel.members), card, shipped, start, seed, titles)
    text = scenario_text(fit, base.text or new_text(wanted, base, panel), _idle(base, panel.idle), seed)
    checked = (*_unpriced(base), *_check(text, catalogue, base, Path(usage)))
    return FitResult(fit, quality(fit, card), text, checked)


def _idle(base: Base, names: Iterable[str]) -> Mapping[str, str]:
    return {name: base.seats[name] for name in names} if base.seats else {}


def _unpriced(base: Base) -> Iterator[str]:
    if base.modifiers:
        yield (
            f"The contract's scenario has modifiers for every row of its usage ({', '.join(base.modifiers)}); the fit"
            " prices the file without them, and drawn usage has none."
        )


def _check(text: str, catalogue: Catalogue, base: Base, usage: Path) -> tuple[str, ...]:
    """The warnings about the scenario; its mistakes are those of the contract that it stands on, and said of it."""
    try:
        document = _valid(text, "scenario")
        return check(scenario_from(document, catalogue, usage.parent))
    except InputError as error:
        found = [replace(problem, place=Place(base.source)) for problem in error.problems]
        raise InputError(found) from error


def _valid(text: str, name: str) -> Document:
    document = parse_document(text, name)
    found: list[Problem] = problems(document, "scenario")
    if found:
        raise InputError(found)
    return document


def check_targets(out: Path, chart: Path) -> None:
    """Nothing when a fit can be written to these; raises OutputError for endings that are not .yaml and .png, a folder,
    a link, a place where nothing can be written, and a file that no fit wrote."""
    if out.suffix not in ENDINGS:
        raise OutputError(f"{out}: does not end in .yaml - name it scenario.yaml")
    if chart.suffix != PNG:
        raise OutputError(f"{chart}: does not end in .png - name it scenario.png")
    for path, ours in ((out, _is_fitted), (chart, _is_picture)):
        if path.is_symlink():
            raise OutputError(f"{path}: is a link to {os.path.realpath(path)} - name that file itself, or another")
        if path.is_dir():
            raise OutputError(f"{path}: is a folder - name a file in it, such as {path / f'scenario{path.suffix}'}")
        if not path.parent.is_dir():
            raise OutputError(f"{path.parent}: there is no such folder - make it first, or choose another")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise OutputError(f"{path.parent}: you may not write here - choose another folder")
        if path.exists() and not ours(path):
            fact = "is there already and was not written by a fit"
            raise OutputError(f"{path}: {fact} - choose another name, or move it away")


def _is_fitted(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(len(MARK.encode()))
    return start in (b"", MARK.encode())


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(_HEADER + 8 + len(_OURS))
    return not start or _OURS in start


def _marked(picture: bytes) -> bytes:
    """A PNG that says by which command it was made, behind its header."""
    length = (len(_OURS) - 4).to_bytes(4, "big")
    chunk = length + _OURS + zlib.crc32(_OURS).to_bytes(4, "big")
    return picture[:_HEADER] + chunk + picture[_HEADER:]


def _short(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _look(found: Quality, which: str) -> dict[str, object]:
    look = getattr(found, which)
    return {
        "total": f"{look.total:.2f}",
        "usd_per_active_day": f"{look.level:.4f}",
        "gini": _short(look.gini),
        "top_tenth": _short(look.top),
        "active_days_in_four_weeks": _short(look.active_days),
        "weekday_profile": [_short(value) for value in look.week],
        "autocorrelation": {str(lag): _short(value) for lag, value in zip(LAGS, look.correlations, strict=True)},
    }
