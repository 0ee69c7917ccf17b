"""Where the files that planshift ships are: in the installed package, or in the checkout it runs from."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from planshift.problems import PlanshiftError

SHIPPED: Final = ("plans", "reports", "scenarios")

_PACKAGE: Final = Path(__file__).resolve().parents[1]


def folder(name: str) -> Path:
    """The shipped folder called ``name``: ``plans``, ``scenarios`` or ``reports``.

    A wheel holds it in ``planshift/_bundled``; an editable install uses the one at the repository's root.
    Raises PlanshiftError when there is neither, or no folder of that name is shipped.
    """
    if name not in SHIPPED:
        raise PlanshiftError(f"planshift ships no folder '{name}' - use one of: {', '.join(SHIPPED)}")
    checkout = _PACKAGE.parents[1]
    installed = _PACKAGE / "_bundled" / name
    if installed.is_dir():
        return installed
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise PlanshiftError(f"{installed}: the files shipped with planshift are missing - install planshift again")
