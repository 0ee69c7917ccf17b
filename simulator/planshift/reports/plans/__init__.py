"""Plans in words: what `planshift plans` says of them."""
