"""Charts: one specification of plain values and words for each, drawn as a file, on a page, and for a telephone."""
