"""A portfolio's YAML as text, from plain data."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml

_WIDTH = 200


class _Dumper(yaml.SafeDumper):
    """Writes decimals as they are, and lists inside others on a line of their own."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - as in PyYAML
        """Items of a list stand further in than its key."""
        super().increase_indent(flow, False)


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")


_Dumper.add_representer(Decimal, _decimal)


def portfolio_text(data: Mapping[str, Any]) -> str:
    """The YAML of a portfolio; the same data give the same text."""
    head = f"# {data['note']}\n# What may stand here: planshift schema portfolio\n"
    said = {key: value for key, value in data.items() if key != "note"}
    body = yaml.dump(said, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True, default_flow_style=None)
    return head + body
