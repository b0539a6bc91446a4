"""Which files may be extras that nobody asked for, by their names and by the words of prompts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from zlib import crc32

from tokenwatch.analysis.waste.history import Prompt

MOST_TOKENS = 64
"""Words of a prompt that `Wording.tokens` holds at most: of more, the rest is not known."""
_REPORT = re.compile(
    r"(?:^|[-_. ])(?:summary|report|changes|implementation|notes|guide|complete[d]?|completion|"
    r"fix(?:es)?|results?|overview|status|progress|refactoring|quick[-_ ]?start|walkthrough)"
    r"(?:$|[-_. ])",
    re.I,
)
_KEPT = re.compile(r"(?:^|[-_. ])(?:claude|agents|gemini|memory|plan|todo|spec|skill)", re.I)
"""Documents that agents and their users work with."""
_SCRIPT = re.compile(
    r"^(?:(?:test|demo|example|quick|temp|tmp|debug|try|verify|check)(?:[-_.].*)?"
    r"|.*[-_](?:demo|example|temp|debug))"
    r"\.(?:py|js|mjs|ts|sh|rb|go|php|ps1)$",
    re.I,
)
_TRIED = re.compile(r"^tests?[-_.]", re.I)
"""Scripts that a runner of tests finds by itself: nobody can tell whether they were run."""
_TESTS = re.compile(r"(?:^|/)(?:tests?|specs?|__tests__|e2e|fixtures)/", re.I)
_DOCUMENT = re.compile(r"\.(?:md|markdown)$", re.I)
_DOCUMENT_WORDS = """
report reports summary summaries summarize summarise summarized document documents documentation
docs doc guide readme notes note plan plans changelog writeup write-up markdown md spec proposal
analysis walkthrough handover checklist memo article draft informe resumen documento documentación
documentacion documentar documenta guía guia notas análisis bericht zusammenfassung dokument
dokumentation dokumentiere dokumentieren anleitung notizen übersicht rapport résumé resume documente
documenter compte-rendu relatório relatorio resumo documentação documentacao rapporto relazione
riassunto riepilogo documentazione guida appunti отчёт отчет сводка сводку резюме документ
документацию документация документируй руководство заметки план обзор
报告 總結 总结 文档 文檔 说明 說明 摘要 笔记 計劃 计划 報告 要約 文書 資料 説明 手順
まと レポ ドキ メモ
"""
_SCRIPT_WORDS = """
script scripts test tests testing tested example examples demo demos sample prototype benchmark poc
spike reproduce repro try experiment debug prueba pruebas ejemplo ejemplos guion teste testes
exemplo exemplos beispiel beispiele skript skripte testen exemple exemples essai esempio esempi
prova prove скрипт скрипты тест тесты тестов пример примеры демо 脚本 腳本 测试 測試 示例 例子 演示
スク テス サン デモ 例を
"""


def _hashed(words: str) -> frozenset[int]:
    return frozenset(crc32(word.encode()) & ~1 for word in words.split())


DOCUMENT_WORDS = _hashed(_DOCUMENT_WORDS)
SCRIPT_WORDS = _hashed(_SCRIPT_WORDS)
"""Hashes, as in `Wording.tokens`, of words by which a document or a script is asked for; of Chinese
and Japanese the pairs of characters."""
_TOLD = ("latin", "cyrillic", "han", "kana")
"""Scripts whose words those are. Of others nobody can tell here what a prompt asks for."""


def wants(prompts: Iterable[Prompt]) -> tuple[bool, bool]:
    """Tell whether prompts may ask for a document and for a script; what can't be told is a yes."""
    document = script = False
    for prompt in prompts:
        wording = prompt.wording
        plain = {token & ~1 for token in wording.tokens}
        tokens = len(wording.tokens)
        is_unknown = wording.script not in _TOLD or tokens >= MOST_TOKENS
        document |= is_unknown or not DOCUMENT_WORDS.isdisjoint(plain)
        script |= is_unknown or not SCRIPT_WORDS.isdisjoint(plain)
    return document, script


def base(path: str) -> str:
    """Return a path's last name."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def stem(path: str) -> str:
    """Return the same without its ending."""
    name = base(path)
    return name.rsplit(".", 1)[0] or name


def is_script(path: str) -> bool:
    """Tell whether it is named like a script to try something, outside folders for tests."""
    return bool(_SCRIPT.match(base(path))) and not _TESTS.search(path.replace("\\", "/"))


def is_document(path: str) -> bool:
    """Tell whether it is a Markdown document that nobody works with."""
    return bool(_DOCUMENT.search(path)) and not _KEPT.search(stem(path))


def is_report(path: str) -> bool:
    """Tell whether it is a document named like a summary or a report."""
    return not is_script(path) and _REPORT.search(stem(path)) is not None


def is_text(path: str) -> bool:
    """Tell whether it is any Markdown document."""
    return bool(_DOCUMENT.search(path))


def is_run_by_name(path: str) -> bool:
    """Tell whether it is a script that a runner of tests finds by itself."""
    return bool(_TRIED.search(base(path)))
