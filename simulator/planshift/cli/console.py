"""What goes to the terminal: a sentence first, then tables; plain text where it is not a terminal."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from planshift.problems import printable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from planshift.reports.risk import Risk
    from planshift.reports.table import Table, Values

ROWS_SHOWN = 40
_LONGEST_WORD = 24
_BETWEEN = 3
PATIENCE = 1.0
_REFRESHED = 0.1


class Found(Protocol):
    """What a command found, as plain data and as files."""

    @property
    def file_names(self) -> tuple[str, ...]:
        """What its folder holds."""

    def facts(self) -> dict[str, object]:
        """The same as plain data."""


def present(
    answer: str,
    facts: Callable[[], Mapping[str, Any]],
    details: Callable[[], None],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Print what a command found: with ``as_json`` the facts, else the answer and, unless ``quiet``, the details."""
    if as_json:
        print_json(facts())
        return
    sentence(answer)
    if not quiet:
        details()


def facts(found: Found, out: Path | None) -> dict[str, object]:
    """What ``--json`` prints: what was found, and where its files are, if any were asked for."""
    return {**found.facts(), "out": str(out) if out else None, "files": list(found.file_names) if out else []}


def print_json(data: object) -> None:
    """Print data as JSON; what JSON lacks is text."""
    print(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def sentence(text: str, *, indent: int = 0) -> None:
    """Print a sentence; a terminal wraps it between words, a pipe has it on one line."""
    if not sys.stdout.isatty():
        print(" " * indent + printable(text))
        return
    from rich.padding import Padding
    from rich.text import Text

    _show(Padding(Text(printable(text)), (0, 0, 0, indent)))


def heading(text: str) -> None:
    """Print a heading, with an empty line before it."""
    print()
    if not sys.stdout.isatty():
        print(printable(text))
        return
    from rich.text import Text

    _show(Text(printable(text), style="bold"))


def bullets(title: str, items: Sequence[str]) -> None:
    """Print a heading and a list below it; nothing when the list is empty."""
    if not items:
        return
    heading(title)
    for item in items[:ROWS_SHOWN]:
        sentence(f"- {item}")
    if len(items) > ROWS_SHOWN:
        sentence(f"… and {len(items) - ROWS_SHOWN} more")


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Iterable[str] = (),
    total: bool = False,
) -> None:
    """Print a table under a heading; ``numbers`` are the columns that stand to the right, ``total`` marks a last row
    that adds the others up."""
    right = {*numbers}
    body = [[printable(cell) for cell in row] for row in rows]
    widths = _widths([[name, *(row[place] for row in body)] for place, name in enumerate(columns)], columns, right)
    heading(title)
    if not sys.stdout.isatty():
        _print_table(columns, body, widths, right, total=total)
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for name, width in zip(columns, widths, strict=True):
        side: Literal["left", "right"] = "right" if name in right else "left"
        shown.add_column(name, justify=side, width=width, overflow="fold")
    for number, row in enumerate(body):
        sums = total and number == len(body) - 1
        before_sums = total and number == len(body) - 2
        shown.add_row(*(Text(cell, style="bold" if sums else "") for cell in row), end_section=before_sums)
    _show(shown, width=sum(widths) + _BETWEEN * (len(widths) - 1))


def _print_table(
    columns: Sequence[str], body: Sequence[Sequence[str]], widths: Sequence[int], right: Collection[str], *, total: bool
) -> None:
    """Print a table into a pipe as rich would, which takes longer to load than most tables to make."""
    from rich.cells import cell_len

    rule = "─" * (sum(widths) + _BETWEEN * (len(widths) - 1))
    for number, row in enumerate((columns, *body)):
        if number == 1:
            print(rule)
        elif total and number == len(body):
            print()
        blanks = [" " * (width - cell_len(cell)) for width, cell in zip(widths, row, strict=True)]
        cells = [
            blank + cell if name in right else cell + blank
            for name, cell, blank in zip(columns, row, blanks, strict=True)
        ]
        print((" " * _BETWEEN).join(cells).rstrip())


