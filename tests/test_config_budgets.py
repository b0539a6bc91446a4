"""`[[budgets]]` in config.toml: what is allowed, what is refused and how, what stays when one is
set or removed."""

from __future__ import annotations

import os
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from tokenwatch import config
from tokenwatch.config import Config, budgets, edit
from tokenwatch.config.budgets import Budget, Scope
from tokenwatch.config.check import parse
from tokenwatch.config.lines import Row
from tokenwatch.config.tables import PERIODS, UNITS
from tokenwatch.errors import ConfigError, ConfigNotWritten, NotFound

PATH = Path("config.toml")


def read(text: str) -> tuple[Budget, ...]:
    return parse(text, PATH).budgets


def one(**fields: object) -> str:
    """Return a table of a budget, each field on a line as it is given."""
    lines = {"name": '"a"', "limit": "1", **fields}
    return "".join(["[[budgets]]\n", *(f"{key} = {value}\n" for key, value in lines.items())])


def refused(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read(text)
    return list(error.value.lines)


def test_defaults_and_all_fields(sandbox: Path) -> None:
    text = one() + one(
        name='"b"',
        limit="20.10",
        unit='"usd"',
        period='"month"',
        scope='"project:~/api/"',
        hard="true",
        warn="0.95",
    )
    first, second = read(text)
    assert first == Budget("a", Decimal(1), "usd", "day", Scope(), False, Decimal("0.8"))
    project = Scope("project", str(sandbox / "api"))
    assert second == Budget("b", Decimal("20.10"), "usd", "month", project, True, Decimal("0.95"))
    assert (first.scope.words, second.scope.words) == ("all", f"project:{sandbox / 'api'}")
    assert Config().budgets == () == read("")


@pytest.mark.parametrize(
    ("written", "exact"),
    [("1", "1"), ("0.1", "0.1"), ("1_000.5", "1000.5"), ("1e3", "1000"), ("1e-12", "1e-12")]
    + [("0.1" + 40 * "0", "0.1"), ("999999999999999.123456789012", "999999999999999.123456789012")],
)
def test_a_limit_is_exact(written: str, exact: str) -> None:
    assert read(one(limit=written))[0].limit == Decimal(exact)


NUMBER = "a number above 0, up to 10^15, with 12 decimals at most is needed"
WRONG = {
    "limit = 0": NUMBER,
    "limit = -1": NUMBER,
    "limit = nan": NUMBER,
    "limit = inf": NUMBER,
    "limit = -inf": NUMBER,
    "limit = true": NUMBER,
    'limit = "20"': NUMBER,
    "limit = 1e16": NUMBER,
    "limit = 1e99999999999999999999": NUMBER,
    "limit = 0.0000000000001": NUMBER,
    "limit = 0.10000000000000000000000000000000000001": NUMBER,
    "limit = 1e-99999999": NUMBER,
    "limit = [1]": NUMBER,
    "warn = 0": "a number above 0, up to 1",
    "warn = 1.01": "a number above 0, up to 1",
    "warn = nan": "a number above 0, up to 1",
    "warn = 1e-99999999": "with 12 decimals at most",
    "warn = true": "a number above 0, up to 1",
    'unit = "eur"': "allowed are usd, tokens, requests, agents, window-percent",
    'unit = "USD"': "did you mean 'usd'?",
    'period = "year"': "allowed are session, turn, 5h, day, week, month",
    'hard = "yes"': "allowed are true, false",
    'name = ""': "1 to 60 characters",
    'name = " a"': "1 to 60 characters",
    'name = "a\\nb"': "1 to 60 characters",
    f'name = "{"x" * 61}"': "1 to 60 characters",
    "name = 3": "1 to 60 characters",
    'scope = "everything"': "one of all, project:PATH",
    'scope = "all:x"': "one of all",
    'scope = "project:"': "one of all",
    'scope = "project:a/b"': "one of all",
    'scope = "project:./b"': "one of all",
    'scope = "project:~nobody-knows/b"': "one of all",
    'scope = "source:gemini"': "source:claude-code, source:codex",
    'scope = "session: "': "one of all",
    'scope = "tier:opus"': "one of all",
    "scope = 3": "one of all",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_field_is_named_with_its_line(wrong: str) -> None:
    key = wrong.partition(" ")[0]
    base = {"name": '"a"', "limit": "1"}
    base.pop(key, None)
    lines = ["# mine", "[[budgets]]", *(f"{k} = {v}" for k, v in base.items()), wrong]
    (line,) = refused("\n".join(lines))
    assert line.startswith(f"config.toml: line {len(lines)}: {key} = ")
    assert "in [[budgets]]" in line and WRONG[wrong] in line, line
    assert len(line) < 300


def test_what_is_missing_or_unknown_is_named() -> None:
    assert refused('[[budgets]]\nname = "a"\n') == [
        f"config.toml: line 1: limit is missing in [[budgets]]: {NUMBER}"
    ]
    (line,) = refused(one(per='"day"'))
    assert "unknown key 'per' in [[budgets]]; known are: hard, limit, name, period" in line
    assert "must be a list of tables: [[budgets]]" in refused("budgets = 3")[0]
    assert "must be a list of tables: [[budgets]]" in refused("budgets = [3]")[0]
    assert "4300 digits" in refused(one(limit="1" + "0" * 5000))[0]


def test_names_are_unique_and_everything_wrong_is_said_in_order() -> None:
    text = (
        one() + one() + one(name='"b"', limit="nan") + one(name='"c"', unit='"agents"', limit=2.5)
    )
    assert refused(text) == [
        "config.toml: line 5: name = 'a' in [[budgets]]: another budget has that name",
        f"config.toml: line 9: limit = NaN in [[budgets]]: {NUMBER}",
        "config.toml: line 12: limit = 2.5 in [[budgets]]: unit agents needs a whole number",
    ]


SCOPES = {
    "all": "all",
    "project": "project:/home/dev/api",
    "source": "source:codex",
    "model": "model:opus",
    "agent": "agent:explore",
    "session": "session:5f0c",
}


def means_something(unit: str, period: str, scope: str) -> bool:
    """Say it once more, in other words than the table."""
    if unit == "agents":
        if period == "day":
            return scope in ("all", "project", "source", "agent")
        return period == "session" and scope != "model"
    if unit == "window-percent":
        return period in ("5h", "week") and scope in ("all", "source")
    return scope != "session" or period in ("session", "turn")


@pytest.mark.parametrize("unit", UNITS)
def test_every_combination_is_taken_or_refused_by_name(unit: str) -> None:
    for period, (kind, scope) in product(PERIODS, SCOPES.items()):
        text = one(unit=f'"{unit}"', period=f'"{period}"', scope=f'"{scope}"')
        if means_something(unit, period, kind):
            assert (read(text)[0].period, read(text)[0].scope.kind) == (period, kind)
            continue
        (line,) = refused(text)
        assert f"unit {unit} needs period" in line or f"scope {kind}" in line, line
        assert line.startswith(
            (f"config.toml: line 5: period = '{period}'", f"config.toml: line 6: scope = '{scope}'")
        )


def test_what_a_combination_needs_is_said() -> None:
    assert refused(one(unit='"window-percent"')) == [
        "config.toml: line 1: period = 'day' in [[budgets]]: unit window-percent needs period"
        " 5h or week and scope all or source:S"
    ]
    assert refused(one(scope='"session:5f0c"', period='"week"')) == [
        "config.toml: line 5: period = 'week' in [[budgets]]: scope session:ID needs period"
        " session or turn"
    ]
    over = one(unit='"window-percent"', period='"5h"', limit=101)
    assert "unit window-percent needs at most 100" in refused(over)[0]
    assert len(list(budgets.combinations())) == len(budgets.COMBINATIONS)


# changes of the file ------------------------------------------------------------------------

COMMENTED = """\
# my settings
titles = "client"  # less

# for every day
[[budgets]]  # first
name = "daily"
limit = 20 # dollars
hard = true

# for the month
[[budgets]]
name = "monthly"
period = "month"
limit = 300.50
# trailing

[screen]   # how it looks
mouse = false
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def row(name: str, limit: str, **more: str | bool | Decimal | None) -> Row:
    return {"name": name, "limit": Decimal(limit), **more}


def test_the_first_budget_makes_the_file(file: Path) -> None:
    edit.put_budget(file, row("daily", "20", hard=True, period=None))
    assert file.read_text() == '[[budgets]]\nname = "daily"\nlimit = 20\nhard = true\n'
    edit.put_budget(file, row('a "quoted" näme', "0.10", period="week"))
    assert file.read_text().endswith(
        'true\n\n[[budgets]]\nname = "a \\"quoted\\" näme"\nlimit = 0.10\nperiod = "week"\n'
    )
    assert [each.name for each in config.load(file).budgets] == ["daily", 'a "quoted" näme']


def test_comments_stay_where_a_budget_is_changed(file: Path) -> None:
    file.write_text(COMMENTED)
    edit.put_budget(file, row("daily", "25.5", hard=True))
    assert file.read_text() == COMMENTED.replace("20 #", "25.5 #")
    edit.put_budget(file, row("daily", "25.5", hard=None, unit="usd"))
    wanted = COMMENTED.replace("20 #", "25.5 #").replace("hard = true", 'unit = "usd"')
    assert file.read_text() == wanted
    edit.put_budget(file, row("monthly", "1", scope="model:#1"))
    edit.put_budget(file, row("monthly", "2", scope="model:#2", hard=True))
    assert file.read_text() == wanted.replace(
        "limit = 300.50\n", 'limit = 2\nscope = "model:#2"\nhard = true\n'
    )


def test_comments_stay_where_a_budget_is_removed(file: Path) -> None:
    file.write_text(COMMENTED)
    edit.remove_budget(file, "daily")
    gone = '[[budgets]]  # first\nname = "daily"\nlimit = 20 # dollars\nhard = true\n\n'
    assert file.read_text() == COMMENTED.replace(gone, "\n")
    edit.remove_budget(file, "monthly")
    text = file.read_text()
    assert "budgets" not in text and config.load(file) == parse(text, file)
    for comment in ("# for every day", "# for the month", "# trailing", "[screen]   # how"):
        assert comment in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "[screen]\nascii=true\n" + one(),
        one() + one(name='"b"', limit="2.50") + "[screen]\n",
        "budgets = [ {name='a', limit=1} ] # inline\n",
        "budgets = [\n  {name='a', limit=1},\n  {name='b', limit=2},\n]\n",
        "titles = '''none'''\r\n[[budgets]]\r\n# x\r\nname='a'\r\nlimit=1_000\r\n",
        "\ufefftitles = 'none'\n",
        "titles = '''\nnone'''\n".replace("\nnone", "none") + "[[ budgets ]]\nname='a'\nlimit=1\n",
        "editor = '''vi\\\n'''\n".replace("\\\n", "") + one() + "# end",
        'editor = """vi \\\n  -R"""\n' + one(),
    ],
)
def test_every_way_to_write_it(file: Path, text: str) -> None:
    file.write_bytes(text.encode())
    before = config.load(file).budgets
    new = Budget("new", Decimal("0.30"), period="week", scope=Scope("model", "opus"))
    made = edit.put_budget(file, row("new", "0.30", period="week", scope="model:opus"))
    assert config.load(file).budgets == (*before, new)
    edit.put_back(file, made)
    assert file.read_bytes() == text.encode()
    for each in before:
        made = edit.put_budget(file, row(each.name, "7", warn=Decimal("0.5")))
        changed = each._replace(limit=Decimal(7), warn=Decimal("0.5"))
        assert config.load(file).budgets == tuple(changed if b == each else b for b in before)
        edit.put_back(file, made)
        made = edit.remove_budget(file, each.name)
        assert config.load(file).budgets == tuple(b for b in before if b != each)
        edit.put_back(file, made)
        assert file.read_bytes() == text.encode()


def test_what_looks_like_a_budget_in_a_text_is_none(file: Path) -> None:
    text = "editor = '''vi [[budgets]]'''\n"
    file.write_text(text + one())
    edit.remove_budget(file, "a")
    assert file.read_text().strip() == text.strip()


def test_an_unknown_name_is_named_and_nothing_is_written(file: Path) -> None:
    with pytest.raises(NotFound, match="'x'; none is set"):
        edit.remove_budget(file, "x")
    assert not file.exists()
    file.write_text(COMMENTED)
    with pytest.raises(NotFound, match="there are: daily, monthly"):
        edit.remove_budget(file, "x")
    assert file.read_text() == COMMENTED


def test_a_change_of_another_meanwhile_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(COMMENTED)
    sync = os.fsync

    def meanwhile(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        file.write_text(COMMENTED.replace("300.50", "400").replace("client", "none"))

    monkeypatch.setattr(os, "fsync", meanwhile)
    edit.put_budget(file, row("weekly", "100", period="week"))
    found = config.load(file)
    assert [(each.name, each.limit) for each in found.budgets] == [
        *(("daily", Decimal(20)), ("monthly", Decimal(400)), ("weekly", Decimal(100)))
    ]
    assert found.titles == "none"


def test_one_that_another_removed_meanwhile_is_said(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(one() + one(name='"b"'))
    sync = os.fsync

    def meanwhile(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        file.write_text(one(name='"b"'))

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(NotFound, match="no budget is called 'a'; there are: b"):
        edit.remove_budget(file, "a")
    assert file.read_text() == one(name='"b"')


def test_a_read_only_or_broken_file_is_left_alone(file: Path) -> None:
    file.write_text(COMMENTED)
    file.chmod(0o444)
    with pytest.raises(ConfigNotWritten, match="read-only"):
        edit.put_budget(file, row("x", "1"))
    file.chmod(0o644)
    file.write_text("[[budgets]]\nlimit = \n")
    with pytest.raises(ConfigError, match="line 2"):
        edit.put_budget(file, row("x", "1"))
    assert file.read_text() == "[[budgets]]\nlimit = \n"
