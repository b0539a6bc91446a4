"""`tokenwatch budget`: what it writes, what it says, and how it ends."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.box import NOW_MS, Box, Document, one_line
from tests.cli.logs import SESSION, assistant, claude_log, codex_log, user
from tests.cli.test_cli_documents import fields, head, is_flag, is_text, is_time, maybe, one_of
from tests.cli.test_cli_documents import several as list_of
from tests.cli.wasteful import Story
from tests.guard.states import made, over
from tests.quota_logs import reading, rollout
from tests.test_architecture import HEAVY, READING, command, loaded
from tokenwatch.clients.hooked import UNGUARDED
from tokenwatch.config import load
from tokenwatch.format import rfc3339
from tokenwatch.guard.state import NAME, read, stored, write

MINUTE, HOUR = 60_000, 3_600_000


def is_amount(value: object) -> bool:
    """Tell whether a value is exact money, or a plain number."""
    if isinstance(value, str):
        return len(value.partition(".")[2]) >= 6 and Decimal(value) >= 0
    return isinstance(value, int | float) and not isinstance(value, bool)


BUDGET = fields(
    name=is_text,
    unit=one_of("usd", "tokens", "requests", "agents", "window-percent"),
    scope=is_text,
    period=one_of("session", "turn", "5h", "day", "week", "month"),
    limit=is_amount,
    spent=maybe(is_amount),
    ratio=maybe(is_amount),
    state=one_of("ok", "warning", "exceeded"),
    hard=is_flag,
    warn=is_amount,
    forecast=maybe(
        fields(
            p50=maybe(is_amount),
            p80=maybe(is_amount),
            at=maybe(is_time),
            crosses_at=maybe(is_time),
            pace=maybe(
                fields(
                    per_hour=is_amount,
                    active_minutes=is_amount,
                    last_at=is_time,
                    session_id=maybe(is_text),
                )
            ),
        )
    ),
    since_at=maybe(is_time),
    until_at=maybe(is_time),
    session_id=maybe(is_text),
    notes=list_of(is_text),
)
ALLOWANCE = fields(made_at=is_time, until_at=maybe(is_time), session_id=maybe(is_text))


def spend(box: Box, requests: int = 4, ago_ms: int = HOUR, session: str = SESSION) -> None:
    """Write a session with so many requests, each of 0.0006 dollars and 110 tokens."""
    at = rfc3339(NOW_MS - ago_ms) or ""
    answers = [assistant(f"{session[:4]}{n:04}", at, sessionId=session) for n in range(requests)]
    claude_log(box.claude, [user("hi", at, sessionId=session), *answers], session)


def config_of(box: Box) -> Path:
    return box.folder / "config" / "config.toml"


def documents(box: Box, *arguments: str, timezone: str = "UTC") -> tuple[int, Document]:
    """Return how a command ended and its document."""
    result = box.run("budget", *arguments, "--json")
    assert result.err == "" and result.out.count("\n") == 1
    found: Document = json.loads(result.out)
    head(found, "budget", timezone)
    assert list_of(BUDGET)(found["budgets"]), found["budgets"]
    assert list_of(ALLOWANCE)(found["allowances"])
    return result.code, found


def put(box: Box, name: str, limit: str, *more: str) -> str:
    result = box.run("budget", "set", name, "--limit", limit, *more)
    assert (result.code, result.err) == (0, ""), result
    return result.out


# check --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "state", "code"),
    [
        ("0.0024", "exceeded", 3),
        ("0.002400000001", "warning", 4),
        ("0.003", "warning", 4),
        ("0.003000000001", "ok", 0),
        ("1000", "ok", 0),
        ("0.000000000001", "exceeded", 3),
    ],
)
def test_check_ends_as_the_budget_stands(box: Box, limit: str, state: str, code: int) -> None:
    spend(box)
    put(box, "daily", limit)
    ended, found = documents(box, "check")
    (row,) = found["budgets"]
    assert (ended, row["state"], row["spent"]) == (code, state, "0.002400")
    assert Decimal(row["limit"]) == Decimal(limit) and (row["ratio"] >= 1) == (code == 3)
    assert row["since_at"] == "2026-11-22T00:00:00.000Z"
    assert row["until_at"] == "2026-11-23T00:00:00.000Z"
    assert box.run("budget", "check").code == box.run("budget", "check", "daily").code == code
    assert box.run("budget", "list").code == documents(box, "list")[0] == 0


def test_the_worst_of_several_decides(box: Box) -> None:
    spend(box)
    put(box, "fine", "1")
    assert box.run("budget", "check").code == 0
    put(box, "near", "5", "--unit", "requests")
    assert box.run("budget", "check").code == 4
    put(box, "over", "440", "--unit", "tokens", "--period", "month")
    assert box.run("budget", "check").code == 3
    codes = [box.run("budget", "check", name).code for name in ("fine", "near", "over")]
    assert codes == [0, 4, 3]
    assert [row["name"] for row in documents(box, "check")[1]["budgets"]] == [
        "fine",
        "near",
        "over",
    ]
    assert [row["name"] for row in documents(box, "check", "near")[1]["budgets"]] == ["near"]
    rows = documents(box, "list")[1]["budgets"]
    assert [row["spent"] for row in rows] == ["0.002400", 4, 440]


def test_a_process_ends_with_these_codes(box: Box) -> None:
    spend(box)
    for limit, code in (("0.0024", 3), ("0.003", 4), ("1", 0)):
        put(box, "daily", limit)
        ended = box.spawn("budget", "check", "--json")
        assert (ended.code, ended.err) == (code, ""), ended
    assert box.spawn("budget", "check", "nope").code == 1
    assert box.spawn("budget", "check", "--hard").code == 2


def test_a_check_of_what_was_read_before_imports_no_reader(box: Box) -> None:
    spend(box)
    put(box, "daily", "1")
    put(box, "sessions", "1", "--period", "session")
    assert box.run("budget", "check").code == 0
    names = loaded(box, command("budget", "check"))
    unwanted = HEAVY | READING | {"rich", "tomlkit", "tokenwatch.overview"}
    assert names.isdisjoint(unwanted), names & unwanted


def test_what_is_unpriced_is_null_and_ok(box: Box) -> None:
    at = rfc3339(NOW_MS - HOUR) or ""
    claude_log(box.claude, [assistant("msg_01a1", at, model="mystery-9")])
    put(box, "daily", "0.0001")
    code, found = documents(box, "check")
    (row,) = found["budgets"]
    assert (code, row["spent"], row["ratio"], row["state"]) == (0, None, None, "ok")
    assert row["notes"] == ["1 request unpriced: unknown"]
    assert "?" in box.run("budget").out


def test_check_reads_what_is_new_unless_told_not_to(box: Box) -> None:
    put(box, "daily", "0.0024")
    assert box.run("budget", "check").code == 0
    spend(box)
    assert box.run("budget", "check", "--no-sync").code == 0
    assert box.run("budget", "check").code == 3
    assert box.run("budget", "check", "--no-sync").code == 3


def test_days_are_those_of_the_time_zone(box: Box) -> None:
    spend(box, ago_ms=13 * HOUR)
    put(box, "daily", "0.0024")
    assert box.run("budget", "check").code == 3
    assert box.run("budget", "check", "--timezone", "America/Los_Angeles").code == 0
    with config_of(box).open("a") as file:
        file.write("# mine\n")
    box.run("config", "set", "timezone", "America/Los_Angeles")
    code, found = documents(box, "check", timezone="America/Los_Angeles")
    assert code == 0
    assert found["budgets"][0]["since_at"] == "2026-11-22T08:00:00.000Z"


def test_turns_are_known_without_another_command(box: Box) -> None:
    story = Story(at_ms=NOW_MS - 2 * HOUR).prompt("fix the build").answer().answer().answer()
    story.wait(30).prompt("now the tests").answer().answer().write(box.claude)
    put(box, "turns", "2", "--unit", "requests", "--period", "turn")
    code, found = documents(box, "check")
    assert (code, found["budgets"][0]["spent"]) == (3, 2)
    assert found["budgets"][0]["session_id"] == SESSION


def test_agents_and_windows(box: Box) -> None:
    spend(box)
    put(box, "at once", "3", "--unit", "agents")
    put(box, "now", "3", "--unit", "agents", "--period", "session")
    put(box, "plan", "90", "--unit", "window-percent", "--period", "week")
    code, found = documents(box, "check")
    rows = {row["name"]: row for row in found["budgets"]}
    assert code == 0 and rows["at once"]["spent"] == 1 and rows["now"]["spent"] == 0
    assert rows["plan"]["spent"] is None and "unknown, not 0" in rows["plan"]["notes"][0]


def test_where_it_goes_is_told(box: Box) -> None:
    times = [NOW_MS - back * 24 * HOUR + at * HOUR for back in range(28) for at in (-4, -2, 2, 4)]
    records = [
        assistant(f"{number:08}", rfc3339(at) or "")
        for number, at in enumerate(sorted(times))
        if at <= NOW_MS
    ]
    claude_log(box.claude, records)
    put(box, "daily", "0.0021")
    put(box, "monthly", "1", "--period", "month")
    text = box.run("budget").out
    assert "$0.0024, at the limit ≈ 19:00" in text
    daily, monthly = documents(box, "check")[1]["budgets"]
    assert daily["forecast"] == {
        "p50": "0.002400",
        "p80": "0.002400",
        "at": "2026-11-23T00:00:00.000Z",
        "crosses_at": "2026-11-22T19:00:00.000Z",
        "pace": None,
    }
    assert monthly["forecast"]["at"] == "2026-12-01T00:00:00.000Z"


def test_a_plan_window_says_when_it_is_full(box: Box) -> None:
    resets = NOW_MS + HOUR
    readings = ((31, 60.0), (15, 65.0), (1, 85.0))
    codex_log(
        box.codex,
        rollout(reading(NOW_MS - ago * MINUTE, (300, used, resets)) for ago, used in readings),
    )
    put(box, "plan", "100", "--unit", "window-percent", "--period", "5h")
    text = box.run("budget").out
    assert "136%, full ≈ 14:17, resets 15:00" in text and "Codex 5h, read 1 m ago" in text
    (row,) = documents(box, "check")[1]["budgets"]
    assert (row["spent"], row["limit"], row["state"]) == (85.0, 100.0, "warning")
    assert (row["forecast"]["p80"], row["until_at"]) == (None, "2026-11-22T15:00:00.000Z")


def test_a_session_says_when_its_limit_is_reached(box: Box) -> None:
    times = [NOW_MS - ago * MINUTE for ago in range(9, 0, -1)]
    records = [assistant(f"{number:08}", rfc3339(at) or "") for number, at in enumerate(times)]
    for record in records:
        record["message"]["stop_reason"] = "tool_use"
    claude_log(box.claude, [user("hi", rfc3339(times[0]) or ""), *records])
    put(box, "run", "0.0084", "--period", "session")
    put(box, "tokens", "1540", "--unit", "tokens", "--period", "turn")
    put(box, "lately", "1000", "--unit", "requests", "--period", "5h")
    text = box.run("budget").out
    assert "$0.0360/h, at the limit ≈ 14:05" in text and "6.60k/h, at the limit ≈ 14:05" in text
    assert "60/h" in text
    run, tokens, lately = documents(box, "check")[1]["budgets"]
    pace = {"active_minutes": 9, "last_at": rfc3339(times[-1])}
    nothing = {"p50": None, "p80": None, "at": None}
    assert run["forecast"] == {
        **nothing,
        "crosses_at": "2026-11-22T14:05:00.000Z",
        "pace": {"per_hour": "0.036000", **pace, "session_id": SESSION},
    }
    assert tokens["forecast"]["pace"]["per_hour"] == 6600
    assert tokens["forecast"]["crosses_at"] == "2026-11-22T14:05:00.000Z"
    assert lately["forecast"] == {
        **nothing,
        "crosses_at": None,
        "pace": {"per_hour": 60, **pace, "session_id": None},
    }


def test_without_any_budget(box: Box) -> None:
    for action in ("check", "list"):
        result = box.run("budget", action)
        assert result.code == 0 and "no budget is set" in result.out
        assert documents(box, action)[1]["budgets"] == []


def test_an_unknown_budget_is_named(box: Box) -> None:
    for action in ("check", "rm"):
        assert one_line(box.run("budget", action, "x"), 1) == (
            "no budget is called 'x'; none is set"
        )
    put(box, "daily", "1")
    for action in ("check", "rm"):
        line = one_line(box.run("budget", action, "Daily"), 1)
        assert "'Daily'" in line and "there are: daily" in line


# set, rm and list ---------------------------------------------------------------------------


def test_set_says_what_it_wrote(box: Box) -> None:
    path = config_of(box)
    assert put(box, "daily", "20") == f"daily: $20 a day, all, warns at 80%   ({path})\n"
    more = ("--period", "week", "--scope", "model:opus", "--hard", "--warn", "0.5")
    assert put(box, "daily", "20.50", *more) == (
        f"daily: $20.50 a week, model:opus, warns at 50%, hard   ({path})\n"
        f"before: $20 a day, all, warns at 80%\n{UNGUARDED}\n"
    )
    assert path.read_text() == (
        '[[budgets]]\nname = "daily"\nlimit = 20.50\nperiod = "week"\nscope = "model:opus"\n'
        "hard = true\nwarn = 0.5\n"
    )
    assert put(box, "daily", "20").startswith("daily: $20 a day, all, warns at 80%   ")
    (found,) = load(path).budgets
    assert (found.period, found.hard, found.warn) == ("day", False, Decimal("0.8"))
    agents = put(box, "a", "8", "--unit", "agents")
    assert agents.startswith("a: 8 agents at once in a day, all,")
    one = put(box, "a", "1", "--unit", "agents")
    assert one.startswith("a: 1 agent at once in a day, all,")
    assert put(box, "r", "1", "--unit", "requests").startswith("r: 1 request a day, all,")
    window = put(box, "w", "90", "--unit", "window-percent", "--period", "5h")
    assert window.startswith("w: 90% of the plan's 5h window, all,")


def test_a_hard_one_says_nothing_of_hooks_where_there_are_any(box: Box) -> None:
    hook = {"hooks": [{"type": "command", "command": "tokenwatch hooks run"}]}
    box.claude.mkdir(parents=True)
    (box.claude / "settings.json").write_text(json.dumps({"hooks": {"PreToolUse": [hook]}}))
    assert put(box, "daily", "20", "--hard").count("\n") == 1


def test_help_says_what_units_and_periods_are(box: Box) -> None:
    said = " ".join(box.run("budget", "--help").out.split())
    assert "set: what is counted (usd)" in said and "set: the time it is for (day)" in said


def test_many_times_the_limit_is_told_in_times(box: Box) -> None:
    spend(box, requests=13)
    put(box, "one", "1", "--unit", "requests")
    put(box, "none", "1", "--unit", "requests", "--scope", "project:/srv/secret/gone")
    listed = box.run("budget", "list", "--redact").out
    assert " 13× " in listed and "1300%" not in listed
    assert "no session of this project is known" in " ".join(listed.split())
    assert "secret" not in listed


def test_comments_and_all_else_stay(box: Box) -> None:
    text = (
        '# mine\ntitles = "client" # less\n\n# my day\n[[budgets]] # first\nname = "daily"\n'
        "limit = 5 # dollars\n\n[screen]\n# no mouse\nmouse = false\n"
    )
    path = box.settings(text)
    put(box, "daily", "7.5")
    assert path.read_text() == text.replace("limit = 5", "limit = 7.5")
    put(box, "weekly", "50", "--period", "week")
    added = '\n[[budgets]]\nname = "weekly"\nlimit = 50\nperiod = "week"\n'
    assert path.read_text() == text.replace("limit = 5", "limit = 7.5") + added
    assert box.run("budget", "rm", "weekly").out == f"weekly: removed   ({path})\n"
    assert path.read_text().rstrip() == text.replace("limit = 5", "limit = 7.5").rstrip()
    assert box.run("budget", "rm", "daily").code == 0
    kept = path.read_text()
    assert all(each in kept for each in ("# mine", "# less", "# my day", "# no mouse"))
    assert "daily" not in kept and load(path).budgets == ()


def test_a_project_is_named_from_here(box: Box) -> None:
    here = box.folder / "here"
    here.mkdir()
    for given, wanted in (
        (".", str(here)),
        ("../other/", str(box.folder / "other")),
        ("/srv/x", "/srv/x"),
        ("api", "api"),
        ("~/x", "~/x"),
    ):
        box.run("budget", "set", "p", "--limit", "1", "--scope", f"project:{given}", cwd=here)
        assert f'scope = "project:{wanted}"' in config_of(box).read_text()


def test_a_project_that_is_gone_has_nothing_spent(box: Box) -> None:
    spend(box)
    put(box, "gone", "0.0001", "--scope", "project:/home/dev/gone")
    put(box, "there", "0.0001", "--scope", "project:/home/dev")
    code, found = documents(box, "check")
    assert code == 3
    assert [row["spent"] for row in found["budgets"]] == ["0.000000", "0.002400"]


WRONG = {
    "set": "usage: tokenwatch budget set NAME",
    "set x": "--limit is missing: a number above 0",
    "set x --limit 0": "--limit '0': a number above 0",
    "set x --limit=-3": "--limit '-3': a number above 0",
    "set x --limit nan": "--limit 'nan': a number above 0",
    "set x --limit inf": "--limit 'inf': a number above 0",
    "set x --limit 20usd": "--limit '20usd': a number above 0",
    "set x --limit 1e99": "--limit '1e99': a number above 0, up to 10^15",
    "set x --limit 1 --unit eur": "'eur'",
    "set x --limit 1 --period year": "'year'",
    "set x --limit 1 --warn 0": "--warn '0': a number above 0, up to 1",
    "set x --limit 1 --warn 80": "--warn '80': a number above 0, up to 1",
    "set x --limit 1 --scope everything": "--scope 'everything': one of all, project:PATH",
    "set x --limit 1 --scope source:gemini": "source:claude-code, source:codex",
    "set x --limit 1 --unit window-percent": "--period day: unit window-percent needs period 5h",
    "set x --limit 1 --unit agents --scope model:x": "--scope model:x: unit agents needs period",
    "set x --limit 1 --scope session:5f": "--period day: scope session:ID needs period session",
    "set x --limit 1.5 --unit tokens": "--limit 1.5: unit tokens needs a whole number",
    "set x --limit 1 --json": "--json belongs to budget list and check, not to set",
    "set x --limit 1 --for 1h": "--for belongs to budget allow, not to set",
    "rm": "usage: tokenwatch budget rm NAME",
    "rm x --hard": "--hard belongs to budget set, not to rm",
    "list x": "'x' is too much",
    "list --limit 3": "--limit belongs to budget set, not to list",
    "check --session x": "--session belongs to budget allow, not to check",
    "check --timezone Mars": "--timezone 'Mars'",
    "allow x": "'x' is too much",
    "allow --for 0m": "--for '0m': allowed are 30m, 1h or 2d",
    "allow --for 1w": "--for '1w'",
    "allow --for 400d": "--for '400d'",
    "allow --for 1h --session x": "--for and --session: one of the two is allowed",
    "allow --end --for 1h": "--for and --end: one of the two is allowed",
    "list --end": "--end belongs to budget allow, not to list",
    "rm x --end": "--end belongs to budget allow, not to rm",
    "allow --json": "--json belongs to budget list and check, not to allow",
    "show": "'show'",
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_wrong_is_said_and_nothing_is_written(box: Box, words: str) -> None:
    line = one_line(box.run("budget", *words.split()), 2)
    assert WRONG[words] in line, line
    assert not config_of(box).exists()


def test_names_are_texts(box: Box) -> None:
    assert "NAME ''" in one_line(box.run("budget", "set", "", "--limit", "1"), 2)
    assert "NAME" in one_line(box.run("budget", "set", "a\nb", "--limit", "1"), 2)
    put(box, "für die Woche", "1", "--period", "week")
    assert documents(box, "check", "für die Woche")[0] == 0


def test_a_broken_file_is_named_with_its_line(box: Box) -> None:
    path = box.settings('[[budgets]]\nname = "a"\nlimit = -5\n')
    for words in ("list", "check", "set x --limit 1", "rm a"):
        line = one_line(box.run("budget", *words.split()), 2)
        assert f"{path}: line 3: limit = -5 in [[budgets]]: a number above 0" in line
    assert path.read_text().endswith("limit = -5\n")


def test_a_file_that_cannot_be_written_is_said(box: Box) -> None:
    path = box.settings('titles = "none"\n')
    path.chmod(0o444)
    assert "read-only" in one_line(box.run("budget", "set", "x", "--limit", "1"), 1)
    assert path.read_text() == 'titles = "none"\n'


def test_the_table_and_the_help_tell_what_there_is(box: Box) -> None:
    spend(box)
    put(box, "daily", "0.003", "--hard", "--scope", "project:/home/dev/app")
    text = box.run("budget").out
    for part in ("daily (hard)", "project:/home/dev/app", "$0.0024", "80%", "warning"):
        assert part in text
    assert "project:/home" not in box.run("budget", "--redact").out
    assert documents(box, "list", "--redact")[1]["budgets"][0]["scope"].startswith(
        "project:project-"
    )
    told = " ".join(box.run("budget", "set", "--help").out.split())
    for part in (
        "usd, tokens, requests · 5h, day, week, month · all, project:PATH",
        "window-percent · 5h, week · all, source:S",
        "agents · day · all, project:PATH, source:S, agent:TYPE",
    ):
        assert part in told


def test_config_set_sends_to_this_command(box: Box) -> None:
    line = one_line(box.run("config", "set", "budgets", "x"), 2)
    assert "`tokenwatch budget` changes them" in line


# allow --------------------------------------------------------------------------------------


def allowed(box: Box) -> list[tuple[Any, ...]]:
    with sqlite3.connect(box.data / "ledger.sqlite") as sql:
        found = sql.execute("SELECT made_ms, until_ms, session_id FROM allowances").fetchall()
    sql.close()
    return found


def test_allowances_are_written_down_and_shown(box: Box) -> None:
    spend(box)
    assert box.run("budget", "allow").out == "hard budgets stop nothing until 15:00\n"
    assert box.run("budget", "allow", "--for", "90m").out.endswith("until 15:30\n")
    said = box.run("budget", "allow", "--session", SESSION[:4]).out
    assert said == f"hard budgets do not stop session {SESSION[:8]}\n"
    assert allowed(box) == [
        (NOW_MS, NOW_MS + HOUR, None),
        (NOW_MS, NOW_MS + 90 * MINUTE, None),
        (NOW_MS, None, SESSION),
    ]
    text = box.run("budget", "list").out
    assert "until 15:30" in text and "until 15:00" not in text and SESSION[:8] in text
    assert documents(box, "list")[1]["allowances"] == [
        {
            "made_at": "2026-11-22T14:00:00.000Z",
            "until_at": "2026-11-22T15:30:00.000Z",
            "session_id": None,
        },
        {"made_at": "2026-11-22T14:00:00.000Z", "until_at": None, "session_id": SESSION},
    ]
    later = Box(box.folder, now_ms=NOW_MS + 90 * MINUTE)
    assert [each["session_id"] for each in documents(later, "list")[1]["allowances"]] == [SESSION]


def test_an_allowance_changes_no_state(box: Box) -> None:
    spend(box)
    put(box, "daily", "0.0001", "--hard")
    box.run("budget", "allow", "--for", "1d")
    assert box.run("budget", "check").code == 3


def test_an_unknown_session_is_named(box: Box) -> None:
    spend(box)
    assert "'zz'" in one_line(box.run("budget", "allow", "--session", "zz"), 1)
    assert "--session ''" in one_line(box.run("budget", "allow", "--session", ""), 2)
    assert allowed(box) == []


def test_a_session_without_a_log_is_allowed_by_its_whole_id(box: Box) -> None:
    """Its first prompt may have been blocked."""
    spend(box)
    new = "01a22bae-17d2-7c61-a4a8-3f0a6ab8d6d0"
    assert box.run("budget", "allow", "--session", new).code == 0
    assert allowed(box) == [(NOW_MS, None, new)]
    assert "begins with" in one_line(box.run("budget", "allow", "--session", new[:-1]), 1)


def test_allowances_are_taken_back(box: Box) -> None:
    spend(box)
    assert box.run("budget", "allow", "--end").out == "no allowance holds\n"
    box.run("budget", "allow", "--for", "90m")
    box.run("budget", "allow")
    box.run("budget", "allow", "--session", SESSION)
    assert "`tokenwatch budget allow --end` takes that back" in box.run("budget").out
    later = Box(box.folder, now_ms=NOW_MS + MINUTE)
    said = later.run("budget", "allow", "--end", "--session", SESSION[:3])
    assert (said.code, said.out.splitlines()) == (
        0,
        [
            f"ended: hard budgets do not stop session {SESSION[:8]}",
            "still holds: hard budgets stop nothing until 15:30",
        ],
    )
    assert later.run("budget", "allow", "--end", "--session", SESSION).out.startswith(
        f"no allowance holds for session {SESSION[:8]}\n"
    )
    assert later.run("budget", "allow", "--end").out == (
        "ended: hard budgets stop nothing until 15:30\n"
    )
    assert documents(later, "list")[1]["allowances"] == []
    assert "takes that back" not in later.run("budget").out
    # What was let go on can still be told.
    assert allowed(box) == [
        (NOW_MS, NOW_MS + MINUTE, None),
        (NOW_MS, NOW_MS + MINUTE, None),
        (NOW_MS, NOW_MS + MINUTE, SESSION),
    ]


def test_what_is_over_is_not_ended_again(box: Box) -> None:
    box.run("budget", "allow")
    later = Box(box.folder, now_ms=NOW_MS + HOUR)
    assert later.run("budget", "allow", "--end").out == "no allowance holds\n"
    assert allowed(box) == [(NOW_MS, NOW_MS + HOUR, None)]


def test_an_allowance_of_a_session_that_is_gone_is_taken_back(box: Box) -> None:
    box.run("budget")
    with sqlite3.connect(box.data / "ledger.sqlite") as sql:
        sql.executemany(
            "INSERT INTO allowances (made_ms, session_id) VALUES (?, ?)",
            [(NOW_MS, "gone-1"), (NOW_MS, "gone-2")],
        )
    sql.close()
    line = one_line(box.run("budget", "allow", "--end", "--session", "gone"), 1)
    assert line == "'gone' is ambiguous: gone-1, gone-2"
    assert box.run("budget", "allow", "--end", "--session", "gone-1").code == 0
    assert [row[2] for row in allowed(box) if row[1] is None] == ["gone-2"]
    assert "'zz'" in one_line(box.run("budget", "allow", "--end", "--session", "zz"), 1)
    assert "--session ''" in one_line(box.run("budget", "allow", "--end", "--session", ""), 2)


def test_the_guard_hears_of_it_at_once(box: Box) -> None:
    spend(box)
    box.run("budget")
    write(str(box.data), made(budgets=[over()]))
    box.run("budget", "allow", "--session", SESSION)
    state, _ = read(str(box.data), NOW_MS)
    assert state is not None and state["budgets"] == [over()]
    assert state["allowances"] == [{"until_ms": None, "session_id": SESSION}]
    box.run("budget", "allow", "--end")
    state, _ = read(str(box.data), NOW_MS)
    assert state is not None and (state["allowances"], state["at_ms"]) == ([], NOW_MS)


def test_where_there_is_no_state_none_is_made(box: Box) -> None:
    box.run("budget", "allow")
    assert stored(str(box.data)) == (None, "absent")
    (box.data / NAME).write_text("{")
    assert box.run("budget", "allow", "--end").code == 0
    assert (box.data / NAME).read_text() == "{"
