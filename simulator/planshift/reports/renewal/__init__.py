"""What a renewal looks like: sentences, tables, charts."""
