"""Which settings there are. What is checked, shown, edited and documented comes from here."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from tokenwatch.config import Config

Value = str | bool | None
"""Of a setting; None where nothing is chosen."""

CHOICE: Final = "choice"
FLAG: Final = "flag"
TEXT: Final = "text"
NUMBER: Final = "number"
"""Exact: a Decimal, however it is written."""


class Setting(NamedTuple):
    """One setting, or one field of a table that may be there several times."""

    key: str
    """As in the file, with the name of its table and a dot before it."""
    kind: Literal["choice", "flag", "text", "number"]
    meaning: str
    """One sentence."""
    default: Value = None
    allowed: tuple[str, ...] = ()
    """Of a choice."""
    wanted: str = ""
    """Of a text or number: which ones are allowed, in words."""
    otherwise: str = ""
    """What holds where nothing is chosen and the default is None."""
    when: str = "at once"
    """When a change has its effect on a monitor that runs."""
    more: tuple[str, ...] = ()
    """Sentences for who wants to know more."""

    @property
    def words(self) -> str:
        """Which values are allowed."""
        return self.wanted or ", ".join(self.allowed) or "true, false"


class Table(NamedTuple):
    """A table that may be there any number of times: `[[key]]`."""

    key: str
    meaning: str
    fields: tuple[Setting, ...]
    required: tuple[str, ...]
    """Names of the fields that every such table needs."""
    more: tuple[str, ...] = ()


OWN_THEMES: Final = ("dark", "light", "plain")
THEMES: Final = (
    *OWN_THEMES,
    *("ansi-dark", "ansi-light", "atom-one-dark", "atom-one-light"),
    *("catppuccin-frappe", "catppuccin-latte", "catppuccin-macchiato", "catppuccin-mocha"),
    *("dracula", "flexoki", "gruvbox", "monokai", "nord"),
    *("rose-pine", "rose-pine-dawn", "rose-pine-moon", "solarized-dark", "solarized-light"),
    *("textual-dark", "textual-light", "tokyo-night"),
)
"""Our own, then those that come with Textual."""
TABS: Final = ("live", "sessions", "waste", "budgets", "history", "quota", "agents")
SOURCES: Final = ("claude-code", "codex")

SETTINGS: Final = (
    Setting(
        key="titles",
        kind=CHOICE,
        default="full",
        allowed=("full", "client", "none"),
        meaning="What the ledger keeps to name sessions, turns and subagents' tasks.",
        when="for what is read from then on",
        more=(
            "full: the client's title, else the first 80 characters of a prompt.",
            "client: the client's title alone.",
            "none: nothing.",
            "What the ledger has kept before stays in it.",
        ),
    ),
    Setting(
        key="timezone",
        kind=TEXT,
        meaning="Whose midnight begins a day, and which clock times are shown.",
        wanted="an IANA name such as Europe/Madrid",
        otherwise="this machine's",
        more=("--timezone wins over it.",),
    ),
    Setting(
        key="editor",
        kind=TEXT,
        meaning="The command that opens a log or these settings.",
        wanted="a command line such as 'code --wait' or vim",
        otherwise="$VISUAL, else $EDITOR",
    ),
    Setting(
        key="screen.theme",
        kind=CHOICE,
        default="dark",
        allowed=THEMES,
        meaning="The colours of the monitor.",
        more=(
            "plain: the terminal's own colours. The others beyond dark and light are Textual's.",
            "NO_COLOR in the environment wins over it.",
        ),
    ),
    Setting(
        key="screen.start",
        kind=CHOICE,
        default="live",
        allowed=TABS,
        meaning="The screen that is shown first.",
        when="from the next start on",
    ),
    Setting(
        key="screen.privacy",
        kind=FLAG,
        default=False,
        meaning="Begin with titles, paths and branches hidden, as P hides them.",
    ),
    Setting(
        key="screen.mouse",
        kind=FLAG,
        default=True,
        meaning="Take the mouse; false leaves it to the terminal, to select text with.",
        more=("--no-mouse wins over it.",),
    ),
    Setting(
        key="screen.ascii",
        kind=FLAG,
        default=False,
        meaning="Draw with ASCII alone, for terminals and fonts without lines and blocks.",
        more=("TOKENWATCH_ASCII=1 in the environment wins over it.",),
    ),
)

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
            wanted="a number above 0, up to 1",
            meaning="The share of the limit from which on it warns.",
        ),
    ),
    required=("name", "limit"),
    more=("Units, periods and scopes that mean nothing together are refused.",),
)
TABLES: Final = (ROOTS, BUDGETS)


def setting(key: str) -> Setting:
    """Return a setting. KeyError for an unknown key."""
    return {known.key: known for known in SETTINGS}[key]


def value_of(config: Config, key: str) -> Value:
    """Return what a setting is."""
    node: object = config
    for name in key.split("."):
        node = getattr(node, name)
    if node is None or isinstance(node, str | bool):
        return node
    raise KeyError(key)


def sections() -> tuple[str, ...]:
    """Return the names of the tables that settings are in."""
    return tuple(dict.fromkeys(k.key.partition(".")[0] for k in SETTINGS if "." in k.key))


def reference() -> str:
    """Return all settings as a table in Markdown."""
    lines = ["| setting | default | allowed | meaning |", "|---|---|---|---|"]
    for known in SETTINGS:
        default = _default(known)
        meaning = " ".join((known.meaning, *known.more))
        lines.append(f"| `{known.key}` | {default} | {_allowed(known)} | {meaning} |")
    for table in TABLES:
        for field in table.fields:
            name = f"`[[{table.key}]]` `{field.key}`"
            default = "needed" if field.key in table.required else _default(field)
            meaning = f"{table.meaning} " if field is table.fields[0] else ""
            lines.append(f"| {name} | {default} | {_allowed(field)} | {meaning}{field.meaning} |")
    return "\n".join(lines)


def _default(known: Setting) -> str:
    if known.otherwise or known.default is None:
        return known.otherwise or "none"
    return f"`{toml(known.default)}`"


def _allowed(known: Setting) -> str:
    return known.wanted or ", ".join(f"`{value}`" for value in known.allowed or ("true", "false"))


def toml(value: object) -> str:
    """Return a value as it is written in the file, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else "" if value is None else str(value)
