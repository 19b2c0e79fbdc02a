# `make run` starts Giuria; `make test` tests it. Both install what they need first. `make help` names the rest.

SHELL := /bin/sh
BIN := .venv/bin
PYTEST := $(BIN)/pytest -q
MESSAGES := locale/it/LC_MESSAGES/django.mo
LOCK := uv.lock requirements.txt requirements-dev.txt tools/install.sh

# What checks need of the settings, without touching var/.
BARE := GIURIA_VAR=$(CURDIR)/.venv/var GIURIA_SECRET_KEY=only-for-checks DATABASE_URL=sqlite://:memory: GIURIA_EMBEDDED=1
PRODUCTION := GIURIA_EMBEDDED=0 DATABASE_URL=postgres://giuria@db.example.org/giuria \
	REDIS_URL=redis://redis.example.org:6379/0 EMAIL_URL=smtp://mail.example.org:25 \
	GIURIA_SITE_URL=https://giuria.example.org GIURIA_HOSTS=giuria.example.org GIURIA_VAR=$(CURDIR)/.venv/var \
	GIURIA_SECRET_KEY=not-a-secret-but-longer-than-fifty-characters-and-varied-0123456789

.PHONY: help setup run test test-long drills mutants e2e bench check lint types imports templates migrations texts schema-check \
	requirements deploy-check architecture lock messages schema clean

help:
	@echo "make run        start Giuria with demo data on http://127.0.0.1:8000 (another port: GIURIA_PORT=9000)"
	@echo "make test       every test but those in a browser, on PostgreSQL, then the embedded pass on SQLite"
	@echo "make test-long  the same tests at their long sizes"
	@echo "make drills     bring known mistakes into a copy of the tree; the tests must notice each"
	@echo "make mutants    change the scoring core in 1,800 small ways; the engine's tests must notice"
	@echo "make e2e        the tests in a browser (needs chromium)"
	@echo "make check      linters, types, import rules, templates, migrations, texts, schema, requirements"
	@echo "make bench      the measured budgets"
	@echo "make lock       lock the dependencies and export the requirements (needs uv)"
	@echo "make messages   take the texts out of the code into the Italian catalogue"
	@echo "make schema     write docs/openapi.yaml, and the refusals in docs/api.md"
	@echo "make clean      remove what can be made again; data in var/ stays"

setup: .venv/.dev $(MESSAGES)

.venv/.runtime: $(LOCK)
	@sh tools/install.sh runtime
	@touch $@

.venv/.dev: $(LOCK)
	@sh tools/install.sh dev
	@touch .venv/.runtime $@

$(MESSAGES): $(MESSAGES:.mo=.po) | .venv/.runtime
	@$(BIN)/python tools/messages.py compile

run: .venv/.runtime $(MESSAGES)
	@$(BIN)/python manage.py up

test: setup
	@begun=$$(date +%s); failed=; \
	$(PYTEST) -n 2 --dist worksteal || failed=" PostgreSQL"; \
	GIURIA_TEST_DB=sqlite $(PYTEST) -n 2 --dist worksteal -m sqlite || failed="$$failed SQLite"; \
	seconds=$$(($$(date +%s) - begun)); \
	if [ -n "$$failed" ]; then echo "make test: FAILED on$$failed, after $$seconds s"; exit 1; fi; \
	echo "make test: passed on PostgreSQL and on SQLite in $$seconds s"

test-long: setup
	@GIURIA_TEST_SIZE=long $(PYTEST) -n 2 --dist worksteal --durations=25

drills: setup
	@$(BIN)/python -m tests.security.drills

mutants: setup
	@$(BIN)/python tools/mutants.py

e2e: setup
	@$(PYTEST) -m browser

bench: setup
	@$(BIN)/python -m benchmarks.scoring
	@$(BIN)/python -m benchmarks

check: lint types imports templates migrations texts schema-check requirements deploy-check architecture
	@echo "make check: passed"

lint: setup
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet

types: setup
	@$(BARE) $(BIN)/mypy --no-error-summary

imports: setup
	@$(BIN)/lint-imports --no-logo >.venv/imports.log || { cat .venv/imports.log; exit 1; }

templates: setup
	@$(BIN)/djlint --quiet --lint templates

migrations: setup
	@$(BARE) $(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0

texts: setup
	@$(BIN)/python tools/messages.py check

schema-check: setup
	@$(BARE) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file .venv/openapi.yaml
	@diff -u docs/openapi.yaml .venv/openapi.yaml || { echo "the API has changed: make schema"; exit 1; }
	@$(BARE) $(BIN)/python tools/refusals.py check

requirements: setup
	@$(BIN)/python tools/requirements.py check

deploy-check: setup
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

architecture: setup
	@$(PYTEST) --no-header tests/architecture

lock:
	@uv lock
	@PATH="$(CURDIR)/$(BIN):$$PATH" python3 tools/requirements.py export

messages: setup
	@$(BIN)/python tools/messages.py extract

schema: setup
	@$(BARE) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml
	@$(BARE) $(BIN)/python tools/refusals.py write

clean:
	@rm -rf .venv $(MESSAGES) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
