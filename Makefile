# The words people guess. Everything runs in .venv; `make setup` makes it.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup run demo serve test lint check bench evaluation rates screenshots clean

setup: $(BIN)/pytest  ## make .venv with everything that tests and checks need

$(BIN)/pytest: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[test,lint]'
	@touch $(BIN)/pytest

run: setup  ## the monitor on your own logs
	$(BIN)/tokenwatch

demo: setup  ## the monitor on invented agents
	$(BIN)/tokenwatch demo

serve: setup  ## the demo in a browser
	$(BIN)/tokenwatch serve --demo --open

test: setup  ## the test suite
	$(BIN)/pytest

lint: setup  ## style, types, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  ## what CI runs

bench: setup  ## how fast it is, beside other programs; BENCH='--size 4GB' measures others
	$(BIN)/python -m tests.benchmarks --size 200MB 1GB --only all $(BENCH)

evaluation: setup  ## how well waste is found, on generated sessions; EVALUATION='--quick --seed 7'
	$(BIN)/python -m tests.evaluation $(EVALUATION)

rates: setup  ## make the bundled price table anew
	$(BIN)/python -m tokenwatch.pricing.generate

screenshots: setup  ## draw the pictures of the README from the demo, and record it at work
	$(BIN)/pip install --quiet --editable '.[test,lint,pictures]'
	$(BIN)/python -m tests.draw
	$(BIN)/python -m tests.record

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
