"""Realism as a page: generated usage beside every published figure, what is not known, and pictures of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from planshift.reports.charts.chart import Chart
from planshift.reports.charts.picture import png
from planshift.reports.words import counted, listed
from planshift_dev.realism.charts import realism_charts
from planshift_dev.realism.generated import generated
from planshift_dev.realism.held import COVERED, Held, hold
from planshift_dev.realism.measures import Users
from planshift_dev.realism.targets import FITTED, PREDICTED, Figure, Targets, Topic, read_targets

PAGE = "realism.md"
HOW = "make realism"

_INTRODUCTION = (
    "planshift can draw an organization's usage at random, from personas ([scenarios/personas.yaml]"
    "(../../scenarios/personas.yaml)). This page lays what it draws beside every published figure that we know of."
    " *Fitted* figures were in view when the parameters were chosen: that they agree says that the generator does what"
    " it was told. *Predicted* ones were not."
)
_READING = (
    "How far off is still within was settled before anything was drawn, and stands in the last column: a share of the"
    f" published figure or a difference; or, where a figure was published of a known number of users, {COVERED} % of"
    " groups of as many generated users must lie around it (in brackets: from where to where they do; where that is a"
    " wide range, so few users tell little). The ratio is generated over published, of a range over its nearer end."
)


@dataclass(frozen=True)
class Realism:
    """Generated users, by the name of the crowd and by draw, held against what is published."""

    targets: Targets
    crowds: Mapping[str, Sequence[Users]]

    @cached_property
    def held(self) -> list[Held]:
        """Every figure, in order."""
        return hold(self.targets, self.crowds)

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The pictures by name."""
        return realism_charts(self.targets.pictures, self.crowds)

    @property
    def answer(self) -> str:
        """One sentence: how many figures agree, of those fitted and of those predicted."""
        within = sum(one.within for one in self.held)
        parts = [f"{self._counted(part)} {part}" for part in (FITTED, PREDICTED)]
        return f"{within} of {counted(len(self.held), 'published figure')} are within: {listed(parts)}."

    @property
    def files(self) -> dict[str, bytes]:
        """The page and its pictures, by name."""
        pictures = {picture(name): png(chart) for name, chart in self.charts.items()}
        return {PAGE: self.page.encode(), **pictures}

    @cached_property
    def page(self) -> str:
        """The page, Markdown."""
        held = {id(one.figure): one for one in self.held}
        parts = [
            "# How real generated usage is",
            f"<!-- Generated: {HOW} -->",
            f"**{self.answer}**",
            _INTRODUCTION,
            "## What is not known",
            _bullets(self.targets.unknown),
            "## What was drawn",
            _bullets(self._crowds()),
            _READING,
            *(part for topic in self.targets.topics for part in self._topic(topic, held)),
            "## What is outside",
            _bullets(self._outside()) if self._outside() else "Nothing.",
            "## What is not compared",
            _bullets(self._not_compared()),
            "## Sources",
            _bullets(self._sources()),
        ]
        return "\n\n".join(parts) + "\n"

    def _counted(self, part: str) -> str:
        of_part = [one.within for one in self.held if one.figure.part == part]
        return f"{sum(of_part)} of {len(of_part)}"

    def _crowds(self) -> list[str]:
        targets = self.targets
        return [
            f"{crowd.title[:1].upper()}{crowd.title[1:]}: {crowd.members:,} members of the persona `{crowd.persona}`,"
            f" {counted(crowd.draws, 'draw')} of {crowd.days} days from {targets.start} on, seed {targets.seed}."
            for crowd in targets.crowds.values()
        ]

    def _topic(self, topic: Topic, held: Mapping[int, Held]) -> Iterator[str]:
        yield f"## {topic.title}"
        if topic.text:
            yield topic.text.strip()
        rows = [self._row(held[id(figure)]) for figure in topic.figures]
        names = ["figure", "published", "source", "generated", "ratio", "", "verdict"]
        yield _table(names, ["---", "---:", "---", "---:", "---:", "---", "---"], rows)
        if topic.chart:
            yield f"![{self.charts[topic.chart].alt}]({picture(topic.chart)})"

    def _row(self, one: Held) -> list[str]:
        figure = one.figure
        source = self.targets.sources[figure.source]
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        verdict = "within" if one.within else "**outside**"
        return [
            figure.what,
            published(figure),
            f"[{_label(figure)}]({source.address})" if source.address else _label(figure),
            _generated(one),
            ratio,
            figure.part,
            f"{verdict} ({_tolerance(figure)})",
        ]

    def _outside(self) -> list[str]:
        return [
            f"{one.figure.what} ({_label(one.figure)}, {one.figure.part}): {_generated(one)}, published"
            f" {published(one.figure)}.{' ' + one.figure.note if one.figure.note else ''}"
            for one in self.held
            if not one.within
        ]

    def _not_compared(self) -> list[str]:
        sources = self.targets.sources
        return [f"{item.what} ({sources[item.source].title}): {item.why}" for item in self.targets.not_compared]

    def _sources(self) -> list[str]:
        return [
            f"{name.replace('_', ' ')}: {source.title}{f', <{source.address}>' if source.address else ''}."
            f"{f' {source.note}' if source.note else ''}"
            for name, source in self.targets.sources.items()
        ]


def realism(path: Path | None = None) -> Realism:
    """The users of ``reports/realism.yaml``, or of another such file, generated and held against its figures."""
    targets = read_targets(path)
    return Realism(targets, generated(targets))


def picture(name: str) -> str:
    """The file of a picture."""
    return f"realism_{name}.png"


def published(figure: Figure) -> str:
    """The figure as it was published, or its range."""
    said = f"{figure.low:g} to {figure.high:g}" if figure.is_range else f"{figure.low:g}"
    return said.replace("-", "−")


def _label(figure: Figure) -> str:
    return figure.source.replace("_", " ")


def _generated(one: Held) -> str:
    decimals = _decimals(one.figure)
    said = f"{one.value:.{decimals}f}"
    if one.spread is not None:
        said += f" ({one.spread[0]:.{decimals}f} to {one.spread[1]:.{decimals}f})"
    return said.replace("-", "−")


def _decimals(figure: Figure) -> int:
    """As many decimals as the published figure has; of small numbers two at least, of those below a hundred one."""
    least = 2 if abs(figure.high) < 10 else 1 if abs(figure.high) < 100 else 0
    return max(figure.decimals, least)


def _tolerance(figure: Figure) -> str:
    if figure.within is not None:
        return f"±{figure.within * 100:.0f} %"
    if figure.margin is not None:
        return f"±{figure.margin:g}"
    if figure.users is not None:
        return f"groups of {figure.users}"
    return "the range"


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {' '.join(item.split())}" for item in items)


def _table(names: Sequence[str], rules: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [names, rules, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
