"""A panel as it is drawn: its grid, its marks in their order, and its texts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from planshift.reports.charts import text_metrics as metrics
from planshift.reports.charts.canvas import Canvas
from planshift.reports.charts.chart import Apart, Area, Bar, Label, Line, Rule, Sides, Whisker
from planshift.reports.charts.frame import AIR, Frame, axis_ticks
from planshift.reports.charts.scales import apart, beside
from planshift.reports.charts.styles import GRID, INK, LINE, TICK, WHISKER, Look

_EDGE = Look(edge="#9AA0A6")
_GRID = Look(edge=GRID, width=0.6)


@dataclass(frozen=True)
class Plot(Frame):
    """A panel on a canvas."""

    canvas: Canvas = field(kw_only=True)

    def draw(self) -> None:
        """Everything of the panel, from the grid up to the texts."""
        self._headings()
        self._value_axis()
        if not self.panel.rows:
            self._place_axis()
        for mark in self.panel.marks:
            self._mark(mark)
        if self.panel.rows:
            # A line between bars must not cross the letters of a name.
            self._names_of_rows()
        self._below()

    # --- axes -----------------------------------------------------------------------------------------------------

    def _headings(self) -> None:
        top = self.room.top + 3
        for text, size, bold in ((self.heading, 1.08, True), (self.standing, 0.9, False)):
            if text:
                top = self.canvas.text(self.room.left, top, text, self.setting.letters * size, bold=bold).bottom + 3

    def _value_axis(self) -> None:
        if not self.has_axis:
            return
        inner, small, label = self.inner, self.small, self.panel.values.label
        for value, text in axis_ticks(self.panel.values, self.values):
            x = y = self.along(value)
            if self.panel.rows:
                self.canvas.line([(x, inner.top), (x, inner.bottom)], _GRID)
                self.canvas.text(x, inner.bottom + AIR - 1, text, small, anchor="middle", color=TICK)
            else:
                self.canvas.line([(inner.left, y), (inner.right, y)], _GRID)
                self.canvas.text(inner.left - 4, y - small * 0.36, text, small, anchor="end", color=TICK)
        if self.panel.rows:
            self.canvas.line([(inner.left, inner.bottom), (inner.right, inner.bottom)], _EDGE)
            middle, low = (inner.left + inner.right) / 2, self.room.bottom - small
            self.canvas.text(middle, low, label, small, anchor="middle", color=LINE) if label else None
        elif label:
            shown = metrics.within(label, inner.height + self.room.bottom - inner.bottom, small, 1)
            half = metrics.width(shown, small) / 2
            middle = max((inner.top + inner.bottom) / 2, self.room.top + half)
            self.canvas.text(self.room.left, middle, shown, small, anchor="middle", color=LINE, turned=True)

    def _place_axis(self) -> None:
        inner, panel = self.inner, self.panel
        self.canvas.line([(inner.left, inner.top), (inner.left, inner.bottom)], _EDGE)
        self.canvas.line([(inner.left, inner.bottom), (inner.right, inner.bottom)], _EDGE)
        for place, text in self._place_ticks():
            x = inner.left + self.places.at(place)
            if not panel.places.names:
                self.canvas.line([(x, inner.top), (x, inner.bottom)], _GRID)
            self.canvas.text(x, inner.bottom + self.drop - 1, text, self.small, anchor="middle")
        if panel.places.label:
            shown = metrics.within(panel.places.label, self.room.width, self.small, 1)
            middle, half = (inner.left + inner.right) / 2, metrics.width(shown, self.small) / 2
            middle = min(middle, self.room.right - half)
            low = self.room.bottom - self.small
            self.canvas.text(middle, low, shown, self.small, anchor="middle", color=LINE)

    def _names_of_rows(self) -> None:
        inner, size = self.inner, self.name_size
        for row, name in enumerate(self.names):
            if not name:
                continue
            if self.names_above:
                self.canvas.text(inner.left, inner.top + row * self.slots[0] + 1.5, name, size, paper=True)
            else:
                top = self.point(row, self.values.low)[1] - metrics.height(name, size) / 2
                self.canvas.text(inner.left - AIR, top, name, size, anchor="end")

    def _place_ticks(self) -> list[tuple[float, str]]:
        axis = self.panel.places
        if not axis.names:
            return axis_ticks(axis, self.places)
        return _thinned(self.names, self.inner.width / (len(self.names) + 0.2), self.small)

    def _below(self) -> None:
        small, inner = self.small, self.inner
        names = self.names or ["0"]
        top = inner.bottom + max(metrics.height(name, small) for name in names) + self.drop
        for number, (name, texts) in enumerate(self.rows_below):
            bold = number == len(self.rows_below) - 1 and number > 0
            self.canvas.text(inner.left - AIR, top, name, small, anchor="end", color=LINE)
            for place, text in enumerate(texts):
                x = inner.left + self.places.at(place)
                self.canvas.text(x, top, text, small, anchor="middle", bold=bold)
            top += small * 1.2

    # --- marks ----------------------------------------------------------------------------------------------------

    def _mark(self, mark: object) -> None:
        match mark:
            case Bar():
                self.canvas.rectangle(self.box(mark.place, mark.start, mark.end, mark.thickness), mark.look)
            case Line():
                self.canvas.line([self.point(*point) for point in mark.points], mark.look)
            case Area():
                upper = [self.point(*one) for one in zip(mark.places, mark.high, strict=True)]
                lower = [self.point(*one) for one in zip(mark.places, mark.low, strict=True)]
                self.canvas.area([*upper, *reversed(lower)], mark.look)
            case Whisker():
                self._whisker(mark)
            case Rule():
                self._rule(mark)
            case Label():
                self._label(mark)
            case Sides():
                self._sides(mark)
            case Apart():
                self._apart(mark)

    def _whisker(self, mark: Whisker) -> None:
        if mark.low == mark.high:
            return
        (x0, y0), (x1, y1) = self.point(mark.place, mark.low), self.point(mark.place, mark.high)
        dx, dy = (0.0, 2.6) if self.panel.rows else (2.6, 0.0)
        # Light below dark: it is seen on every filling.
        for look in (replace(WHISKER, edge="#FFFFFF", width=3.2), replace(WHISKER, edge=mark.color)):
            self.canvas.line([(x0, y0), (x1, y1)], look)
            for x, y in ((x0, y0), (x1, y1)):
                self.canvas.line([(x - dx, y - dy), (x + dx, y + dy)], look)

    def _rule(self, mark: Rule) -> None:
        inner = self.inner
        if mark.of_place:
            x = inner.left + self.places.at(mark.at)
            self.canvas.line([(x, inner.top), (x, inner.bottom)], mark.look)
            return
        x = y = self.along(mark.at)
        if self.names_above:
            # Names and amounts stand between the bars, and no line crosses them.
            bars = self.slots[1]
            for row in range(len(self.panel.places.names)):
                middle = self.point(row, mark.at)[1]
                self.canvas.line([(x, middle - bars / 2), (x, middle + bars / 2)], mark.look)
            return
        ends = [(x, inner.top), (x, inner.bottom)] if self.panel.rows else [(inner.left, y), (inner.right, y)]
        self.canvas.line(ends, mark.look)

    def _label(self, label: Label) -> None:
        size, text = label.size * self.setting.letters, self.broken(label)
        place = label.place if label.place is not None else self.places.ends[0]
        x, y = self.point(place, label.value if label.value is not None else self.values.ends[0])
        if label.value is None and self.panel.rows:
            x = self.inner.left + 2
        high = metrics.height(text, size)
        anchor = {"left": "end", "right": "start"}.get(label.side, "start" if label.aligned else "middle")
        x += {"left": -label.gap, "right": label.gap}.get(label.side, 0.0)
        y += {"above": -label.gap - high, "below": label.gap}.get(label.side, -high / 2) - label.lift
        self.canvas.text(x, y, text, size, anchor=anchor, bold=label.bold, color=label.color, paper=label.paper)

    def _sides(self, mark: Sides) -> None:
        size = self.small
        if self.names_above:
            top = self.inner.top + (round(mark.place) + 1) * self.slots[0] - size * 1.25
            share = 0.5 if mark.before and mark.after else 1.0
            room = self.inner.width * share - 3
            texts = [metrics.within(text, room, size, 1) for text in (mark.before, mark.after)]
            for text, x, anchor in ((texts[0], self.inner.left, "start"), (texts[1], self.inner.right, "end")):
                if text:
                    self.canvas.text(x, top, text, size, anchor=anchor)
            return
        before, after = self.beside_bar(mark)
        for text, value, side in ((before, mark.low, "left"), (after, mark.high, "right")):
            if text:
                self._label(Label(text, mark.place, value, side, 0.93, color=LINE, gap=4))

    def _apart(self, mark: Apart) -> None:
        size, texts, inner = self.setting.letters * 0.93, self.apart_texts(mark), self.inner
        if mark.of_places or mark.at is not None:
            self._apart_across(mark, size)
            return
        last = max(len(self.panel.places.names) - 1, 0)
        ends = [self.point(last, value) for _, value in mark.labels]
        heights = [metrics.height(text, size) + 3 for text in texts]
        centres = apart([y for _, y in ends], heights, self.room.top, self.room.bottom)
        for number, (text, (x, y), centre, high) in enumerate(zip(texts, ends, centres, heights, strict=True)):
            color = mark.colors[number] if mark.colors else INK
            self.canvas.line([(min(x + 3, inner.right), y), (inner.right + 12, centre)], Look(edge=color, width=0.6))
            top = centre - high / 2 + 1.5
            self.canvas.text(inner.right + 14, top, text, size, bold=number in mark.bold, color=color)

    def _apart_across(self, mark: Apart, size: float) -> None:
        """Labels side by side, above the panel or above a row's bar."""
        texts, inner = [text for text, _ in mark.labels], self.inner
        widths = [metrics.widest([text], size, True) + 7 for text in texts]
        along = [self.point(mark.at or 0, value)[0] for _, value in mark.labels]
        if mark.of_places:
            along = [inner.left + self.places.at(place) for _, place in mark.labels]
        centres = beside(along, widths, inner.left if not mark.of_places else self.room.left, self.room.right)
        for number, (text, x, centre) in enumerate(zip(texts, along, centres, strict=True)):
            bottom = inner.top - AIR
            if mark.of_places:
                self.canvas.line([(x, inner.top), (x, inner.bottom)], Look(edge=INK, width=1.2, dash=(4.6, 2.4)))
                self.canvas.line([(x, inner.top), (centre, bottom)], Look(edge=INK))
            else:
                bottom = self.point(mark.at or 0, 0)[1] - 3
            bold, top = number in mark.bold, bottom - metrics.height(text, size) - 1
            self.canvas.text(centre, top, text, size, anchor="middle", bold=bold, paper=not mark.of_places)


def _thinned(names: list[str], slot: float, size: float) -> list[tuple[float, str]]:
    """Names with their places, only every second, third, … where all would touch; those of two lines rather stay."""
    wide = metrics.widest(names, size) * 1.12
    step = max(1, -(-int(wide) // max(int(slot), 1)))
    first = next((place for place, name in enumerate(names) if place and "\n" in name), 0) % step
    shown = [(float(place), name) for place, name in enumerate(names) if (place - first) % step == 0]
    if shown and shown[0][0] and "\n" in names[0] and "\n" not in shown[0][1]:
        shown[0] = (shown[0][0], f"{shown[0][1]}\n{names[0].partition(chr(10))[2]}")
    return shown
