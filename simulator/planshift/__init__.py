"""planshift: what an organization pays under a Claude Enterprise plan, what it may do, and what changes at renewal.

::

    import planshift

    bills = planshift.simulate("scenario.yaml")
    bills.answer                  # one sentence
    bills.tables["invoices"]      # a DataFrame; also members, alerts, stops, months
    bills.write("out")            # the folder that `planshift simulate --out` writes

    planshift.renew("scenario.yaml").tables["bridge"]
    planshift.compare("scenario.yaml", ["enterprise", "legacy_standard_premium"]).answer

    futures = planshift.renew("synthetic.yaml", draws=1000, seed=7, budget=80_000)
    futures.answer                # the middle of the draws, P10 and P90, and in how many it costs more
    futures.tables["chances"]     # what may happen, and in which month first

    with planshift.session():     # usage is read once, whatever is asked about it
        planshift.renew("scenario.yaml").answer

    ahead = planshift.forecast("portfolio.yaml", draws=1000)
    ahead.answer                  # what is recognised, invoiced and paid, and what the renewals change
    ahead.tables["rollforward"]   # what is deferred, month by month

Nothing is loaded before it is asked for: importing planshift takes no longer than importing a module of the standard
library.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from planshift.version import __version__ as __version__

_STUB = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
_HOMES = {name: home for home, name in re.findall(r"^from (\S+) import (\w+) as \2$", _STUB, re.MULTILINE)}
del _HOMES["__version__"]
"""Where everything public lives, as the stub says; it is loaded from there when it is first asked for."""

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'planshift' has no attribute '{name}'")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
