"""What a renewal and a comparison have in common once they are found: tables, pictures and a folder of both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from planshift.reports.charts.picture import Chart, png
from planshift.reports.folder import MANIFEST, Content, write_folder
from planshift.reports.rendered import rendered
from planshift.reports.table import Table, Values, csv_text

if TYPE_CHECKING:
    import pandas as pd

NOTHING: Mapping[str, Callable[[], bytes]] = MappingProxyType({})


class WithJobs(Protocol):
    """What is asked of a result."""

    @property
    def jobs(self) -> int | None:
        """In how many processes to work; None for as many as are worth it."""


class Findings(ABC):
    """A result with tables and charts; whoever inherits says which, and what the manifest tells of it."""

    @property
    @abstractmethod
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""

    @property
    @abstractmethod
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""

    @abstractmethod
    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables as DataFrames by name; money is exact, as Decimal (see `planshift.reports.table`)."""
        from planshift.reports.table import frame

        return {name: frame(table, values) for name, (table, values) in self.values.items()}

    @property
    def pictures(self) -> dict[str, str]:
        """The pictures in the folder, each with its sentence."""
        return {f"{name}.png": chart.alt for name, chart in self.charts.items()}

    @property
    def file_names(self) -> tuple[str, ...]:
        """What the folder holds."""
        return (*(f"{name}.csv" for name in self.values), *self.pictures, MANIFEST)

    @property
    @abstractmethod
    def asked(self) -> WithJobs:
        """What was asked for."""

    @property
    def jobs(self) -> int | None:
        """In how many processes pictures are drawn, as asked for; None for as many as there are processors."""
        return self.asked.jobs

    def files(self, besides: Mapping[str, Callable[[], bytes]] = NOTHING) -> dict[str, Content]:
        """The files of the folder by name, without its manifest; ``besides``: what else makes a file, by name."""
        texts: dict[str, Content] = {f"{name}.csv": csv_text(*found) for name, found in self.values.items()}
        pictures = {f"{name}.png": partial(png, chart) for name, chart in self.charts.items()}
        return {**texts, **rendered({**besides, **pictures}, self.jobs)}

    def write(self, out: Path | str) -> Path:
        """The folder, written whole or not at all; raises OutputError where it cannot be (see `write_folder`)."""
        write_folder(Path(out), self.files(), self.manifest())
        return Path(out)
