"""A simulation as people get it: sentence, tables, charts, plain data and a folder of files."""
