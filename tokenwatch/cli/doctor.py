"""`tokenwatch doctor`: what was found, read and skipped, and what to do about it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime

from tokenwatch import config, paths
from tokenwatch.answers.waste import failures
from tokenwatch.cli.ground import Ground, ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.table import Column, print_table, print_text
from tokenwatch.export import documents
from tokenwatch.export.documents import Json
from tokenwatch.format import clean, rfc3339, tokens
from tokenwatch.guard import trouble as guard
from tokenwatch.notices import expiry_warnings
from tokenwatch.sources.source import Pass
from tokenwatch.store import alerts, health, statuses

HARMLESS = ("unknown_type",)
"""Reasons that tell of a newer client, not of damage."""


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument(
        "--privacy", action="store_true", help="say what is kept, where, and what is never opened"
    )
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print what was found."""
    with ground(options, details=True) as on:
        if options.no_sync:
            on.sync.look()
        sources = list(_sources(on))
        size = health.size(on.ledger)
        problems = list(_problems(on, size))
        document = documents.head("doctor", on.now_ms, on.zone.name) | {
            "sources": sources,
            "ledger": {
                "path": on.redaction.text(size.path),
                "bytes": size.bytes,
                "schema": size.version,
                "sessions": size.sessions,
                "requests": size.requests,
                "unread_bytes": {which.value: on.sync.unread_bytes(which) for which in Pass},
            },
            "prices": {"version": on.book.version, "unpriced_requests": size.unpriced},
            "settings": {
                "path": on.redaction.text(str(paths.config())),
                "chosen": _chosen(),
            },
            "problems": problems,
        }
        if options.privacy:
            document["privacy"] = list(PRIVACY)
        if options.json:
            print_json(document)
        else:
            _print(on, sources, size, problems, options.privacy)
    return 0


def _sources(on: Ground) -> Iterator[Json]:
    for name in dict.fromkeys(root.source.name for root in on.sync.roots):
        looked = [look for look in on.sync.looked if look.source == name]
        read = health.of_source(on.ledger, name)
        yield {
            "source": name,
            "roots": [on.redaction.text(look.path) for look in looked],
            "roots_missing": [on.redaction.text(x.path) for x in looked if not x.exists],
            "files": read.files,
            "files_gone": read.gone,
            "bytes": on.sync.bytes_of(name),
            "read_lines": read.lines,
            "skipped_lines": read.skipped,
            "samples": {} if on.redaction.on else {k: clean(v) for k, v in read.samples.items()},
            "oldest": rfc3339(read.oldest_ms),
            "newest": rfc3339(read.newest_ms),
        }


def _problems(on: Ground, size: health.Size) -> Iterator[Json]:
    if not any(look.files for look in on.sync.looked):
        places = ", ".join(_place(on, look.path) for look in on.sync.looked)
        yield _problem(
            "warning",
            f"no logs were found in {places}",
            "start an agent, set CLAUDE_CONFIG_DIR or CODEX_HOME, or try `tokenwatch demo`",
        )
    for trouble in on.sync.troubles:
        yield _problem(
            "warning",
            f"{_place(on, trouble.path)}: {trouble.what}",
            "check the file's permissions; what it holds is not in any figure",
        )
    for name in dict.fromkeys(root.source.name for root in on.sync.roots):
        read = health.of_source(on.ledger, name)
        for reason, count in sorted(read.skipped.items()):
            if reason not in HARMLESS:
                sample = "" if on.redaction.on else f", for example {read.samples[reason]}"
                yield _problem(
                    "error" if reason == "unreadable" else "info",
                    f"{name}: {count} × {reason}{sample}",
                    "the rest of the file was read; a bug report helps if the file is whole",
                )
    if unread := on.sync.unread_bytes(Pass.USAGE):
        yield _problem(
            "info",
            f"{tokens(unread)} bytes of logs are not read yet: figures are too low until they are",
            "leave out --no-sync, or let `tokenwatch` run",
        )
    if on.book.problem:
        yield _problem("warning", on.book.problem, "run `tokenwatch prices update`")
    for reason, count in size.unpriced.items():
        yield _problem(
            "warning",
            f"{count} requests are unpriced: {reason}",
            "run `tokenwatch prices update`, or add the model's price to a bug report",
        )
    for failure in failures(on.ledger):
        error = "" if on.redaction.on else f" ({failure.error})"
        many = len(failure.sessions)
        yield _problem(
            "error",
            f"{failure.kind}: an error stopped the search for it in"
            f" {many} session{'' if many == 1 else 's'}{error}",
            "its findings are missing there, all others stand; please report the error: an update"
            " that mends it looks again",
        )
    for what, count in statuses.passed_over(on.ledger).items():
        yield _problem(
            "info",
            f"status line: {count} × {what}",
            "what else it was told was taken; a bug report helps",
        )
    yield from _channels(on)
    for what in guard.troubles(str(on.ledger.path.parent), on.now_ms):
        yield _problem("warning", what, f"`{guard.MORE}` says more")
    for what in expiry_warnings(on.sync, on.now_ms):
        yield _problem("warning", what, "let `tokenwatch` run until the details are read")


