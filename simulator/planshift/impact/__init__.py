"""Impact: ledgers beside each other, and what lies between them."""
