"""The FinOps Foundation's validator of FOCUS files: where it is installed, how it is run, and what it says.

It needs Python 3.12 and packages that do not go with ours, so it has an environment of its own: ``make focus-check``
makes ``.venv-focus``; ``PLANSHIFT_FOCUS_VENV`` names another one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VARIABLE = "PLANSHIFT_FOCUS_VENV"
SUPPORTED = (
    "ACCOUNT_NAMING_SUPPORTED",
    "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
    "MULTIPLE_BILLING_ACCOUNT_TYPES_SUPPORTED",
    "NEGOTIATED_PRICING_SUPPORTED",
    "PRICING_BILLING_CURRENCY_DIFFERENCES_SUPPORTED",
    "PUBLIC_PRICE_LIST_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
    "VIRTUAL_CURRENCY_SUPPORTED",
)
"""What the vendor of our plans supports: which of the conditional rules apply. Our plans have one pricing category; the
rules for several of them are asked of it too."""
KNOWN = frozenset({"InvoiceId-C-004-C"})
"""Fails on every file: the rule says what holds for charges without an invoice, and the validator asks it of all rows.

Its sister rule (not empty where there is an invoice) passes only if no row is without one, so that they exclude each
other; every row of ours has one."""

_CURRENCIES = Path("focus_validator") / "rules" / "currency_codes.csv"
_RULE = re.compile(r"^\S+ (?P<rule>[A-Za-z]+-[A-Z]-\d+-[A-Z]): (?P<verdict>PASS|FAIL|SKIPPED)\b.*$", re.MULTILINE)
_TOTAL = re.compile(r"^Total: (\d+) \| Pass: (\d+) \| Fail: (\d+) \| Skipped: (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """Rules by what became of them; ``lines``: what the validator said of each."""

    passed: frozenset[str]
    failed: frozenset[str]
    lines: dict[str, str]

    @property
    def unforeseen(self) -> list[str]:
        """What it said of the rules that must not fail."""
        return [self.lines[rule] for rule in sorted(self.failed - KNOWN)]


def environment() -> Path:
    """The folder of the environment that holds the validator; the test is skipped where there is none."""
    named = os.environ.get(VARIABLE)
    folder = Path(named).resolve() if named else ROOT / ".venv-focus"
    if not (folder / "bin" / "focus-validator").is_file():
        if named:
            pytest.fail(f"{VARIABLE} names {folder}, where there is no focus-validator")
        pytest.skip("the FOCUS validator is not installed: `make focus-check` installs it (Python 3.12)")
    return folder


def validated(file: Path, folder: Path) -> Verdict:
    """What the validator says of a file, run offline in an empty folder."""
    where = environment()
    # It opens this file relative to the folder that it is started in.
    (codes,) = (where / "lib").glob(f"python3.*/site-packages/{_CURRENCIES}")
    (folder / _CURRENCIES).parent.mkdir(parents=True)
    shutil.copy(codes, folder / _CURRENCIES)
    command = [str(where / "bin" / "focus-validator"), "--block-download", "--validate-version", "1.2"]
    command += ["--applicability-criteria", ",".join(SUPPORTED), "--data-file", str(file.resolve())]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, capture_output=True, check=False, cwd=folder, env=environ, stdin=subprocess.DEVNULL, timeout=540
    )
    return verdict(done.stdout.decode() + done.stderr.decode())


def verdict(output: str) -> Verdict:
    """What the validator's output says. Its exit code says nothing; without a total it has not come to an end."""
    total = _TOTAL.search(output)
    assert total, f"the validator came to no result:\n{output[-4000:]}"
    found = {match["rule"]: match for match in _RULE.finditer(output)}
    of = {
        name: frozenset(rule for rule, match in found.items() if match["verdict"] == name)
        for name in ("PASS", "FAIL", "SKIPPED")
    }
    counted = len(found), len(of["PASS"]), len(of["FAIL"]), len(of["SKIPPED"])
    assert counted == tuple(map(int, total.groups())), f"{total[0]}, but {counted} were read"
    return Verdict(of["PASS"], of["FAIL"], {rule: match[0] for rule, match in found.items()})
