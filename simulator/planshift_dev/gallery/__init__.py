"""The gallery, ``reports/gallery``: the renewal pages of the shipped organizations, an index of them, and its check."""
