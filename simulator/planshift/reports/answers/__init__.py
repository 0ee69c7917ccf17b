"""What the answers about a renewal look like: tables, charts, and the files that they rest on."""
