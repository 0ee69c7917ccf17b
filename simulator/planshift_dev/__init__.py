"""What only this repository runs: no part of the package that is installed."""