def listing(
    title: str,
    found: tuple[Table, Values],
    heads: Mapping[str, str],
    cells: Mapping[str, Callable[[Any], str]] = MappingProxyType({}),
) -> None:
    """Print columns of a declared table under other names (``heads``): each as people read its kind of values, or as
    ``cells`` says; numbers stand to the right."""
    from planshift.reports.table import Kind, prose_cells

    declared, values = found
    columns = [declared.column(name) for name in heads]
    texts = [
        list(map(cells[one.name], values[one.name])) if one.name in cells else prose_cells(one, values[one.name])
        for one in columns
    ]
    right = [heads[one.name] for one in columns if one.kind in (Kind.CENTS, Kind.NANO, Kind.COUNT, Kind.NUMBER)]
    table(title, list(heads.values()), list(zip(*texts, strict=True)), numbers=right)


def chances(risks: Sequence[Risk]) -> None:
    """Print what happens in some draws; of what happens in none, only that the budget holds; nothing of one draw."""
    from planshift.billing.schedule import month_text
    from planshift.reports.risk import OVER_BUDGET

    rows = [
        [
            risk.said,
            risk.plan,
            f"{risk.draws:,}",
            f"{100 * risk.draws / risk.of_draws:.1f} %",
            month_text(risk.first_month) if risk.first_month else "",
        ]
        for risk in risks
        if risk.of_draws > 1 and (risk.draws or risk.key == OVER_BUDGET)
    ]
    if rows:
        names = ["draws", "chance"]
        table("What may happen", ["what", "plan", *names, "most often first in"], rows, numbers=names)


def _widths(cells: Sequence[Sequence[str]], columns: Sequence[str], right: Collection[str]) -> list[int]:
    """How wide each column is: as its cells are, or, where the terminal is narrower, with text folded between words.

    A column of numbers keeps its width, so that no number is ever cut or broken.
    """
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in cells]
    if not sys.stdout.isatty():
        return widths
    words = [[word for cell in column for word in cell.split()] for column in cells]
    least = [
        width if name in right else min(width, _LONGEST_WORD, max(map(cell_len, found), default=1))
        for name, width, found in zip(columns, widths, words, strict=True)
    ]
    available = shutil.get_terminal_size().columns - _BETWEEN * (len(widths) - 1)
    while sum(widths) > available and widths != least:
        widest = max((width, place) for place, width in enumerate(widths) if width > least[place])[1]
        widths[widest] -= 1
    return widths


def _show(what: RenderableType, *, width: int = 0) -> None:
    """Print on the terminal."""
    from rich.console import Console

    terminal = Console(markup=False, highlight=False, emoji=False)
    terminal.width = max(terminal.width, width)
    terminal.print(what)


def where(names: Iterable[str], out: Path | None) -> None:
    """Print where the files are, if any were asked for."""
    if out:
        sentence("")
        sentence(f"Written to {out}: {', '.join(names)}")


def in_no_time(_done: int, _of: int) -> None:
    """What is called with how much is done where nobody watches."""


@contextlib.contextmanager
def working(what: str, *, quiet: bool = False, units: str = "draws") -> Iterator[Callable[[int, int], None]]:
    """Show that something goes on, on standard error, when it takes longer than a second and a person watches.

    Whoever knows how much is done calls what comes back with it, and with how much there is: the bar then fills, and
    counts ``units``.
    """
    if quiet or not sys.stderr.isatty():
        yield in_no_time
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from planshift.parallel import PROGRESS_THREAD

    bar = Progress(
        TextColumn(printable(what)),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        # The one thread below shows it: a second one would keep this process from forking.
        auto_refresh=False,
    )
    task = bar.add_task(what, total=None, count="")
    done_with = threading.Event()

    def show() -> None:
        if not done_with.wait(PATIENCE):
            bar.start()
            while not done_with.wait(_REFRESHED):
                bar.refresh()

    thread = threading.Thread(target=show, name=PROGRESS_THREAD, daemon=True)
    thread.start()

    def advance(done: int, of: int) -> None:
        bar.update(task, completed=done, total=of, count=f"{done:,} of {of:,} {units}")

    try:
        yield advance
    finally:
        done_with.set()
        thread.join()
        bar.stop()
