"""Portfolios: many contracts, each an account, with what is known of its usage, its payments and its renewal."""
