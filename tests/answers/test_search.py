"""Prompts by their words: as if every log had been decoded, and nothing of them is kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cases
from tokenwatch.answers import search as answers
from tokenwatch.answers.search import matching_turns, search
from tokenwatch.errors import NotFound
from tokenwatch.sources import source
from tokenwatch.sources.search import holding, wanted
from tokenwatch.store import sessions as stored
from tokenwatch.store.prompts import latest_prompted, prompted
from tokenwatch.store.turns import turns


def prompts_of(desk: cases.Desk) -> dict[str, list[str]]:
    """Return the words of all prompts by session, every log decoded line by line."""
    found: dict[str, list[str]] = {}
    for session in latest_prompted(desk.ledger, None, 1000):
        texts = found.setdefault(session.id, [])
        for place in session.prompts:
            lines = Path(place.path).read_bytes().split(b"\n")
            text = source(session.source).prompt_at(lines[place.line - 1])
            assert text is not None
            texts.append(" ".join(text.split()).lower())
    return found


def everything(desk: cases.Desk, *terms: str) -> dict[str, frozenset[str]]:
    """Search until all sessions have been looked through."""
    found: dict[str, frozenset[str]] = {}
    looked = search(desk.moment(), terms=terms)
    while True:
        assert not found.keys() & dict(looked.sessions).keys()
        found |= dict(looked.sessions)
        if looked.behind is None:
            return found
        looked = search(desk.moment(), terms=terms, behind=looked.behind)


@pytest.mark.parametrize("case", cases.NAMES)
def test_every_prompt_is_found_by_its_words(sandbox: Path, case: str) -> None:
    desk = cases.read(cases.copy(case, sandbox))
    prompts = prompts_of(desk)
    assert any(prompts.values())
    terms = {text[:40].strip() for texts in prompts.values() for text in texts if text}
    terms |= {text[-7:].strip().upper() for texts in prompts.values() for text in texts if text}
    terms |= {"no prompt says this"}
    found = everything(desk, *sorted(terms))
    for session, texts in prompts.items():
        wants = {term for term in terms if any(term.lower() in text for text in texts)}
        assert found[session] == wants
    desk.close()


@pytest.mark.parametrize("case", cases.NAMES)
def test_a_prompt_is_known_by_its_title(sandbox: Path, case: str) -> None:
    desk = cases.read(cases.copy(case, sandbox))
    for session, texts in prompts_of(desk).items():
        titles = desk.ledger.sql.execute(
            "SELECT p.title FROM sessions s JOIN agents a ON a.session = s.key"
            " JOIN prompts p ON p.agent = a.key WHERE s.id = ? ORDER BY p.at_ms, p.line",
            (session,),
        ).fetchall()
        for (title,), text in zip(titles, texts, strict=True):
            assert text.startswith(title.rstrip("…").strip().lower()[:60])
    desk.close()


@pytest.mark.parametrize("case", cases.NAMES)
def test_turns_of_prompts(sandbox: Path, case: str) -> None:
    desk = cases.read(cases.copy(case, sandbox))
    for session, texts in prompts_of(desk).items():
        key = stored.keys_of(desk.ledger, [session])
        known = {turn.id for turn in turns(desk.ledger, key[0])} if key else set()
        for text in texts:
            held = matching_turns(desk.moment(), session_id=session, words=text[:60].strip())
            assert held and held <= known
        # A prompt that began a turn is that turn's.
        for place in prompted(desk.ledger, key[0]).prompts if key else ():
            every = matching_turns(desk.moment(), session_id=session, words="")
            assert place.id in every or place.id not in known
    with pytest.raises(NotFound):
        matching_turns(desk.moment(), session_id="nobody", words="x")
    desk.close()


def test_logs_that_are_gone_are_counted(sandbox: Path) -> None:
    home = cases.copy("claude-2.1.330/interactive", sandbox)
    desk = cases.read(home)
    words = next(text for texts in prompts_of(desk).values() for text in texts)[:20].strip()
    assert any(everything(desk, words).values())
    shutil.rmtree(home / ".claude")
    looked = search(desk.moment(), terms=(words,))
    assert looked.gone and not any(found for _, found in looked.sessions)
    ids = [session for session, _ in looked.sessions]
    assert not matching_turns(desk.moment(), session_id=ids[0], words=words)
    desk.close()


def test_parts_cover_all_sessions_once(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for case in ("claude-2.1.330/interactive", "claude-2.1.330/compact", "codex-0.169.0/fork"):
        cases.copy(case, sandbox)
    desk = cases.read(sandbox)
    whole = everything(desk, "e")
    monkeypatch.setattr(answers, "PART_SESSIONS", 2)
    assert everything(desk, "e") == whole
    monkeypatch.setattr(answers, "PART_BYTES", 1)
    assert everything(desk, "e") == whole
    assert len(whole) > 2
    desk.close()


def _packed(path: Path) -> Path:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd
    packed = path.with_suffix(path.suffix + ".zst")
    packed.write_bytes(zstd.compress(path.read_bytes()))
    return packed


def claude_line(text: str, *, ascii_only: bool) -> str:
    """Return a prompt's line as a client writes it."""
    record = {"type": "user", "uuid": "u", "message": {"role": "user", "content": text}}
    return json.dumps(record, ensure_ascii=ascii_only)


TEXTS = st.text(st.sampled_from('aB z"\\/<>&\n\té語🙂ß-_.:'), min_size=1, max_size=20)


@given(
    st.lists(TEXTS, min_size=1, max_size=8), st.booleans(), TEXTS, st.sampled_from([7, 60, 4096])
)
def test_bytes_tell_as_much_as_decoding(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    ascii_only: bool,
    term: str,
    stretch: int,
) -> None:
    path = tmp_path_factory.mktemp("log") / "a.jsonl"
    lines = [claude_line(text, ascii_only=ascii_only) for text in texts]
    path.write_text("".join(f"{line}\n" for line in lines))
    numbers = {n for n in range(1, len(texts) + 1) if n % 3}

    def read(line: bytes) -> str:
        return str(json.loads(line)["message"]["content"])

    def plain(text: str) -> str:
        return " ".join(text.split()).lower()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tokenwatch.sources.tail.STRETCH_BYTES", stretch)
        found = dict(holding(str(path), numbers, [wanted(term)], read))
    expected = {n for n in numbers if plain(term) in plain(texts[n - 1])}
    assert found == dict.fromkeys(expected, frozenset({term}))
    assert dict(holding(str(_packed(path)), numbers, [wanted(term)], read)) == found


def test_a_log_that_is_damaged_is_an_oserror(tmp_path: Path) -> None:
    broken = tmp_path / "a.jsonl.zst"
    broken.write_bytes(b"no zstd at all")
    with pytest.raises(OSError, match="damaged"):
        list(holding(str(broken), {1}, [wanted("x")], lambda line: None))
