"""What a shell command is told to be for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.sources.commands import Deed, describe
from tokenwatch.sources.lines import name_hash

HEREDOC = """git commit -m "$(cat <<'EOF'
feat: "quoted"; rm -rf everything

body
EOF
)" && git push"""

PURPOSES = {
    "check": [
        "pytest -q", "cd /x && FOO=1 pytest -q 2>&1 | tail -20 || true", ".venv/bin/pytest tests",
        "npm test", "npm run build", "pnpm run lint --fix", "yarn test:unit", "npx tsc --noEmit",
        "uv run pytest", "python -m pytest -x", "python manage.py test", "timeout 60 cargo test",
        "go test ./...", "make", "make check", "./scripts/run_tests.sh", "bash scripts/lint.sh",
        "DATABASE_URL=x ./gradlew test", "dotnet build", "sleep 5 && npm test", "node --test",
        "bash -lc 'pytest -q'", "# first this\npytest", "ls && eslint src", "cat a | xargs mypy",
        "# don't stop\nruff check .", "pytest \\\n  -q",
    ],
    "wait": [
        "sleep 30", "sleep 2; echo done", "sleep 30 && tail -5 /tmp/out.log", "gh run watch 123",
        "gh pr checks 5 --watch", "tail -f x.log", "wait", "docker logs -f x",
        "until curl -s localhost:3000 >/dev/null; do sleep 1; done",
        "while ! grep -q ready log; do sleep 2; done; cat log",
        "for i in $(seq 1 30); do gh run view 12 --json status; sleep 10; done",
        "kubectl rollout status deploy/x", "sleep 10; kubectl get pods",
    ],
    "revert": [
        "git checkout -- a.py", "git checkout HEAD~1 -- a.py", "git checkout .", "git restore a.py",
        "git checkout src/a.py", "git revert HEAD", "git reset --hard HEAD~1", "git stash",
        "git -C /x stash push -- a.py", "rm a.py; git checkout -- b.py",
    ],
    "remove": ["rm -rf build dist", "git rm a.py", "unlink x", "find . -name '*.pyc' -delete",
               "find . -name x | xargs rm", "rm a && pytest", "git clean -fd"],
    "commit": ["git add -A && git commit -qm x && git log | head -1", HEREDOC,
               "pytest && git commit --amend"],
    "read": ["cat a.py", "cat a.py | head -20", "head -n 20 a.py", "sed -n '1,20p' a.py",
             "nl -ba x.ts | sed -n '1,50p'", "cat a.py | grep x"],
    "search": ["rg -n foo src", "grep -rn foo . | head", "ls -la", "git log --oneline", "tree",
               "find . -name '*.py' | xargs grep foo", "git status && git diff", "pwd; git branch"],
    "write": ["sed -i 's/a/b/' x.py", "cat > x.py <<'EOF'\nrm -rf /\nEOF", "echo hi >> notes.md",
              "apply_patch <<EOF\n*** Begin Patch\nEOF", "make_text | tee x"],
    "web": ["curl -s https://example.com | jq .", "wget https://example.com"],
    "": [
        "", "echo 1", "python3 -c 'print(1)'", "python run.py", "npm install", "npm run dev &",
        "npm run dev & sleep 5", "git checkout main", "git checkout -b a.feature", "git stash pop",
        "git restore --staged a.py", "git reset HEAD~1", "git push", "make deploy", "cargo run",
        "docker compose up -d", "ls && ./deploy", "ps aux", "gh pr checks 5", "echo 'rm -rf x'",
        "# rm x", "echo 'unterminated", "(((", "<<", "|", "bash -c", "xargs", "cd /a",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("command", "purpose"), [(c, p) for p, commands in PURPOSES.items() for c in commands]
)
def test_what_a_command_is_for(command: str, purpose: str) -> None:
    assert describe(command).purpose == purpose


@pytest.mark.parametrize(
    ("command", "purpose"), [(c, p) for p, commands in PURPOSES.items() for c in commands]
)
def test_a_line_more_changes_nothing(command: str, purpose: str) -> None:
    assert describe(f"\n{command}\n").purpose == purpose


def test_scripts_of_unknown_programs_are_told_apart() -> None:
    one, same, other = (describe(text) for text in ("./a 1\n./b", "./a 1\n  ./b", "./a 2\n./b"))
    assert one == same == Deed("", one.likeness, (), False)
    assert one.likeness != other.likeness


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("cat src/a.py b.py", ["a.py", "b.py"]),
        ("head -n 20 src/a.py", ["a.py"]),
        ("sed -n '1,5p' 'src/a b.py'", ["a b.py"]),
        ("git checkout HEAD~1 -- src/a.py", ["a.py"]),
        ("git checkout -- .", None),
        ("git restore :/", None),
        ("git stash", None),
        ("git reset --hard", None),
        ("rm -f src/a.py && cat b.py", ["a.py"]),
        ("rm -rf *", None),
        ("pytest a.py", []),
        ("git stash push -m 'not yet' src/a.py", ["a.py"]),
        ("git stash save 'not yet'", None),
        ("python3 -u scripts/a.py 1", ["a.py"]),
        ("./tools/Run_It.sh && echo done", ["run_it.sh"]),
        ("bash x.sh | tail -3", ["x.sh"]),
        ("python -c 'import a'", []),
        ("node scripts/test-all.js", ["test-all.js"]),
    ],
)
def test_which_files_it_touches(command: str, names: list[str] | None) -> None:
    expected = (0,) if names is None else tuple(map(name_hash, names))
    assert describe(command).touches == expected


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("git add src/a.py 'b c.md' && git commit -m x", None),
        ("git add src/a.py docs/", ["a.py", "docs"]),
        ("git add -f -- -odd.py", ["-odd.py"]),
        ("git stage a.py", ["a.py"]),
        ("cd /x && git -C y add a.py && git status", ["a.py"]),
        ("git add a.py && pytest -q", ["a.py"]),
        ("git add a.py; git add b.py; git commit -qm 'c.py'", ["a.py", "b.py"]),
        ("git commit -m 'one' -m 'two' src/a.py", ["a.py"]),
        ("git commit --message x -- a.py", ["a.py"]),
        ("git commit -F - a.py", ["a.py"]),
        ("git commit -am x", []),
        ("git commit --all -m x", []),
        ("git commit -qa --author 'A <a@b.c>' -m x", []),
        ("git add -u && git commit -m x", []),
        ("git add -u src a.py", []),
        ("git add -A src", ["src"]),
        *((f"git add {all_of}", None) for all_of in (
            "-A", "--all", ".", "./", "..", "../..", ":/", "*", "*.md", "'docs/**'", "-p", "-i",
            '"$FILE"', "$(git ls-files -m)", "`cat list`", "{a,b}.md", "--pathspec-from-file=x", "",
            "~/x", " ".join(f"{n}.py" for n in range(32)),
        )),
        ("git commit -p -m x", None),
        ("git -C ./web add a.py", ["a.py"]),
        ("git -C /home/dev/app commit -m x a.py", ["a.py"]),
        ("git -C ../other add a.py", None),
        ("git -C .. -c user.name=x commit -m x", None),
        ("git --git-dir ~/dots commit -am x", None),
        ("cd ../other && git add a.py && git commit -m x", None),
        ("pushd ~/dots; git commit -m x b.py; popd", None),
        ("cd web && git add a.py", ["a.py"]),
        ("git --work-tree=../other add a.py", None),
        ("git diff --name-only | xargs git add", None),
        ("git ls-files | xargs -n 5 git add -v", None),
        ("find . -name '*.py' -exec git add {} +", None),
        ('for f in a b; do git add "$f"; done; git commit -m x', None),
        ("git add a.py && git commit -m '" + "x" * 5_000 + "'", None),
    ],
)  # fmt: skip
def test_what_goes_into_a_commit(command: str, names: list[str] | None) -> None:
    expected = (0,) if names is None else (1, *map(name_hash, names))
    assert describe(command).touches == expected


