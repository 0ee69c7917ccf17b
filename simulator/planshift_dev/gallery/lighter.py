"""Pictures made lighter for the repository: the same picture in at most 128 colours, and whether two look alike."""

from __future__ import annotations

import io
import re
from base64 import b64encode

PICTURE_INSIDE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
"""A picture that a page holds, as an address."""

COLOURS = 128
_NOTICED = 48
"""From so many levels of 255 on, in any of its colours, a dot is another one."""
_DOTS_IN_TEN_THOUSAND = 2


def lighter(png: bytes, colours: int = COLOURS) -> bytes:
    """A PNG in a palette of its own, about a third of the size; the same bytes for the same picture."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def address(png: bytes) -> str:
    """An address that holds a picture."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def look_alike(one: bytes, other: bytes) -> bool:
    """Whether two PNGs show the same: as large, and at most two dots in ten thousand of another colour.

    Another processor may round the edge of a letter differently; a digit that is another one is noticed.
    """
    from functools import reduce

    from PIL import Image, ImageChops

    with Image.open(io.BytesIO(one)) as first, Image.open(io.BytesIO(other)) as second:
        if first.size != second.size:
            return False
        apart = ImageChops.difference(first.convert("RGB"), second.convert("RGB"))
    counts = reduce(ImageChops.lighter, apart.split()).histogram()
    return sum(counts[_NOTICED:]) * 10_000 <= _DOTS_IN_TEN_THOUSAND * sum(counts)
