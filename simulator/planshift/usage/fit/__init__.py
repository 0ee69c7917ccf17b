"""From a usage file to the personas and shared shocks that generate usage like it."""
