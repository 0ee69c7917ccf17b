"""A panel in its room: what stands beside its axes, and from that the scales of its places and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from planshift.reports.charts import text_metrics as metrics
from planshift.reports.charts.canvas import Box
from planshift.reports.charts.chart import Apart, Area, Axis, Bar, Label, Line, Panel, Rule, Sides, Whisker
from planshift.reports.charts.scales import Reach, Scale, powers, scale, ticks

_HEADROOM = 0.035
AIR = 5.0


@dataclass(frozen=True)
class Setting:
    """How large letters are, and whether names stand above their bars."""

    letters: float
    narrow: bool


@dataclass(frozen=True)
class Frame:
    """A panel in its room; ``pooled``, ``names_wide``, ``slimmest``: what it shares with the panels beside it."""

    panel: Panel
    room: Box
    setting: Setting
    pooled: tuple[Reach, ...] = ()
    names_wide: float = 0.0
    slimmest: float = 0.0

    # --- sizes ----------------------------------------------------------------------------------------------------

    @property
    def small(self) -> float:
        """The size of the letters at ticks."""
        return self.setting.letters * 0.93

    @property
    def name_size(self) -> float:
        """The size of the letters of places' names."""
        return self.setting.letters * self.panel.name_size

    @cached_property
    def names_above(self) -> bool:
        """Do names stand above their bars?"""
        return self.panel.rows and self.setting.narrow

    @cached_property
    def has_axis(self) -> bool:
        """Has it an axis of values? Bars in rows may say their amounts themselves."""
        return not self.panel.rows or bool(self.panel.values.label)

    @cached_property
    def names(self) -> list[str]:
        """The names of places, in lines."""
        names, panel = self.panel.places.names, self.panel
        if self.names_above:
            return [metrics.within(name, self.room.width, self.name_size, 1) for name in names]
        if panel.rows:
            wide, slot = self.room.width * panel.name_share, (self._bottom - self._top) / max(len(names), 1)
            lines = max(1, min(panel.name_lines, int(slot / (self.name_size * metrics.LINE_HEIGHT))))
            return [metrics.within(name, wide, self.name_size, lines) for name in names]
        slot = (self.room.width - 50) / max(len(names), 1)
        if any("\n" in name for name in names):
            return list(names)
        return [metrics.within(name, slot * 0.95, self.small, panel.name_lines) for name in names]

    @property
    def name_width(self) -> float:
        """What names beside rows need."""
        return metrics.widest(self.names, self.name_size) if self.panel.rows and not self.names_above else 0.0

    @cached_property
    def reached(self) -> list[Reach]:
        """Every value that is reached, with what texts and marks need beyond it."""
        return [one for mark in self.panel.marks for one in self._reach(mark)]

    def _reach(self, mark: object) -> Iterator[Reach]:
        match mark:
            case Bar(start=start, end=end):
                yield from ((start, 0, 0), (end, 0, 0))
            case Line(points=points, look=look):
                half = look.size / 2 if look.marker else 0
                yield from ((value, half, half) for _, value in points if value == value)
            case Area(low=low, high=high):
                yield from ((value, 0, 0) for value in (*low, *high))
            case Whisker(low=low, high=high):
                yield from ((low, 2, 2), (high, 2, 2))
            case Rule(at=at, of_place=False):
                yield (at, 0, 2)
            case Label() if mark.value is not None:
                yield (mark.value, *self._beyond(mark))
            case Sides(low=low, high=high) as mark:
                room, beside = self.setting.letters * 0.5, not self.names_above
                before, after = (metrics.widest([text], self.small) + room for text in self.beside_bar(mark))
                yield from ((low, before * beside, 0), (high, 0, after * beside))
            case _:
                return

    def _beyond(self, label: Label) -> tuple[float, float]:
        """How far a label reaches along the axis of values, before its point and after it."""
        size = label.size * self.setting.letters
        text = self.broken(label)
        long = metrics.widest([text], size, label.bold) if self.panel.rows else metrics.height(text, size)
        before, after = ("left", "right") if self.panel.rows else ("below", "above")
        if label.side == after:
            return 0.0, label.gap + long + 1 + (0 if self.panel.rows else max(label.lift, 0))
        if label.side == before:
            return label.gap + long + 1, 0.0
        return (0.0, long) if label.aligned else (long / 2, long / 2)

    def beside_bar(self, mark: Sides) -> list[str]:
        """What stands beside a bar, in lines."""
        slot = (self._bottom - self._top) / max(len(self.panel.places.names), 1)
        lines = 1 + (slot > 2.2 * metrics.LINE_HEIGHT * self.small)
        return [metrics.within(text, self.room.width * 0.26, self.small, lines) for text in (mark.before, mark.after)]

    def broken(self, label: Label) -> str:
        """A label's text in the lines that it is given."""
        if not label.wrap:
            return label.text
        return metrics.within(
            label.text, label.wrap * self.room.width, label.size * self.setting.letters, label.lines, label.bold
        )

    # --- the frame ------------------------------------------------------------------------------------------------

    @cached_property
    def heading(self) -> str:
        """What stands above the panel."""
        return metrics.within(self.panel.title, self.room.width, self.setting.letters * 1.08, 2, True)

    @cached_property
    def standing(self) -> str:
        """What is said below the heading."""
        return metrics.within(self.panel.standing, self.room.width, self.setting.letters * 0.9, 3)

    @cached_property
    def _top(self) -> float:
        """Where the marks begin below what stands above them."""
        found = self.room.top + 3
        for text, size in ((self.heading, 1.08), (self.standing, 0.9)):
            found += metrics.height(text, self.setting.letters * size) + 3 if text else 0
        return found + label_room(self.panel, self.setting.letters)

    @cached_property
    def _bottom(self) -> float:
        """Where the marks end above what stands below them."""
        small, panel = self.small, self.panel
        across = panel.values if panel.rows else panel.places
        found = self.room.bottom
        if across.label:
            found -= small * 1.2 + 2
        if panel.rows:
            return found - (small + AIR if self.has_axis else 0)
        names = self.names or [text for _, text in panel.places.ticks] or ["0"]
        found -= max(metrics.height(name, small) for name in names) + self.drop
        return found - len(self.rows_below) * small * 1.2

    @property
    def drop(self) -> float:
        """How far below the marks the places are named: below the lowest value, which may stand at the same corner."""
        names = self.panel.places.names
        slot = (self.room.width - 50) / max(len(names), 1)
        return AIR if names and metrics.widest(self.names, self.small) < slot else AIR + 0.5 * self.small

    @cached_property
    def rows_below(self) -> list[tuple[str, tuple[str, ...]]]:
        """The rows of text below the places, but for those whose texts would touch."""
        slot = self.room.width * 0.86 / max(len(self.panel.places.names), 1)
        return [row for row in self.panel.below if metrics.widest(list(row[1]), self.small, True) * 1.12 <= slot]

    @cached_property
    def inner(self) -> Box:
        """Where the marks are."""
        panel, small = self.panel, self.small
        left, right = self.room.left, self.room.right
        if panel.rows:
            left += max(self.names_wide, self.name_width) + (0 if self.names_above else AIR)
            if self.has_axis:
                about = self._scaled(right - left)
                right -= metrics.widest([text for _, text in axis_ticks(panel.values, about)], small) / 2
            return Box(left, self._top, right - 1, self._bottom)
        if panel.values.label:
            left += small * 1.2 + 3
        about = self._scaled(self._bottom - self._top)
        texts = [text for _, text in axis_ticks(panel.values, about)]
        beside_axis = metrics.widest(texts, small) + 4
        names = metrics.widest([name for name, _ in self.rows_below], small) + AIR if self.rows_below else 0
        left += max(beside_axis, names)
        for mark in panel.marks:
            if isinstance(mark, Apart) and not mark.of_places:
                right -= self._apart_room(mark) + 18
        return Box(left, self._top, right - 2, self._bottom)

    def _apart_room(self, mark: Apart) -> float:
        return metrics.widest(self.apart_texts(mark), self.setting.letters * 0.93, True)

    def apart_texts(self, mark: Apart) -> list[str]:
        """Labels at the end of the axis of values, in lines."""
        size, share = self.setting.letters * 0.93, self.room.width * mark.share
        return [metrics.within(text, share, size, 4, True) for text, _ in mark.labels]

    @cached_property
    def values(self) -> Scale:
        """The scale of values."""
        return self._scaled(self._width if self.panel.rows else self.inner.height)

    @property
    def _width(self) -> float:
        """How wide the marks are; alike, as wide as in the slimmest panel."""
        return min(self.inner.width, self.slimmest or self.inner.width)

    def _scaled(self, size: float) -> Scale:
        axis = self.panel.values
        reached: list[Reach] = [*(self.pooled or self.reached)]
        found = [value for value, *_ in reached] + [0.0] * axis.zero
        low, high = min(found), max(found)
        if axis.zero and high - low < axis.span:
            high = max(high, axis.span)
        room = size * _HEADROOM
        ends = [(low, room if low < 0 or not axis.zero else 0.0, 0.0), (high, 0.0, room if high > 0 else 0.0)]
        return scale([*reached, *ends], size, axis.low, axis.high, axis.log)

    @cached_property
    def places(self) -> Scale:
        """The scale of places, from left to right; places in rows have none."""
        axis, wide = self.panel.places, self.inner.width
        if axis.names:
            return scale((), wide, -0.6 if axis.low is None else axis.low, axis.high or len(axis.names) - 0.4)
        found = [place for mark in self.panel.marks if isinstance(mark, Line) for place, _ in mark.points]
        low = axis.low if axis.low is not None else min(found, default=0.0)
        return scale((), wide, low, axis.high if axis.high is not None else max(found, default=1.0), axis.log)

    # --- where things are -----------------------------------------------------------------------------------------

    @cached_property
    def slots(self) -> tuple[float, float, float]:
        """In rows: how high a row is, its share that bars have, and how far below its middle theirs is."""
        slot = self.inner.height / max(len(self.panel.places.names), 1)
        if not self.names_above:
            return slot, slot, 0.0
        name = self.name_size * 1.15
        under = self.small * 1.2 if any(isinstance(mark, Sides) for mark in self.panel.marks) else 0.0
        return slot, slot - name - under, (name - under) / 2

    def point(self, place: float, value: float) -> tuple[float, float]:
        """A place and a value on the canvas."""
        if not self.panel.rows:
            return self.inner.left + self.places.at(place), self.along(value)
        slot, bars, shift = self.slots
        row = round(place)
        high = self.inner.top + (row + 0.5) * slot + shift + (place - row) * bars
        return self.along(value), high

    def along(self, value: float) -> float:
        """Where a value is on its axis: from the left in rows, else from the top."""
        if self.panel.rows:
            return self.inner.right - self._width + self.values.at(value)
        return self.inner.bottom - self.values.at(value)

    def box(self, place: float, start: float, end: float, thickness: float) -> Box:
        """What a bar covers."""
        (x0, y0), (x1, y1) = self.point(place - thickness / 2, start), self.point(place + thickness / 2, end)
        if self.panel.rows and thickness >= 1:
            half = self.slots[1] * thickness / 2
            y0, y1 = self.point(place, start)[1] - half, self.point(place, start)[1] + half
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def label_room(panel: Panel, letters: float) -> float:
    """How much room labels above a panel need."""
    above = [mark for mark in panel.marks if isinstance(mark, Apart) and mark.of_places]
    return max((metrics.height(text, letters) + 2 * AIR for mark in above for text, _ in mark.labels), default=0.0)


def axis_ticks(axis: Axis, on: Scale) -> list[tuple[float, str]]:
    """The ticks of an axis of numbers, with their texts."""
    low, high = on.ends
    if axis.ticks:
        return [(value, text) for value, text in axis.ticks if low - 1e-9 <= value <= high + 1e-9]
    if axis.log:
        return [(value, axis.text(value, high - low)) for value in powers((low, high), axis.count)]
    return [(value, axis.text(value, high - low)) for value in ticks((low, high), axis.count, axis.least)]
