"""The version of planshift, as manifests, pages and workbooks name it."""

__version__ = "0.1.0"
