"""Codex' `notify` in config.toml: ours comes out, and nothing that only looks like it."""

from __future__ import annotations

import pytest

from tokenwatch.clients.codex_hooks import notify, with_notify, without_notify
from tokenwatch.clients.json_text import JsonTextError

TEXTS = [
    'notify_sound = "x"\n',
    "[tui]\nnotify = false\n",
    "[tui]\nnotify = ['tokenwatch', 'hooks', 'notify']\n# notify = 1\n",
    'a = """\nnotify = 1\n"""\r\n[b]\r\nnotify = [\r\n  1\r\n]\r\n',
]


@pytest.mark.parametrize("text", TEXTS)
def test_only_ours_comes_out(text: str) -> None:
    put = with_notify(text)
    assert notify(put) is not None
    assert without_notify(put, None) == text
    assert without_notify(text, None) == text


def test_ours_is_found_where_the_client_moved_it() -> None:
    line = with_notify("").replace("\n", "")
    text = f'model = "x"\n  {line}  # mine\n[tui]\nnotify = true\n'
    assert without_notify(text, None) == 'model = "x"\n[tui]\nnotify = true\n'


def test_ours_on_several_lines_is_named() -> None:
    text = with_notify("a = 1\n").replace("[", "[\n", 1)
    with pytest.raises(JsonTextError, match="take it out yourself"):
        without_notify(text, None)