def _channels(on: Ground) -> Iterator[Json]:
    """Yield the channels of alerts that are on and failed when they were last tried."""
    from tokenwatch.channels.channel import enabled
    from tokenwatch.config.alerts import AlertsConfig

    those_on = enabled(on.settings.alerts or AlertsConfig())
    for channel, problem in alerts.failing(on.ledger).items():
        if channel in those_on:
            said = "" if on.redaction.on else f": {problem}"
            yield _problem(
                "warning",
                f"alerts: {channel} failed when it was last tried{said}",
                "run `tokenwatch alerts test`; the other channels got the alert",
            )


def _chosen() -> list[str]:
    """Return the keys that config.toml gives a value to."""
    from tokenwatch.config.check import chosen

    return sorted(chosen(config.read(paths.config()) or ""))


def _place(on: Ground, path: str) -> str:
    return on.redaction.text(path) or "(hidden)"


def _problem(severity: str, what: str, remedy: str) -> Json:
    return {"severity": severity, "what": what, "remedy": remedy}


def _print(
    on: Ground, sources: list[Json], size: health.Size, problems: list[Json], privacy: bool
) -> None:
    labels = {str(root.path): f" ({clean(root.label)})" for root in on.settings.roots if root.label}
    for look in on.sync.looked:
        found = f"{look.files} logs" if look.exists else "not there"
        label = "" if on.redaction.on else labels.get(look.path, "")
        print(f"{look.title:12} {on.redaction.text(look.path) or '–'}{label}: {found}")
    print()
    print_table(
        [
            Column(name="source"),
            Column(name="files", right=True),
            Column(name="gone", right=True, rank=2),
            Column(name="bytes", right=True, rank=1),
            Column(name="lines", right=True),
            Column(name="skipped", right=True),
            Column(name="oldest", right=True, rank=4),
            Column(name="newest", right=True, rank=3),
        ],
        [
            [
                str(row["source"]),
                str(row["files"]),
                str(row["files_gone"]),
                tokens(_number(row["bytes"])),
                str(row["read_lines"]),
                str(sum(_counts(row["skipped_lines"]))),
                _local(row["oldest"], on),
                _local(row["newest"], on),
            ]
            for row in sources
        ],
    )
    print(
        f"\nledger: {on.redaction.text(size.path) or '–'}, {tokens(size.bytes)} bytes,"
        f" {size.sessions} sessions, {size.requests} requests"
    )
    print(f"prices: version {on.book.version}")
    chosen = ", ".join(_chosen()) or "all are the defaults"
    print_text(f"settings: {on.redaction.text(str(paths.config())) or '–'}, {chosen}", indent=4)
    print()
    for problem in problems:
        print_text(f"{problem['severity']}: {problem['what']}", indent=4)
        print_text(f"    → {problem['remedy']}", indent=6)
    if not problems:
        print("no problems found")
    if privacy:
        print()
        for line in PRIVACY:
            print_text(f"- {line}", indent=2)


def _local(moment: object, on: Ground) -> str:
    if not isinstance(moment, str):
        return "–"
    return f"{datetime.fromisoformat(moment).astimezone(on.zone.zone):%Y-%m-%d %H:%M}"


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _counts(value: object) -> list[int]:
    return list(value.values()) if isinstance(value, dict) else []


PRIVACY = (
    "Nothing leaves this machine but what you ask for: `prices update` uses the network, and so"
    " does a webhook for alerts, if config.toml names one.",
    "Logs are read, never written. Kept of them: token counts, times, ids, models, paths, names of"
    " tools, of commands and of subagents, titles, and fingerprints.",
    'Titles: the client\'s own, or the first 80 characters of a prompt; `titles = "client"` or'
    ' "none" in config.toml keeps less. No other text of prompts, answers, commands, outputs or'
    " files is kept; a quote beside a finding is such a title, or is read from the log when shown.",
    "Fingerprints are numbers made of the words of prompts, of errors and of lines that were edited"
    " (32 bits each), or of whole texts and outputs: they tell whether two are alike, which is how"
    " the same request, error or line is found again. They are no text; but who has the ledger and"
    " a list of words can find out which of them a prompt may have held.",
    "Findings hold what was found in tokenwatch's own words, with times, amounts, ids and names of"
    " files and tools; verdicts are what you said of findings.",
    "The inbox keeps alerts for 90 days; beside the ledger stand what the guard goes by"
    " (guard.json), what it decided, and what Claude Code told the status line: figures and ids.",
    "Never opened: .credentials.json, auth.json, *.key and other programs' keychain items.",
    "The ledger is readable by you alone (folder 0700, file 0600).",
)
