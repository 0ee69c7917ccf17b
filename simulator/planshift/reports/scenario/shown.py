"""What a scenario will draw, or the usage file that it names: one sentence, plain words with sources, a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np

from planshift.billing.money import all_to_cents, to_cents
from planshift.billing.scenario import Scenario, read_scenario
from planshift.impact.spread import Spread, spread, spreads
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder, shown_path
from planshift.problems import InputError
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.picture import png
from planshift.reports.charts.usage import usage_chart
from planshift.reports.folder import InputFile, write_picture
from planshift.reports.options import DrawOptions
from planshift.reports.plans.sentences import Statement
from planshift.reports.result import Result, command_line
from planshift.reports.scenario.personas import Words, organization_statements, percent, together
from planshift.reports.scenario.sample import DAYS_A_MONTH, UsageSample, sample
from planshift.reports.table import Column, Kind, Table, Values, records
from planshift.reports.words import about, band_said, counted, prose_usd, simulated, usd
from planshift.usage.measure import UsageSource
from planshift.usage.synthetic.persona import Organization, Population
from planshift.usage.synthetic.persona_reading import Layer, described
from planshift.usage.synthetic.reading import shipped_personas

_SPREAD: Final = (
    Column("mean", Kind.CENTS, "The mean over the draws, half up to the cent"),
    Column("p10", Kind.CENTS, "What 10 of 100 draws do not exceed"),
    Column("p50", Kind.CENTS, "What 50 of 100 draws do not exceed"),
    Column("p90", Kind.CENTS, "What 90 of 100 draws do not exceed"),
)

SHOWN_DAYS: Final = Table(
    "days",
    "a day: what all members ask for at list price",
    (Column("date", Kind.DAY, "The day"), *_SPREAD),
)
SHOWN_MONTHS: Final = Table(
    "months",
    "a calendar month, as far as it is shown: what all members ask for at list price",
    (Column("month", Kind.MONTH, "The calendar month"), *_SPREAD),
)
SHOWN_MEMBERS: Final = Table(
    "members",
    "a member: what they ask for at list price, the mean over the draws",
    (
        Column("user_id", Kind.TEXT, "The member"),
        Column("seat_type", Kind.TEXT, "Their seat type on the first day; empty for who joins later"),
        Column("team", Kind.TEXT, "Their team"),
        Column("active_days_per_month", Kind.NUMBER, "Days on which they ask for anything, in 30.4 days"),
        Column("usd_per_active_day", Kind.CENTS, "What they ask for on such a day"),
        Column("usd_per_month", Kind.CENTS, "What they ask for in 30.4 days"),
    ),
)

SHOWN_TABLES: Final = (SHOWN_DAYS, SHOWN_MONTHS, SHOWN_MEMBERS)
"""What `planshift scenario show --out` writes."""


DRAWS = 20
"""So many draws are looked at where nothing else is asked for."""

FROM_A_FILE = "The usage file"


@dataclass(frozen=True)
class PersonaRow:
    """What the members of a persona come to in the draws; amounts in cents."""

    name: str
    title: str
    members: int
    seat_type: str
    team: str
    active_days: Decimal
    per_active_day: int
    per_month: int
    share: float
    cache_read: float


@dataclass(frozen=True)
class ScenarioShown(Result):
    """A scenario's usage in some draws, and what it was asked for."""

    scenario: Scenario
    sample: UsageSample
    path: Path
    plans: Path | None = None
    overlays: tuple[Path, ...] = ()
    asked: ClassVar[DrawOptions] = DrawOptions()

    @cached_property
    def answer(self) -> str:
        """One sentence: who asks for how much a month at list price, and how much behind it is assumed."""
        scenario, shown = self.scenario, self.sample
        last = shown.end - timedelta(days=1)
        if not shown.totals.any():
            who = f"none of its {len(shown.members):,} members asks" if shown.members else "it has no members who ask"
            return f"{scenario.title}: {who} for anything."
        if not isinstance(scenario.usage, Organization):
            month = prose_usd(self.per_month.p50)
            return (
                f"{scenario.title}: {self._members_said} asked for {month} USD a month at list price from {shown.start}"
                f" to {last}, as a usage file has it: nothing is drawn at random."
            )
        figures = [statement for statement in self.statements if statement.source or statement.assumed]
        assumed = sum(statement.assumed for statement in figures)
        amount = about(self.per_month.p50, self.per_month)
        drawn = simulated(shown.draws, scenario.months)
        where = f"in {drawn}"
        if shown.draws > 1:
            where = f"in the median of {drawn} ({band_said(self.per_month)}),"
        return (
            f"{scenario.title}: {self._members_said} ask for {amount} USD a month at list price {where} from"
            f" {shown.start} to {last}; {assumed or 'none'} of the {len(figures)} groups of figures behind it"
            f" {'is' if assumed == 1 else 'are'} assumed."
        )

    @property
    def per_month(self) -> Spread:
        """What all members ask for in 30.4 days over the draws, cents."""
        totals = self.sample.daily.sum(axis=1)
        return spread(all_to_cents((totals / self.sample.days * DAYS_A_MONTH).astype(np.int64)))

    @cached_property
    def statements(self) -> list[Statement]:
        """What will be drawn, in plain sentences by topic; of a usage file what it holds."""
        usage = self.scenario.usage
        if isinstance(usage, Organization):
            return _of_organization(self.scenario, usage)
        return list(_of_file(usage, self.sample)) if usage else []

    @cached_property
    def personas(self) -> list[PersonaRow]:
        """What the members of each persona come to; nothing for a usage file."""
        usage = self.scenario.usage
        if not isinstance(usage, Organization):
            return []
        return [self._persona(population) for population in usage.populations]

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Days, months and members, by name."""
        shown = self.sample
        days = [shown.start + timedelta(days=day) for day in range(shown.days)]
        months = np.stack([*shown.months.values()])
        return {
            "days": (SHOWN_DAYS, {"date": days, **_spread_columns(shown.daily.T)}),
            "months": (SHOWN_MONTHS, {"month": list(shown.months), **_spread_columns(months)}),
            "members": (SHOWN_MEMBERS, self._members()),
        }

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The picture, called usage; none where nobody asks for anything."""
        return {"usage": usage_chart(self.scenario, self.sample)} if self.sample.totals.any() else {}

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts and shares are text."""
        scenario, shown = self.scenario, self.sample
        return {
            "answer": self.answer,
            "title": scenario.title,
            "from": shown.start.isoformat(),
            "to": (shown.end - timedelta(days=1)).isoformat(),
            "drawn": isinstance(scenario.usage, Organization),
            "draws": shown.draws,
            "seed": scenario.seed,
            "personas": [
                {
                    **asdict(row),
                    "active_days": str(row.active_days),
                    "per_active_day": usd(row.per_active_day).replace(",", ""),
                    "per_month": usd(row.per_month).replace(",", ""),
                    "share": f"{row.share:.4f}",
                    "cache_read": f"{row.cache_read:.4f}",
                }
                for row in self.personas
            ],
            "statements": [asdict(statement) for statement in self.statements],
            "months": records(*self.values["months"]),
            "members": records(*self.values["members"]),
            "pictures": self.pictures,
        }

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        scenario = self.scenario
        drawn = {"draws": self.sample.draws, "seed": scenario.seed} if scenario.seed is not None else {}
        plan = scenario.contract.plan
        catalogue = scenario.catalogue
        named = [Path(plan.file), Path(catalogue.card(plan).file), folder("plans") / "surfaces.yaml"]
        files = [self.path, *scenario.files, *named, *(Path(overlay.file) for overlay in catalogue.overlays)]
        inputs = {shown_path(path): path for path in files}
        command = ["scenario", "show"]
        return {
            "command": command_line(command, self.path, self.plans, self.overlays, drawn),
            "seed": scenario.seed,
            "inputs": [InputFile.of(path, name) for name, path in inputs.items()],
            "warnings": [],
            "pictures": self.pictures,
            "run": {
                "command": " ".join(command),
                "scenario": shown_path(self.path),
                "plans": self.plans,
                "overlays": list(self.overlays),
                **drawn,
            },
        }

    def write_chart(self, path: Path | str) -> Path:
        """The picture alone as a file, PNG.

        Raises OutputError where it cannot be written, and InputError where nobody asks for anything.
        """
        if not self.charts:
            raise InputError.at(str(self.path), "nobody asks for anything, so that there is no picture", "drop --chart")
        write_picture(png(self.charts["usage"]), Path(path))
        return Path(path)

    @property
    def _members_said(self) -> str:
        users = int(self.sample.totals.any(axis=0).sum())
        everybody = len(self.sample.members)
        if users == everybody:
            return counted(users, "member")
        return f"{users:,} of {counted(everybody, 'member')}"

    def _persona(self, population: Population) -> PersonaRow:
        shown = self.sample
        wanted = set(population.members)
        places = [place for place, member in enumerate(shown.members) if member in wanted]
        total, active = float(shown.totals[:, places].sum()), int(shown.active[:, places].sum())
        whole = population.count * shown.draws * shown.days / DAYS_A_MONTH
        uses = population.persona.surfaces
        main = max(uses, key=lambda use: use.share)
        return PersonaRow(
            name=population.persona.name,
            title=population.persona.title,
            members=population.count,
            seat_type=population.seat_type,
            team=population.team,
            active_days=_one_decimal(active / whole),
            per_active_day=to_cents(round(total / active)) if active else 0,
            per_month=to_cents(round(total / whole)),
            share=total / max(1.0, float(shown.totals.sum())),
            cache_read=main.mix.shares.get("cache_read", 0.0),
        )

    def _members(self) -> Values:
        shown, scenario = self.sample, self.scenario
        days, totals = shown.active.sum(axis=0), shown.totals.sum(axis=0, dtype=np.float64)
        months = shown.draws * shown.days / DAYS_A_MONTH
        return {
            "user_id": list(shown.members),
            "seat_type": [scenario.members.get(member, "") for member in shown.members],
            "team": [scenario.teams.get(member, "") for member in shown.members],
            "active_days_per_month": [str(_one_decimal(count / months)) for count in days.tolist()],
            "usd_per_active_day": [
                to_cents(round(total / count)) if count else 0
                for total, count in zip(totals.tolist(), days.tolist(), strict=True)
            ],
            "usd_per_month": [to_cents(round(total / months)) for total in totals.tolist()],
        }


def show_scenario(
    scenario: Path | str,
    *,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
    draws: int | None = None,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ScenarioShown:
    """What a scenario's usage will be like, seen in some draws; a usage file is shown as it is.

    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs, laid on in order;
    ``draws`` are looked at (20 where it is not said), from another ``seed`` where one is given. Raises InputError with
    every mistake found, and for draws or a seed of a usage file.
    """
    path, own = Path(scenario), Path(plans) if plans else None
    what_ifs = tuple(Path(overlay) for overlay in overlays)
    if draws is not None and draws < 1:
        raise InputError.at("--draws", f"{draws} is less than 1", "ask for one draw or more, such as 20")
    read = read_scenario(path, load_catalogue(own, what_ifs)).with_draws(draws, seed)
    count = draws or DRAWS
    found = sample(read, count, (lambda done: progress(done, count)) if progress else None)
    return ScenarioShown(read, found, path, own, what_ifs)


def _of_organization(scenario: Scenario, organization: Organization) -> list[Statement]:
    """The sentences of personas, then of what they share."""
    shipped = shipped_personas()
    words: Any = shipped.document.data
    sources = {key: str(source["title"]) for key, source in words["sources"].items()}
    said: Any = scenario.document.data
    entries = said["usage"]["personas"]
    own = {
        name: Layer(scenario.document, ("usage", "personas", name), entry if isinstance(entry, dict) else {})
        for name, entry in entries.items()
    }
    found: list[tuple[str, Statement]] = []
    for population in organization.populations:
        layers = described(population.persona.name, own, shipped.layers, [])
        assert layers is not None
        persona = Words(population, layers, scenario.document, sources, scenario.surfaces)
        found += [(persona.name, statement) for statement in persona.statements()]
    shared = organization_statements(
        organization, scenario.document, words["organization"]["shocks"], sources, scenario.surfaces
    )
    return [*together(found), *shared]


def _of_file(source: UsageSource, shown: UsageSample) -> Iterable[Statement]:
    """What a usage file holds."""
    name = source.path.name
    users = int(shown.totals.any(axis=0).sum())
    idle = len(shown.members) - users
    said = f"{counted(users, 'member')} on {counted(shown.days, 'day')}, from {shown.start} to"
    said = f"{said} {shown.end - timedelta(days=1)}"
    yield Statement(FROM_A_FILE, f"It holds usage of {said}.", "file", name)
    if idle:
        yield Statement(FROM_A_FILE, f"{counted(idle, 'other member')} never asked for anything.", "file", name)
    whole = sum(shown.surfaces.values())
    for surface, amount in sorted(shown.surfaces.items(), key=lambda item: -item[1]):
        share, title = percent(amount / max(whole, 1)), source.surfaces.get(surface, surface)
        yield Statement(FROM_A_FILE, f"{share} of it, at list price, is {title}.", "file", name)
    if source.modifiers:
        rules = ", ".join(source.modifiers)
        yield Statement(FROM_A_FILE, f"Every row is priced with: {rules}.", "file", "the scenario")


def _spread_columns(amounts: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, list[int]]:
    """Mean, P10, P50 and P90 in cents of nano-dollars of the shape (rows, draws)."""
    found = spreads(all_to_cents(amounts))
    return {name: [getattr(row, name) for row in found] for name in ("mean", "p10", "p50", "p90")}


def _one_decimal(value: float) -> Decimal:
    return Decimal(f"{value:.1f}")
