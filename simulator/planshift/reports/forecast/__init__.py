"""What a forecast looks like: tables, sentences, charts."""