@pytest.mark.parametrize(
    "command",
    [
        "git commit -m a.py", "git commit -mfixit", "git commit --amend --no-edit", HEREDOC,
        "git commit -mall -q", "git add -n a.py", "git add --dry-run .", "git add -N a.py",
        "git commit --dry-run a.py", "git push", "rm a.py && git commit -m x",
        "git -C ../other add -n a.py", "git -C ../other commit --dry-run", "git -C .. status",
    ],
)  # fmt: skip
def test_what_adds_nothing_to_a_commit(command: str) -> None:
    assert describe(command).touches == ()


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("git add a.md && rm b.md", (name_hash("b.md"), 1)),
        ("git add a.md && cat b.md", (name_hash("b.md"), 1)),
        ("git add -A; git checkout -- .", (0, 1)),
        ("rm b.md && ls", (name_hash("b.md"),)),
    ],
)
def test_what_adds_to_a_commit_beside_something_else(
    command: str, expected: tuple[int, ...]
) -> None:
    """The names are those of what it reads, reverts or removes."""
    assert describe(command).touches == expected


ALIKE = [
    ["pytest -q", "cd /x && pytest -q", "FOO=1 pytest -q 2>&1 | tail -20", "pytest -q || true",
     "sudo time  pytest  -q 2>/dev/null", "cd /a && cd /b && pytest '-q' | head | cat",
     "bash -lc 'pytest -q'"],
    ["sleep 5", "sleep 50; echo x", "sleep $N"],
    ["sleep 5; tail -5 out.log", "sleep 60 && cat out.log | grep done"],
    ["python - <<A\n1\nA"],
    ["python - <<A\n2\nA"],
    ["pytest -q a"],
    ["pytest -q > out.txt"],
    ["pytest && mypy"],
    ["pytest; mypy"],
    ["gh run watch 1", "sleep 60; gh run view 1 --json status", "sleep 9; gh run view 1 | tail"],
    ["gh run watch 2", "while true; do gh run view 2; sleep 5; done"],
    ["gh pr checks 2 --watch"],
    ["x" * 4000],
    ["x" * 4001],
]  # fmt: skip


def test_what_does_not_change_what_it_does_does_not_count() -> None:
    digests = [{describe(command).likeness for command in same} for same in ALIKE]
    assert all(len(same) == 1 for same in digests)
    assert len(set.union(*digests)) == len(ALIKE)


@pytest.mark.parametrize("command", ["cat a | head -2", "tail a", "sed -n 1p a", "pytest | tail"])
def test_a_part_is_asked_for(command: str) -> None:
    assert describe(command).partial


@pytest.mark.parametrize(
    "command",
    ["cat a; pytest", "git commit -qm x && git log --oneline | head -1", "make; tail -3 make.log"],
)
def test_a_part_of_something_else_does_not_count(command: str) -> None:
    assert not describe(command).partial


WORDS = """$( << <<EOF EOF && || >> 2>&1 sleep 3 git checkout -- rm -n sed x=1 sudo xargs timeout
do find -exec tail -f uv run bash -c python -m -C stash gh kubectl wait"""
PIECES = [*"'\"`()#|&;>\n\\\0\ud800\U000f0000\U00100000", *WORDS.split()]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["", " "]))
def test_anything_is_told(pieces: list[str], joint: str) -> None:
    assert isinstance(describe(joint.join(pieces)), Deed)
