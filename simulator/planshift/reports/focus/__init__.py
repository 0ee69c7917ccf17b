"""A forecast's charges as a FOCUS cost-and-usage file, for whoever reads bills of all their providers in that form."""
