"""What people say where the work goes wrong: the same thing asked again, other tasks, research."""

from __future__ import annotations

from dataclasses import dataclass

from tokenwatch.demo.script import ATLAS, HARBOR, LANTERN, MEADOW, QUILL, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault in one file that takes several attempts to mend."""

    file: str
    asked: str
    again: tuple[str, ...]
    """What is said of one attempt after the other, each with a symptom."""
    error: str
    """What is pasted of the failing test's output."""


FAULTS: dict[Project, Fault] = {
    ATLAS: Fault(
        file="atlas/limits.py",
        asked="round refunds once at the end in atlas/limits.py, so that thirds of an order add up;"
        " test_refund_rounding in tests/test_refunds.py has the sums",
        again=(
            "still a cent too high, test_refund_rounding fails as before",
            "no, now 9.99 comes out for whole orders and thirds are still wrong in atlas/limits.py",
            "that didn't help, test_refund_rounding still fails with the same error",
            "still wrong for thirds: the sum must be rounded once, not each line of the order",
            "it is still a cent too high in test_refund_rounding",
        ),
        error="AssertionError: assert Decimal('10.00') == Decimal('9.99')",
    ),
    HARBOR: Fault(
        file="src/cart/Cart.tsx",
        asked="give the focus to the next row's button when a row of the cart is removed, in"
        ' src/cart/Cart.tsx. The test "keeps focus after removing a row" has all cases',
        again=(
            "the focus still jumps to the top after a row is removed, same error as before",
            "no, still broken: now it works for the first row, but the focus is lost when the last"
            " row of src/cart/Cart.tsx goes",
            "that didn't help, the focus is still on <body> after removing a row",
            "still failing with the same error: Cart.tsx sets the focus before the row is gone",
            "it is still lost after removing the last row",
        ),
        error="AssertionError: expected <body> to be <button>",
    ),
    LANTERN: Fault(
        file="src/config.rs",
        asked="keep the order of the keys in src/config.rs when two config files are merged;"
        " config::tests::merge_keeps_order has the cases",
        again=(
            "the keys still come out sorted, merge_keeps_order panics as before",
            "no, the order is still wrong when both files have the key, see src/config.rs:212",
            "that didn't help, merge_keeps_order still fails with the same panic",
            "still wrong: b comes before a although the user's file has a first",
            "it still loses the order in src/config.rs",
        ),
        error="thread panicked at src/config.rs:212:9:\nassertion failed: left == right,"
        ' left: ["b", "a"]',
    ),
    MEADOW: Fault(
        file="meadow/clean.py",
        asked="let the daily load keep the latest of duplicate rows, also those without a date,"
        " in meadow/clean.py; test_dedupe_keeps_latest has the cases",
        again=(
            "rows without a date are still dropped, test_dedupe_keeps_latest fails again",
            "no, the same error is back in meadow/clean.py as soon as one row has no date",
            "that didn't help, test_dedupe_keeps_latest still fails",
            "still the same error: the column is not there before the load has renamed it",
            "rows are still lost in meadow/clean.py",
        ),
        error="KeyError: 'updated_at'",
    ),
    QUILL: Fault(
        file="site/search.ts",
        asked="make the search index find words with an accent, in site/search.ts; the entry of"
        " docs/reference/api.md is the first to try",
        again=(
            "words with an accent are still not found, the check reports the same dead link",
            "no, still nothing: site/search.ts folds the query now but not the index",
            "that didn't help, check-links still fails at docs/reference/api.md:88",
            "still not found when the word stands in a heading of docs/reference/api.md",
            "accents are still lost in site/search.ts",
        ),
        error="docs/reference/api.md:88: error: dead link ../guide/tokens.md",
    ),
}
"""One of each project, behind the test that fails there."""

FIRST_TASK = "extend {topic} in {file}: count the last page as well, and cover it by a test"
NEXT_TASK = "next is {topic} in {file}: give callers that pass nothing the default"
STEPS = (
    "handle the empty case in {file} as well",
    "give the helper in {file} a better name",
    "and add the new argument to the callers in {file}",
    "add a case to the tests of {file} for a large input",
    "shorten what {file} logs there",
)
"""How a task goes on."""

RESEARCH = (
    "compare the ways in which we could do {topic} and tell me what each one costs us",
    "look at how {topic} is done in {file} and who depends on it",
    "find out since when {topic} behaves like this",
    "check whether {topic} could be left to the database",
)
BIG_LOOK = (
    "find out why {topic} was slow last night, the job's log has it",
    "look into {topic}: {file} has grown over the years, tell me what is dead in it",
)
ALIKE = (
    "do {topic} as it is done in {file}",
    "now the same for {topic}, with the checks of {file}",
    "use the names of {file} for {topic}",
)
RESTART = "{asked}. Only touch {file}, leave everything else alone"
WATCH_BUILD = "push the branch, wait for the build and tell me how it went"
START_SERVICES = "start the services and run the tests of {topic} against them"
NOT_WANTED = "we don't need {file}, remove it and commit the rest"
ROUND_UP = (
    "let agents look through all of {topic}: where it is read, where it is changed",
    "have agents find out who depends on {topic}, and what they pass",
)
LOOKERS = (
    ("Explore", "opus", "Find reads", "Find where {topic} is read; list file and line."),
    ("Explore", "opus", "Find writes", "Find what changes {topic}; list file and line."),
    ("Explore", "opus", "Map callers", "List the callers of {topic}, with what they pass."),
)
