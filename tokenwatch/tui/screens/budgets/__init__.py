"""Budgets: the user's own limits, and the alerts that told of them."""
