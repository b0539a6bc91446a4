"""`tokenwatch doctor`: what was found, read and skipped, and what to do about it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tokenwatch.cli.ground import Ground, ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.table import print_table
from tokenwatch.export import documents
from tokenwatch.export.documents import Json
from tokenwatch.format import clean, clock, rfc3339, tokens
from tokenwatch.notices import expiry_warnings
from tokenwatch.sources.source import Pass
from tokenwatch.store import health

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
        read = health.reading(on.ledger, name)
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
        places = ", ".join(look.path for look in on.sync.looked)
        yield _problem(
            "warning",
            f"no logs were found in {places}",
            "start an agent, set CLAUDE_CONFIG_DIR or CODEX_HOME, or try `tokenwatch demo`",
        )
    for trouble in on.sync.troubles:
        yield _problem(
            "warning",
            f"{clean(trouble.path)}: {trouble.what}",
            "check the file's permissions; what it holds is not in any figure",
        )
    for name in dict.fromkeys(root.source.name for root in on.sync.roots):
        read = health.reading(on.ledger, name)
        for reason, count in sorted(read.skipped.items()):
            if reason not in HARMLESS:
                yield _problem(
                    "error" if reason == "unreadable" else "info",
                    f"{name}: {count} × {reason}, for example {clean(read.samples[reason])}",
                    "the rest of the file was read; a bug report helps if the file is whole",
                )
    for reason, count in size.unpriced.items():
        yield _problem(
            "warning",
            f"{count} requests are unpriced: {reason}",
            "run `tokenwatch prices update`, or add the model's price to a bug report",
        )
    for what in expiry_warnings(on.ledger, on.sync.roots, on.now_ms):
        yield _problem("warning", what, "let `tokenwatch` run until the details are read")


def _problem(severity: str, what: str, remedy: str) -> Json:
    return {"severity": severity, "what": what, "remedy": remedy}


def _print(
    on: Ground, sources: list[Json], size: health.Size, problems: list[Json], privacy: bool
) -> None:
    for look in on.sync.looked:
        found = f"{look.files} logs" if look.exists else "not there"
        print(f"{look.title:12} {clean(on.redaction.text(look.path) or '–')}: {found}")
    print_table(
        [
            ("source", "<"),
            ("files", ">"),
            ("gone", ">"),
            ("bytes", ">"),
            ("lines", ">"),
            ("skipped", ">"),
            ("newest", ">"),
        ],
        [
            [
                str(row["source"]),
                str(row["files"]),
                str(row["files_gone"]),
                tokens(_number(row["bytes"])),
                str(row["read_lines"]),
                str(sum(_counts(row["skipped_lines"]))),
                str(row["newest"] or "–")[:16].replace("T", " "),
            ]
            for row in sources
        ],
    )
    print(
        f"ledger: {on.redaction.text(size.path) or '–'}, {tokens(size.bytes)} bytes,"
        f" {size.sessions} sessions, {size.requests} requests"
    )
    print(f"prices: {on.book.version}, at {clock(on.now_ms, on.zone.zone, on.now_ms)}")
    for problem in problems:
        print(f"{problem['severity']}: {problem['what']}\n    → {problem['remedy']}")
    if not problems:
        print("no problems found")
    if privacy:
        print()
        for line in PRIVACY:
            print(f"- {line}")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _counts(value: object) -> list[int]:
    return list(value.values()) if isinstance(value, dict) else []


PRIVACY = (
    "Nothing leaves this machine: the one command that uses the network is `prices update`.",
    "Logs are read, never written. Kept of them: token counts, times, ids, models, paths, titles,"
    " tool names and fingerprints that only tell whether two texts are alike.",
    'Titles: the client\'s own, or the first 80 characters of a prompt; `titles = "client"` or'
    ' "none" in config.toml keeps less. No other text of prompts, answers or files is kept.',
    "Never opened: .credentials.json, auth.json, *.key and other programs' keychain items.",
    "The ledger is readable by you alone (folder 0700, file 0600).",
)
