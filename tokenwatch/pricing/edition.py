"""Which table.json this is; written with it by `generate`."""

DIGEST = "385a7ac73739"
CHECKED = "2026-11-21"
