"""What a comparison of plans looks like: sentences, tables, charts."""
