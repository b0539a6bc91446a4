"""What a start costs: pricing a known model imports no library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from tokenwatch.pricing import Priceable, PriceBook
book = PriceBook()
assert book.version
for model in ("claude-opus-5-5", "gpt-6.1-sol", "us.anthropic.claude-opus-5", "codex-auto-review"):
    book.rates(
        Priceable(source="codex", model=model, at_ms=1_790_000_000_000, context_tokens=9, geo="us")
    )
    assert book.context_limit(model, 1_790_000_000_000)
heavy = {"genai_prices", "pydantic", "httpx", "httpx2", "rich", "textual", "importlib.metadata"}
print(sorted(heavy & sys.modules.keys()))
"""


def test_pricing_a_known_model_imports_no_library(tmp_path: Path) -> None:
    own = {name: str(tmp_path) for name in ("HOME", "TOKENWATCH_DATA_DIR", "TOKENWATCH_CONFIG_DIR")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env={**os.environ, **own}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
