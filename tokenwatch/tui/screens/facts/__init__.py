"""Screens of facts, each with the rows behind it: Waste and Budgets."""
