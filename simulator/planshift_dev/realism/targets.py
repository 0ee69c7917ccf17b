"""What generated usage is held against: published figures, from ``reports/realism.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.files import folder
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Problem, did_you_mean
from planshift_dev.realism.measures import JUMPS, MEASURES

FILE = "realism.yaml"
DISTANCE = "distance"
"""The measure that compares with published quantiles."""

FITTED, PREDICTED = "fitted", "predicted"


@dataclass(frozen=True)
class Source:
    """Who published figures, and where; ``address`` is empty for what has none."""

    title: str
    address: str = ""
    note: str = ""


@dataclass(frozen=True)
class Crowd:
    """Generated users: members of one persona, in several draws of one organization.

    ``tokens_on``: the surface on which the tokens of the first draw are looked at, too; without ``shocks`` nothing is
    shared between members.
    """

    title: str
    persona: str
    members: int
    days: int
    draws: int
    shocks: bool = True
    tokens_on: str = ""


@dataclass(frozen=True)
class Figure:
    """A published figure, or the range that ``low`` and ``high`` are, and what it is held against.

    ``days`` from the first on and ``users`` at a time are looked at, all where None; ``part`` says whether the figure
    was fitted or predicted. ``within`` and ``margin`` are how far off, as a share of it or as a difference, is still
    within. ``growth`` a month comes on top of what is generated.
    """

    what: str
    measure: str
    of: str
    low: float
    high: float
    source: str
    part: str
    days: int | None = None
    users: int | None = None
    within: float | None = None
    margin: float | None = None
    quantiles: Mapping[float, float] | None = None
    growth: float | None = None
    note: str = ""

    @property
    def is_range(self) -> bool:
        """Whether the figure is a range."""
        return self.low != self.high

    @property
    def decimals(self) -> int:
        """How many decimals it was published with."""
        return max(len(f"{value:g}".partition(".")[2]) for value in (self.low, self.high))

    @property
    def rounding(self) -> float:
        """By how much it may have been rounded: half of its last digit."""
        return 0.5 * 10.0**-self.decimals


@dataclass(frozen=True)
class Topic:
    """A part of the page."""

    title: str
    text: str
    chart: str | None
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class NotCompared:
    """Published figures that generated usage has nothing to hold against, and why."""

    what: str
    source: str
    why: str


@dataclass(frozen=True)
class Series:
    """A series of a picture: of generated users (``of``, a crowd), or published ``values``."""

    name: str
    of: str = ""
    days: int | None = None
    users: int | None = None
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Point:
    """A published point of a Lorenz curve: what the ``top`` share of users has of the whole."""

    name: str
    top: float
    held: float


@dataclass(frozen=True)
class Pictures:
    """What the pictures show; ``published`` are lines across the spread of months, by name."""

    lorenz: tuple[Series, ...]
    points: tuple[Point, ...]
    week: tuple[Series, ...]
    lags: tuple[int, ...]
    autocorrelation: tuple[Series, ...]
    sizes: tuple[int, ...]
    spread: tuple[Series, ...]
    published: Mapping[str, float]


@dataclass(frozen=True)
class Targets:
    """All of ``reports/realism.yaml``."""

    checked: date
    seed: int
    start: date
    sources: Mapping[str, Source]
    crowds: Mapping[str, Crowd]
    topics: tuple[Topic, ...]
    pictures: Pictures
    unknown: tuple[str, ...]
    not_compared: tuple[NotCompared, ...]

    @property
    def figures(self) -> Iterator[Figure]:
        """Every figure, in order."""
        return (figure for topic in self.topics for figure in topic.figures)


def read_targets(path: Path | None = None) -> Targets:
    """The targets of the shipped file, or of another; InputError with every mistake in it."""
    document = read_valid(path or folder("reports") / FILE, "realism")
    found = [*_problems(document)]
    if found:
        raise InputError(found)
    data: Any = document.data
    return Targets(
        checked=data["checked"],
        seed=data["seed"],
        start=data["start"],
        sources={name: Source(**source) for name, source in data["sources"].items()},
        crowds={name: Crowd(**crowd) for name, crowd in data["populations"].items()},
        topics=tuple(
            Topic(topic["title"], topic.get("text", ""), topic.get("chart"), tuple(map(_figure, topic["figures"])))
            for topic in data["topics"]
        ),
        pictures=_pictures(data["charts"]),
        unknown=tuple(data["unknown"]),
        not_compared=tuple(NotCompared(**item) for item in data["not_compared"]),
    )


def _pictures(data: Mapping[str, Any]) -> Pictures:
    return Pictures(
        lorenz=_series(data["lorenz"]["curves"]),
        points=tuple(
            Point(point["name"], float(point["top"]), float(point["held"])) for point in data["lorenz"]["points"]
        ),
        week=_series(data["week"]),
        lags=tuple(data["autocorrelation"]["lags"]),
        autocorrelation=_series(data["autocorrelation"]["series"]),
        sizes=tuple(data["spread"]["sizes"]),
        spread=_series(data["spread"]["series"]),
        published={line["name"]: float(line["value"]) for line in data["spread"]["published"]},
    )


def _series(data: Any) -> tuple[Series, ...]:
    return tuple(Series(**{**one, "values": tuple(map(float, one.get("values", ())))}) for one in data)


def _figure(data: Mapping[str, Any]) -> Figure:
    published = data["published"]
    low, high = published if isinstance(published, list) else (published, published)
    quantiles = data.get("quantiles")
    return Figure(
        **{name: data[name] for name in ("what", "measure", "of", "source", "part")},
        low=float(low),
        high=float(high),
        days=data.get("days"),
        users=data.get("users"),
        within=float(data["within"]) if "within" in data else None,
        margin=float(data["margin"]) if "margin" in data else None,
        growth=float(data["growth"]) if "growth" in data else None,
        quantiles={float(share): float(at) for share, at in quantiles.items()} if quantiles else None,
        note=data.get("note", ""),
    )


def _problems(document: Document) -> Iterator[Problem]:
    """What the schema cannot see: names that lead nowhere, and figures of which nobody could say what is within."""
    data: Any = document.data
    known = {"measure": {*MEASURES, DISTANCE}, "of": data["populations"], "source": data["sources"]}
    for topic, item in enumerate(data["topics"]):
        for number, figure in enumerate(item["figures"]):
            path = ("topics", topic, "figures", number)
            for key, names in known.items():
                if figure[key] not in names:
                    fact = f"'{figure[key]}' is not known"
                    yield Problem(document.place(*path, key), fact, did_you_mean(figure[key], names))
            if (figure["measure"] == DISTANCE) != ("quantiles" in figure):
                yield Problem(
                    document.place(*path),
                    f"the measure '{DISTANCE}' and quantiles go together",
                    "give both, or neither",
                )
            if "growth" in figure and figure["measure"] != JUMPS:
                place = document.place(*path, "growth")
                yield Problem(place, f"growth comes on top of '{JUMPS}' alone", "remove it")
            judged = isinstance(figure["published"], list) or {"within", "margin", "users"} & figure.keys()
            if not judged:
                yield Problem(
                    document.place(*path), "nothing says how far off is still within", "add within, margin or users"
                )
    charts = data["charts"]
    for name, series in (
        ("lorenz", charts["lorenz"]["curves"]),
        ("week", charts["week"]),
        ("autocorrelation", charts["autocorrelation"]["series"]),
        ("spread", charts["spread"]["series"]),
    ):
        for one in series:
            if "of" in one and one["of"] not in data["populations"]:
                place = document.place("charts", name)
                yield Problem(place, f"'{one['of']}' is not known", did_you_mean(one["of"], data["populations"]))
    for number, item in enumerate(data["not_compared"]):
        if item["source"] not in data["sources"]:
            place = document.place("not_compared", number, "source")
            yield Problem(place, f"'{item['source']}' is not known", did_you_mean(item["source"], data["sources"]))
