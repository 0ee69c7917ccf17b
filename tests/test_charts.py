"""The charts: the same bytes for the same values, every text whole and apart from others, names letter by letter."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import pytest

import planshift
from command import EXAMPLES
from planshift.plans.files import folder
from planshift.problems import printable
from planshift.reports.charts.looks import amount, signed, whole
from planshift.reports.charts.member_changes import MemberChanges, MemberRow
from planshift.reports.charts.paired_months import PairedMonths, Year
from planshift.reports.charts.picture import Chart, figure, png
from planshift.reports.charts.plan_months import PlanLine, PlanMonths
from planshift.reports.charts.plan_totals import PlanBar, PlanTotals
from planshift.reports.charts.waterfall import Step, Waterfall
from planshift.reports.comparison.charts import shown_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

DEMO = folder("scenarios") / "renewal_demo.yaml"
LONG = "A plan whose title somebody wrote who never had to fit it into a chart, with everything that it includes"
MAIL = "maximiliane.von-hohenstein-rosenberg@kestrel-instruments-international.example"
FORMULA = r"$x^2$ and $\frac{1}{2}$ of _everything_ for 100 $"
FOOTNOTES = ("Whose it is. An estimate, not an invoice.", f"A note that goes on. {'And on and on. ' * 20}")
MONTHS = tuple(date(2026 + (9 + month) // 12, (9 + month) % 12 + 1, 1) for month in range(13))


def year(cents: int) -> Year:
    return Year("Seats", "Usage", tuple(cents + month for month in range(13)), tuple(cents // 2 for _ in range(13)))


def waterfall(*steps: int, first: int = 5_946_225) -> Waterfall:
    return Waterfall(
        title="What changes",
        footnotes=FOOTNOTES,
        alt="",
        unit="US dollars",
        first=Step(LONG, first),
        steps=tuple(Step("Work stopped because credits ran out", cents) for cents in steps),
        last=Step("New", first + sum(steps)),
        first_is_counterfactual=True,
    )


def paired(cents: int) -> PairedMonths:
    before = tuple(cents for _ in MONTHS)
    rows = ("Year before", "Counterfactual", "New plan")
    both = (year(cents), year(cents))
    return PairedMonths(LONG, FOOTNOTES, "", "US dollars", MONTHS, *both, rows, "Before", before, True)


def totals(count: int, undone: int = 123_456) -> PlanTotals:
    bars = tuple(
        PlanBar(LONG, 10**5 * number, 5 * 10**6, undone, f"{number},000.00 more (12.3 %)", "seats + usage", number > 1)
        for number in range(count)
    )
    return PlanTotals("Totals", FOOTNOTES, "", "US dollars", "Seats", "Usage", "Cannot be done", bars)


def lines(count: int, months: int = 13) -> PlanMonths:
    plans = tuple(PlanLine(f"{LONG} {number}", (1_000_000 + number,) * months) for number in range(count))
    return PlanMonths(LONG, FOOTNOTES, "", "US dollars", MONTHS[:months], plans)


def members(count: int, plans: int = 1) -> MemberChanges:
    names = [MAIL, FORMULA, "=cmd|' /C calc'!A0", "x" * 180, *(f"{number:03d}-{MAIL}" for number in range(4, count))]
    rows = [
        MemberRow(name, tuple((number - count // 3) * 98_765 + plan for plan in range(plans)))
        for number, name in enumerate(names[:count])
    ]
    named = tuple(f"{LONG} {plan}" for plan in range(plans))
    return MemberChanges("Members", FOOTNOTES, "", "US dollars more or less", named, shown_rows(rows))


CHARTS: dict[str, Chart] = {
    "waterfall of all steps": waterfall(-3_888_000, 5_410_441, 52_692, 700_000, 10_000, -104_914, -9_999, 1),
    "waterfall of one step": waterfall(100),
    "waterfall of millions": waterfall(123_456_789_00, -98_765_432_10, first=1_000_000_000_00),
    "waterfall below zero": waterfall(-900_000, 1_200_000, first=500_000),
    "waterfall of nothing": waterfall(0, first=0),
    "paired months": paired(450_000),
    "paired months of millions": paired(123_456_789_00),
    "paired months of nothing": paired(0),
    "paired months of a few cents": paired(7),
    "totals of two": totals(2),
    "totals of eight": totals(8),
    "totals with everything done": totals(3, undone=0),
    "totals of work that cannot be done": totals(2, undone=10**10),
    "lines of two": lines(2),
    "lines of five that lie on each other": lines(5),
    "lines of one month": lines(2, months=1),
    "members, one": members(1),
    "members, twelve": members(12),
    "members, twenty": members(20),
    "members, forty": members(40),
    "members, three hundred": members(300),
    "members on three plans": members(60, plans=3),
}
every_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)


@cache
def shipped() -> dict[str, Chart]:
    """The charts of the shipped scenario and of the examples, as people get them."""
    found = {f"demo {name}": chart for name, chart in planshift.renew(DEMO).charts.items()}
    for path in (DEMO, EXAMPLES / "renewal_standard_premium.yaml"):
        compared = planshift.compare(path, ["legacy_standard_premium", "enterprise"])
        found |= {f"{path.stem} compared {name}": chart for name, chart in compared.charts.items()}
    return found


def texts(drawn: Figure) -> Iterator[Text]:
    """Every text that can be seen."""
    from matplotlib.text import Annotation, Text

    for text in drawn.findobj(Text):
        hidden = isinstance(text, Annotation) and not text.get_text().strip()
        if text.get_visible() and text.get_text().strip() and not hidden and shown_tick(drawn, text):
            yield text


def shown_tick(drawn: Figure, text: Text) -> bool:
    """Whether a tick's label lies on the part of its axis that is shown, or the text is no such label."""
    for axes in drawn.axes:
        for axis in (axes.xaxis, axes.yaxis):
            for tick in axis.get_major_ticks():
                if text in (tick.label1, tick.label2):
                    low, high = sorted(axis.get_view_interval())
                    return bool(text is tick.label1 and low <= tick.get_loc() <= high)
    return True


