# The dev loop: `make check` runs everything that CI runs on a checkout. Needs an environment with `pip install -e '.[dev]'`.
.PHONY: check check-style format test

check: check-style test

check-style:
	ruff format --check .
	ruff check .
	mypy
	lint-imports

format:
	ruff format .
	ruff check --fix .

test:
	pytest
