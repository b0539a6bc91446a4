"""What the invented people ask for, and of what: projects, prompts, tasks. No real names."""

from __future__ import annotations

from dataclasses import dataclass

OPUS = "claude-opus-5-5"
SONNET = "claude-sonnet-5-5"
FABLE = "claude-fable-5-2"
HAIKU = "claude-haiku-4-5-20251001"
ORION = "orion-coder-1"
"""In no price list, so that the demo shows an unpriced model."""
SOL = "gpt-6.1-sol"
GPT = "gpt-5.5"
MODELS = (OPUS, SONNET, SONNET, FABLE, GPT, SOL, SOL)
"""What ordinary sessions run on, the frequent ones twice."""

CLIENT_RATES = {
    OPUS: (4_000_000, 20_000_000, 200_000, 5_000_000, 8_000_000),
    SONNET: (2_000_000, 10_000_000, 100_000, 2_500_000, 4_000_000),
    FABLE: (8_000_000, 40_000_000, 200_000, 10_000_000, 16_000_000),
    HAIKU: (1_000_000, 5_000_000, 100_000, 1_250_000, 2_000_000),
}
"""The client's own price table, for its running meter alone.

Picodollars a token: input, output, cache read, cache write of 5 minutes, of 1 hour.
"""


@dataclass(frozen=True, slots=True)
class Server:
    """An MCP server that is loaded in every session of a project."""

    name: str
    instructions: str
    """What it puts into the context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A repository that exists nowhere."""

    name: str
    branch: str
    files: tuple[str, ...]
    new_files: tuple[str, ...]
    topics: tuple[str, ...]
    test: str
    passed: str
    failed: str
    """How its one stubborn test fails."""
    failing: str
    """That test's name."""
    servers: tuple[Server, ...] = ()
    cache: str = "1h"
    """For how long Claude Code writes to the cache there."""

    @property
    def cwd(self) -> str:
        return f"/home/dev/src/{self.name}"


TRACKER = Server("tracker", "Tickets of all projects. Look a ticket up before you work on it.")
DESIGNS = Server(
    "designs",
    "Boards, components and styles of the design system.\n"
    + "\n".join(
        f"- `{verb}_{what}`: {verb} {what} of a board by name or number; give the board, the page"
        f" and, where there are several, the version. Answers with at most 50 {what}."
        for what in ("boards", "components", "styles", "comments", "exports", "tokens")
        for verb in ("list", "get", "find", "create", "update", "compare")
    ),
)
"""Nobody has asked it for anything for weeks."""

ATLAS = Project(
    name="atlas-api",
    branch="feature/rate-limits",
    files=("atlas/limits.py", "atlas/routes/orders.py", "atlas/db/session.py", "atlas/app.py"),
    new_files=("atlas/limits_store.py", "tests/test_limits_burst.py", "atlas/routes/quota.py"),
    topics=(
        "the rate limiter",
        "webhook retries",
        "cursor pagination",
        "the order export",
        "idempotency keys",
        "slow order queries",
    ),
    test="pytest tests/test_limits.py -q",
    passed="..................                          [100%]\n18 passed in 2.41s",
    failing="test_refund_rounding",
    failed=(
        "FAILED tests/test_refunds.py::test_refund_rounding - AssertionError: "
        "assert Decimal('10.00') == Decimal('9.99')\n1 failed, 41 passed in 5.03s"
    ),
    servers=(TRACKER,),
)
HARBOR = Project(
    name="harbor-web",
    branch="main",
    files=("src/cart/Cart.tsx", "src/api/client.ts", "src/pages/Checkout.tsx", "src/theme.ts"),
    new_files=("src/cart/useTotals.ts", "src/cart/Cart.test.tsx", "src/pages/Returns.tsx"),
    topics=(
        "the checkout form",
        "keyboard focus in the menu",
        "the cart totals",
        "dark mode colours",
        "image loading",
        "the returns page",
    ),
    test="npm test -- --run src/cart",
    passed=" Test Files  6 passed (6)\n      Tests  48 passed (48)\n   Duration  3.12s",
    failing="keeps focus after removing a row",
    failed=(
        " FAIL  src/cart/Cart.test.tsx > Cart > keeps focus after removing a row\n"
        "AssertionError: expected <body> to be <button>\n Tests  1 failed | 47 passed (48)"
    ),
    servers=(DESIGNS, TRACKER),
    cache="5m",
)
LANTERN = Project(
    name="lantern-cli",
    branch="fix/config-merge",
    files=("src/main.rs", "src/config.rs", "src/output/table.rs", "src/commands/sync.rs"),
    new_files=("src/output/json.rs", "tests/merge.rs", "src/commands/status.rs"),
    topics=(
        "merging config files",
        "the table output",
        "a status command",
        "progress on slow syncs",
        "error messages",
        "shell completions",
    ),
    test="cargo test --quiet config",
    passed="running 27 tests\n...........................\ntest result: ok. 27 passed; 0 failed",
    failing="config::tests::merge_keeps_order",
    failed=(
        "test config::tests::merge_keeps_order ... FAILED\n"
        'thread panicked at src/config.rs:212:9:\nassertion failed: left == right, left: ["b", "a"]'
        "\ntest result: FAILED. 26 passed; 1 failed"
    ),
    servers=(TRACKER,),
)
MEADOW = Project(
    name="meadow-etl",
    branch="main",
    files=("meadow/load.py", "meadow/schema.py", "meadow/jobs/daily.py", "meadow/clean.py"),
    new_files=("meadow/jobs/hourly.py", "tests/test_dedupe.py", "meadow/partition.py"),
    topics=(
        "the daily load",
        "duplicate rows",
        "schema drift",
        "backfilling a month",
        "late partitions",
        "memory use of the cleaner",
    ),
    test="pytest tests -q -k load",
    passed="............                                [100%]\n12 passed in 8.77s",
    failing="test_dedupe_keeps_latest",
    failed=(
        "FAILED tests/test_dedupe.py::test_dedupe_keeps_latest - KeyError: 'updated_at'\n"
        "1 failed, 30 passed in 9.40s"
    ),
    servers=(TRACKER,),
    cache="5m",
)
QUILL = Project(
    name="quill-docs",
    branch="docs/guides",
    files=("docs/guide/start.md", "docs/reference/api.md", "site/nav.ts", "site/search.ts"),
    new_files=("docs/guide/upgrade.md", "site/redirects.ts", "docs/guide/faq.md"),
    topics=(
        "the getting-started guide",
        "broken links",
        "the search index",
        "the upgrade guide",
        "navigation on phones",
        "the API reference",
    ),
    test="npm run check-links",
    passed="checked 412 links in 61 pages: all good",
    failing="docs/reference/api.md",
    failed="docs/reference/api.md:88: dead link ../guide/tokens.md\n1 dead link in 61 pages",
    servers=(DESIGNS, TRACKER),
    cache="5m",
)
PROJECTS = (ATLAS, HARBOR, LANTERN, MEADOW, QUILL)