def boxes(drawn: Figure) -> list[tuple[str, Bbox]]:
    renderer = drawn.canvas.get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts(drawn)]


def assert_readable(chart: Chart) -> None:
    """Every text is inside the picture, none lies on another, and every axis of amounts says its unit."""
    drawn = figure(chart)
    assert all("US dollars" in axes.get_xlabel() + axes.get_ylabel() for axes in drawn.axes)
    found = boxes(drawn)
    sheet = drawn.bbox
    assert [text for text, box in found if box.x0 < 0 or box.y0 < 0 or box.x1 > sheet.x1 or box.y1 > sheet.y1] == []
    # A pixel or two of the letters' own room may be shared.
    overlaps = [
        (one, other)
        for (one, a), (other, b) in combinations(found, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2
    ]
    assert overlaps == []


# --- what can be read -------------------------------------------------------------------------------------------------


@every_chart
def test_every_text_is_whole_and_apart_from_the_others_and_every_axis_has_its_unit(chart: Chart) -> None:
    assert_readable(chart)


def test_so_is_every_text_of_the_shipped_scenario() -> None:
    for chart in shipped().values():
        assert_readable(chart)


def test_names_are_shown_letter_by_letter() -> None:
    drawn = figure(members(4))
    assert [text for text in texts(drawn) if text.get_parse_math() or text.get_usetex()] == []
    assert "$x^2$ and $\\frac{1}{2}$ of" in " ".join(text for text, _ in boxes(drawn))
    assert printable("two\nlines\x1b[31m") == "two\\nlines\\x1b[31m"


def test_letters_that_the_font_lacks_do_no_harm(recwarn: pytest.WarningsRecorder) -> None:
    assert png(replace(members(3), rows=(MemberRow("渡辺さくら 🦊", (5,)),)))
    assert [str(warning.message) for warning in recwarn] == []


def test_more_than_forty_members_are_named_at_the_ends_alone() -> None:
    rows = shown_rows([MemberRow(f"m{number:03d}", (number,)) for number in range(100)])
    assert len(rows) == 41
    assert (rows[0].name, rows[-1].name) == ("m099", "m000")
    # The sixty from 20 to 79 have 49.5 cents on average.
    assert (rows[20].name, rows[20].changes) == ("60 others, on average", (50,))
    assert len(shown_rows([MemberRow("m", (0,))] * 40)) == 40
    assert shown_rows([MemberRow("m", (0,))] * 41)[20].name == "1 other"


def test_every_chart_has_a_sentence_for_those_who_cannot_see_it() -> None:
    for name, chart in shipped().items():
        assert chart.alt.endswith("."), name
        assert "US dollars" in chart.alt, name
    assert shipped()["demo bridge"].alt == (
        "Waterfall chart in US dollars from 59,462, had Standard and Premium seats continued (a counterfactual), to "
        "74,164 on Enterprise, usage-based: seat fees -38,880; included usage, now billed +54,104; discount "
        "on usage +526.92; work the new limits stop -1,049; rounding to cents +0.01."
    )


def test_the_bridge_shows_every_step_with_its_amount() -> None:
    drawn = {text for text, _ in boxes(figure(shipped()["demo bridge"]))}
    assert {"59,462.25", "−38,880.00", "+54,104.41", "+526.92", "−1,049.14", "74,164.45"} <= drawn
    assert "Rounding to cents, not drawn: +0.01 USD." in " ".join(drawn)


@pytest.mark.parametrize(
    ("cents", "said"), [(-3_888_000, ("−38,880.00", "−38,880.00", "−38,880")), (49, ("0.49", "+0.49", "0"))]
)
def test_amounts_have_their_sign(cents: int, said: tuple[str, str, str]) -> None:
    assert (amount(cents), signed(cents), whole(cents)) == said


# --- the same bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["waterfall of all steps", "paired months", "totals of two", "lines of two"])
def test_the_same_chart_gives_the_same_picture(kind: str) -> None:
    assert png(CHARTS[kind]) == png(CHARTS[kind])


def test_a_picture_has_its_size_and_says_nothing_of_who_drew_it() -> None:
    from PIL import Image

    with Image.open(io.BytesIO(png(CHARTS["totals of two"]))) as picture:
        assert picture.size == (1600, 900)
        assert "Software" not in picture.info


def test_a_users_own_style_changes_nothing_and_is_left_alone() -> None:
    plain = png(CHARTS["lines of two"])
    with mpl.rc_context({"font.size": 20, "hatch.linewidth": 5, "text.parse_math": True}):
        before = dict(mpl.rcParams)
        assert png(CHARTS["lines of two"]) == plain
        assert dict(mpl.rcParams) == before


def test_the_pictures_of_the_shipped_scenario_are_the_same_in_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    again = planshift.renew(DEMO).charts
    assert [png(chart) for chart in again.values()] == [png(shipped()[f"demo {name}"]) for name in again]
