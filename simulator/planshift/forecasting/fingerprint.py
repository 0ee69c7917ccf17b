"""A digest of everything that decides a result: whoever changes any of it gets another one."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Any

import numpy as np

from planshift.plans.documents import Document
from planshift.problems import Place

_PLAIN = (str, int, float, date, Decimal, Fraction, PurePath, type(None))
_PLACES = (Document, Place)


def fingerprint(*values: object) -> str:
    """The SHA-256 of values in hexadecimal: dataclasses field by field, mappings in their order, arrays by their bytes.

    Where something stands in a file does not count. Raises TypeError for anything that has no such order.
    """
    digest = hashlib.sha256()
    _add(digest, values)
    return digest.hexdigest()


def _add(digest: Any, value: object) -> None:
    kind = type(value).__name__
    if isinstance(value, _PLACES):
        return
    if isinstance(value, _PLAIN):
        _text(digest, kind, str(value))
    elif isinstance(value, np.ndarray):
        _text(digest, str(value.dtype), str(value.shape))
        digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, Mapping):
        _text(digest, "mapping", str(len(value)))
        for key, item in value.items():
            _add(digest, key)
            _add(digest, item)
    elif isinstance(value, Set):
        _add(digest, sorted(value, key=str))
    elif isinstance(value, Sequence):
        _text(digest, "sequence", str(len(value)))
        for item in value:
            _add(digest, item)
    elif dataclasses.is_dataclass(value):
        _text(digest, kind, "")
        for field in dataclasses.fields(value):
            _text(digest, "field", field.name)
            _add(digest, getattr(value, field.name))
    else:
        raise TypeError(f"what a result depends on must have an order (got {kind})")


def _text(digest: Any, kind: str, text: str) -> None:
    encoded = f"{kind}\0{text}".encode()
    digest.update(f"{len(encoded)}:".encode())
    digest.update(encoded)
