"""Quota: what plans have left."""
