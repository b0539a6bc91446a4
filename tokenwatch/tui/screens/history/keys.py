"""The panes of History by their ids, and its keys."""

from __future__ import annotations

from tokenwatch.tui.bindings import PANES, ROWS, line_of

CHART, TABLE, CHANGES, HEAT, ONCE = (
    "history-chart",
    "history-rows",
    "history-changes",
    "history-heat",
    "history-once",
)
LOWER = (TABLE, CHANGES, HEAT, ONCE)
"""Of which a small terminal shows one under the chart."""
ACTIONS = (
    *PANES,
    *ROWS,
    "screen.shift(-1)",
    "screen.shift(1)",
    "screen.stretch(1)",
    "screen.stretch(-1)",
    "screen.period",
    "screen.pan(1)",
    "screen.pan(-1)",
    "screen.group",
    "screen.units",
)
MEANINGS = {
    "choose": "look into the bar or the row",
    "screen.group": "split by the next thing",
    "screen.units": "cost, tokens, share of cost, agents' work",
}
"""What these do here."""
LINE = line_of(
    ("choose", "Drill in"),
    "screen.shift(-1)",
    "screen.stretch(-1)",
    ("screen.group", "Split"),
    "screen.units",
    "screen.explain",
    "app.help",
    "app.quit",
)
DRILLED_LINE = line_of(
    "screen.back",
    ("choose", "Drill in"),
    "screen.shift(-1)",
    ("screen.group", "Split"),
    "screen.units",
    "screen.explain",
    "app.help",
    "app.quit",
)
COMPACT_LINE = line_of(
    ("choose", "Drill in"),
    ("screen.next_pane(1)", "Next pane"),
    "screen.shift(-1)",
    "screen.stretch(-1)",
    ("screen.group", "Split"),
    "screen.units",
    "app.help",
    "app.quit",
)
"""Where one pane under the chart stands for all."""
CHOOSES = {TABLE: line_of(("choose", "Sessions"))[0], CHANGES: line_of(("choose", "Open"))[0]}
"""What enter does in a pane other than the chart."""
