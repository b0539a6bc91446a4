"""How prompts begin: from the ledger where it keeps that, else from their logs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tokenwatch.format import one_line
from tokenwatch.sources import source
from tokenwatch.sources.search import lines_at
from tokenwatch.store import prompts
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.prompts import Begun

LENGTH = 80


def quotes(ledger: Ledger, ids: Iterable[str]) -> Mapping[str, str]:
    """Return the beginnings of prompts by their id; those whose log is gone may be missing."""
    found: dict[str, str] = {}
    unkept: dict[tuple[str, str], list[Begun]] = defaultdict(list)
    for prompt in prompts.begun(ledger, sorted(set(ids))):
        if prompt.title:
            found[prompt.id] = prompt.title
        else:
            unkept[prompt.source, prompt.path].append(prompt)
    for (name, path), missing in unkept.items():
        by_line = {prompt.line: prompt.id for prompt in missing}
        try:
            for number, line in lines_at(path, by_line):
                text = source(name).prompt_at(line)
                if text:
                    found[by_line[number]] = one_line(text, LENGTH)
        except OSError:
            continue
    return found
