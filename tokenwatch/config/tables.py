"""Which tables there are that may be in the file any number of times."""

from __future__ import annotations

from typing import Final

from tokenwatch.config.setting import CHOICE, FLAG, NUMBER, TEXT, Setting, Table

SOURCES: Final = ("claude-code", "codex")

ROOTS: Final = Table(
    key="roots",
    meaning="A further folder to look for logs in, beside the clients' own.",
    fields=(
        Setting(key="source", kind=CHOICE, allowed=SOURCES, meaning="Whose logs they are."),
        Setting(
            key="path",
            kind=TEXT,
            wanted="an absolute path, or one from ~",
            meaning="The folder, as CLAUDE_CONFIG_DIR or CODEX_HOME would name it.",
        ),
        Setting(
            key="label",
            kind=TEXT,
            wanted="a text",
            meaning="A name for it, shown by doctor.",
        ),
    ),
    required=("source", "path"),
    more=("What was read from a folder stays in the ledger when the folder is taken out.",),
)
UNITS: Final = ("usd", "tokens", "requests", "agents", "window-percent")
PERIODS: Final = ("session", "turn", "5h", "day", "week", "month")
BUDGETS: Final = Table(
    key="budgets",
    meaning="A limit of your own, which `tokenwatch budget` sets, shows and checks.",
    fields=(
        Setting(
            key="name",
            kind=TEXT,
            wanted="a text of 1 to 60 characters, without blanks around it",
            meaning="What it is called; no other budget has the name.",
        ),
        Setting(
            key="limit",
            kind=NUMBER,
            wanted="a number above 0, up to 10^15, with 12 decimals at most",
            meaning="Spent as much, it is exceeded.",
        ),
        Setting(
            key="unit",
            kind=CHOICE,
            default="usd",
            allowed=UNITS,
            meaning="What is counted: dollars at list price, tokens of all kinds, requests, agents"
            " at once, or percent of a plan's window.",
        ),
        Setting(
            key="period",
            kind=CHOICE,
            default="day",
            allowed=PERIODS,
            meaning="The time it is for. Days, weeks (from Monday) and months are local ones; 5h"
            " are the last five hours; session and turn are the highest of the last 24 hours.",
        ),
        Setting(
            key="scope",
            kind=TEXT,
            default="all",
            wanted="one of all, project:PATH, source:claude-code, source:codex, model:ID,"
            " agent:TYPE or session:ID",
            meaning="Whose use counts. PATH: an absolute one or from ~, with all below it, or a"
            " folder's name. TYPE: a subagent's name, or main.",
        ),
        Setting(
            key="hard",
            kind=FLAG,
            default=False,
            meaning="Stop at the limit rather than tell of it, where a guard is installed.",
        ),
        Setting(
            key="warn",
            kind=NUMBER,
            otherwise="`0.8`",
            wanted="a number above 0, up to 1, with 12 decimals at most",
            meaning="The share of the limit from which on it warns.",
        ),
    ),
    required=("name", "limit"),
    more=("Units, periods and scopes that mean nothing together are refused.",),
)
PLANS: Final = Table(
    key="plans",
    meaning="What you pay for a plan, to see beside it what its use would have cost.",
    fields=(
        Setting(key="source", kind=CHOICE, allowed=SOURCES, meaning="Whose agents run on it."),
        Setting(
            key="fee",
            kind=NUMBER,
            wanted="a number above 0, up to 10^15, with 12 decimals at most",
            meaning="A month, as you pay it.",
        ),
        Setting(
            key="currency",
            kind=TEXT,
            default="USD",
            wanted="three letters such as EUR",
            meaning="Of the fee; list prices are in USD.",
        ),
    ),
    required=("source", "fee"),
)
