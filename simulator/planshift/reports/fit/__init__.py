"""What fitting a usage file looks like, and the scenario that comes of it."""