PROMPTS = (
    "look into {topic} and tell me what you would change",
    "make {topic} work with empty input, too",
    "add tests for {topic}",
    "simplify {topic}, keep the behaviour",
    "review what we have for {topic} and clean it up",
    "{topic}: make it work for large inputs too",
    "write down how {topic} works, then improve the naming",
)
TITLES = ("Work on {topic}", "Improve {topic}", "Review {topic}", "Repair {topic}")
FOLLOW_UPS = (
    "good, now the edge cases",
    "run the tests and commit",
    "can you make that shorter?",
    "yes, go on",
    "also handle the timeout there",
    "commit that and continue with the next part",
    "why is that needed? if it isn't, remove it",
    "do the same for the other callers",
    "keep the old name as an alias",
    "use the names of the reference there",
    "now a case for large inputs",
)
BUILDS = (
    "remove the old build output and build again",
    "clean up and make a fresh build for the preview",
    "the preview shows an old page, build it from scratch",
)
Task = tuple[str, str, str, str]
"""A subagent's type, its model's alias, its task in a few words, and all that it is asked."""
LAST_LOOKS = ("show me that part again", "and one more look at the last part")
DELEGATE = (
    "split {topic} between agents: explore, change, check",
    "let agents do {topic}: one explores, one changes it, one checks",
    "use agents for {topic}, one to explore and one to write the tests",
    "hand {topic} to agents, and put together what they find",
    "{topic} next, by several agents: where it is, what it lacks, who uses it",
)
TASKS: tuple[Task, ...] = (
    (
        "Explore",
        "haiku",
        "Map {topic}",
        "Find every place that touches {topic}; list file and line.",
    ),
    (
        "general-purpose",
        "sonnet",
        "Write tests",
        "Write the missing tests for {topic} and run them.",
    ),
    (
        "general-purpose",
        "sonnet",
        "Check callers",
        "Check that all callers survive changes to {topic}.",
    ),
)
MODEL_OF = {"haiku": HAIKU, "sonnet": SONNET, "opus": OPUS}
CODEX_TASK = ("check_edges", "Noether", "Try the edge cases of {topic} and report what breaks.")
THOUGHTS = (
    "Let me look at the code first.",
    "Checking how this is used.",
    "That explains it. Changing it now.",
    "Running the tests.",
    "One more place needs the same change.",
)
ANSWERS = (
    "Done: the change is small and the tests pass.",
    "That works now. I kept the public names as they were.",
    "Finished. Two callers needed the new argument.",
    "Here is the summary: one cause, one fix, covered by a test.",
)
FOUND = (
    "Seven places use it; two of them pass nothing.",
    "Added four tests, all pass.",
    "All callers are fine except one, which is noted.",
)
TRACKER_TOOLS = ("get_issue", "search_issues")
SKILLS = ("review-changes", "write-tests", "release-notes")
COMMITS = ("Handle empty input", "Tidy {topic}", "Cover {topic} with tests", "Shorten the lookup")
