"""Charts: from a few plain values and words to a picture, with nothing of matplotlib's global state left changed."""
