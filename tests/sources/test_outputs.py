"""Which outputs are equal, and how a tool was misused."""

from __future__ import annotations

import pytest

from tokenwatch.sources.outputs import END, fault, output_fingerprint

TIMES = [
    ("2 passed in 0.12s", "2 passed in 11.3s"),
    ("Time: 12 ms", "Time: 7 ms"),
    ("took 1.2 seconds", "took 3 seconds"),
    ("real\t0m0.123s", "real\t2m1.5s"),
    ("at 10:00:01", "at 9:59:12"),
    ("[2026-01-02T10:00:00.123Z] ok", "[2026-01-03T11:00:00Z] ok"),
    ("ok  \tpkg\t0.012s", "ok  \tpkg\t1.1s"),
    ("a" * 5000 + "\n2 passed in 0.12s", "a" * 5000 + "\n2 passed in 11.3s"),
]
OTHERS = [
    ("2 passed in 0.12s", "3 passed in 0.12s"),
    ("a.py:12:34: E1", "a.py:12:35: E1"),
    ("v1.2.3", "v1.2.4"),
    ("port 8080 server", "port 8081 server"),
    ("x12s", "x13s"),
    ("", " "),
    ("a" * END * 3, "a" * END * 3 + "a"),
    ("a" * END + "b" + "a" * END * 3, "a" * END + "c" + "a" * END * 3),
]


@pytest.mark.parametrize(("one", "other"), TIMES)
def test_times_do_not_count(one: str, other: str) -> None:
    assert output_fingerprint(one) == output_fingerprint(other)
    assert output_fingerprint(one, timed=False) != output_fingerprint(other, timed=False)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_all_else_does(one: str, other: str) -> None:
    assert output_fingerprint(one) != output_fingerprint(other)
    assert output_fingerprint(one) == output_fingerprint(one)


def test_anything_is_an_output() -> None:
    for text in ("\ud800", "\0" * 9, "1" * 100_000, "12:34:56 " * 10_000):
        assert output_fingerprint(text)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        ("<tool_use_error>String to replace not found in file.\nString: x", "not-found"),
        ("apply_patch verification failed: Failed to find expected lines in /a:\nx", "not-found"),
        ("Failed to find context 'x' in /a", "not-found"),
        ("<tool_use_error>File has not been read yet. Read it first before", "not-read"),
        ("File has been modified since read, either by the user or by a linter.", "changed"),
        ("File has been unexpectedly modified. Read it again before", "changed"),
        ("Found 11 matches of the string to replace, but replace_all is false.", "ambiguous"),
        ("File content (33320 tokens) exceeds maximum allowed tokens (25000).", "too-large"),
        ("File content (1.1MB) exceeds maximum allowed size (256KB).", "too-large"),
        ("File does not exist. Note: your current working directory is /a.", "no-file"),
        ("<tool_use_error>Path does not exist: /a", "no-file"),
        ("EISDIR: illegal operation on a directory, read", "no-file"),
        ("Failed to read file to update /a: No such file or directory (os error 2)", "no-file"),
        ("<tool_use_error>Sibling tool call errored</tool_use_error>", "cancelled"),
        ("<tool_use_error>Cancelled: parallel tool call Bash(ls) errored", "cancelled"),
        ("Exit code 1\ncat: a: No such file or directory", ""),
        ("Traceback\nFileNotFoundError: No such file or directory", ""),
        ("<tool_use_error>Error: No such tool available: Grep", ""),
        ("", ""),
    ],
)
def test_how_a_tool_was_misused(error: str, found: str) -> None:
    assert fault(error) == found
