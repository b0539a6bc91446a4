"""Which settings there are. What is checked, shown, edited and documented comes from here."""

from __future__ import annotations

import json
from typing import Final

from tokenwatch.config import Config, alerts, guard
from tokenwatch.config.setting import CHOICE, FLAG, MOST_TEXTS, TEXT, TEXTS, Setting, Value
from tokenwatch.config.tables import BUDGETS, PLANS, ROOTS

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


def _flag(key: str, default: bool, meaning: str, *more: str) -> Setting:
    return Setting(key=key, kind=FLAG, default=default, meaning=meaning, more=more)


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
    _flag(
        "screen.privacy", False, "Begin with titles, paths and branches hidden, as P hides them."
    ),
    _flag(
        "screen.mouse",
        True,
        "Take the mouse; false leaves it to the terminal, to select text with.",
        "--no-mouse wins over it.",
    ),
    _flag(
        "screen.ascii",
        False,
        "Draw with ASCII alone, for terminals and fonts without lines and blocks.",
        "TOKENWATCH_ASCII=1 in the environment wins over it.",
    ),
    Setting(
        key="alerts.off",
        kind=TEXT,
        meaning="Rules of alerts that say nothing.",
        wanted=alerts.WANTED["off"],
        otherwise="none: all rules are on",
    ),
    Setting(
        key="alerts.quiet",
        kind=TEXT,
        meaning="When all but loops and hard budgets waits in the inbox.",
        wanted=alerts.WANTED["quiet"],
        otherwise="never",
    ),
    _flag("alerts.toast", True, "Tell alerts in a corner of the monitor."),
    _flag("alerts.bell", True, "Ring the terminal's bell for critical ones."),
    _flag(
        "alerts.terminal",
        False,
        "Let the terminal notify you, where it can: OSC 9, 777 or 99, also through tmux.",
    ),
    _flag("alerts.desktop", False, "Let the desktop notify you."),
    Setting(
        key="alerts.command",
        kind=TEXT,
        meaning="A program that is given each alert as JSON on its input, for ten seconds at most.",
        wanted=alerts.WANTED["command"],
        otherwise="no program",
    ),
    Setting(
        key="alerts.webhook",
        kind=TEXT,
        meaning="Where each alert is posted to.",
        wanted=alerts.WANTED["webhook.url"],
        otherwise="nowhere",
        more=("keyring: the address is in the system's keyring, as alerts.webhook of tokenwatch.",),
    ),
    Setting(
        key="alerts.webhook_form",
        kind=CHOICE,
        default="generic",
        allowed=alerts.FORMS,
        meaning="What the webhook is sent: the alert's JSON, or what Slack or ntfy takes.",
    ),
    _flag(
        "alerts.redact",
        False,
        "Give the program and the webhook general words: no names of budgets, sessions, files.",
        "They go by this alone; what is shown on the screen or the desktop goes by P.",
    ),
    Setting(
        key="guard.over_budget",
        kind=CHOICE,
        default=guard.OVER_BUDGET[0],
        allowed=guard.OVER_BUDGET,
        meaning="What a hard budget does at its limit, where `tokenwatch hooks` is installed.",
        more=(
            "block: prompts and subagents are blocked, tool calls asked about.",
            "ask: tool calls are asked about. end: prompts are blocked, tool calls end the turn.",
        ),
    ),
    Setting(
        key="guard.loops",
        kind=CHOICE,
        default=guard.LOOPS[0],
        allowed=guard.LOOPS,
        meaning="What is done about a session that goes in circles, where hooks are installed.",
    ),
    Setting(
        key="waste.complaints",
        kind=TEXTS,
        meaning="Your own words for: it is wrong, once more. A prompt that has one of them near its"
        " beginning counts as a complaint about the work before it.",
        wanted=f"a list of up to {MOST_TEXTS} texts of 2 to 80 characters",
        otherwise="none beside the program's own",
        when="for what is read from then on",
        more=("Case, accents and hyphens don't count; words must be whole.",),
    ),
)

TABLES: Final = (ROOTS, BUDGETS, PLANS)


def setting(key: str) -> Setting:
    """Return a setting. KeyError for an unknown key."""
    return {known.key: known for known in SETTINGS}[key]


def value_of(config: Config, key: str) -> Value:
    """Return what a setting is."""
    table, _, name = key.partition(".")
    if table == "alerts":
        value = alerts.written(config.alerts or alerts.AlertsConfig(), alerts.name_of(name))
        return None if value == "" else value
    if table == "guard":
        return str(getattr(config.guard or guard.GuardConfig(), name))
    node: object = config
    for name in key.split("."):
        node = getattr(node, name)
    if isinstance(node, tuple):
        return node or None
    if node is None or isinstance(node, str | bool):
        return node
    raise KeyError(key)


SECRET = frozenset({"alerts.webhook"})
"""Settings that are never shown whole: whoever knows such an address can post there."""


def told_of(config: Config, key: str) -> Value:
    """Return what a setting is, as it may be shown: of an address that is a secret its host."""
    value = value_of(config, key)
    if key in SECRET and isinstance(value, str) and value != alerts.KEYRING:
        return f"{alerts.shown(value)}/…"
    return value


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


def as_typed(value: Value) -> str:
    """Return a value as it may be typed: texts with commas between them, where none has any."""
    if isinstance(value, tuple):
        plain = ", ".join(value)
        return toml(value) if any(set(text) & set(',[]"') for text in value) else plain
    return "" if value is None else value if isinstance(value, str) else toml(value)


def _default(known: Setting) -> str:
    if known.otherwise or known.default is None:
        return known.otherwise or "none"
    return f"`{toml(known.default)}`"


def _allowed(known: Setting) -> str:
    return known.wanted or ", ".join(f"`{value}`" for value in known.allowed or ("true", "false"))


def toml(value: object) -> str:
    """Return a value as it is written in the file, on one line."""
    if isinstance(value, list | tuple):
        return json.dumps(list(value), ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else "" if value is None else str(value)
