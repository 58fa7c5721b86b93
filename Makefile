# shirushi: `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint fmt bench bench-describe bench-forms bench-instruments bench-profile bench-store bench-files bench-upload fuzz kill soak messages examples docs lock chromium clients client-programs bench-repository fuzz-api s3 postgres test-postgres clean

PYTHON ?= python3
PORT ?= 8000
SHIRUSHI_HOME ?= $(CURDIR)/.shirushi
export SHIRUSHI_HOME
# Images of containers often set it: every process then compiles a thousand modules again, which is more than half of its start.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
TESTS ?=
MINUTES ?= 10
EXAMPLES ?= 200

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: .venv/.run ## the environment that running needs (.venv)

setup-dev: .venv/.dev ## the environment that tests and checks need as well

.venv/.run: requirements/run.txt requirements/uv.txt pyproject.toml scripts/setup.sh
	@PYTHON=$(PYTHON) scripts/setup.sh run

.venv/.dev: requirements/dev.txt requirements/uv.txt pyproject.toml scripts/setup.sh
	@PYTHON=$(PYTHON) scripts/setup.sh dev

run: setup ## start shirushi with the sample folders: make run PORT=8123 SHIRUSHI_HOME=/some/dir
	@exec $(BIN)/shirushi run --demo --port $(PORT)

test: setup-dev chromium client-programs s3 postgres lint ## every check and every test, in as many processes as there are cores: make test TESTS=src/shirushi/storage
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)
	[ -n "$(TESTS)" ] || $(BIN)/python scripts/postgres.py $(BIN)/python -m pytest -q $(ON_POSTGRES)

# What differs between the databases, and one kill; `make test` runs it, `make test-postgres` everything that asks a database.
ON_POSTGRES := src/shirushi/core/tests/test_event_order.py src/shirushi/core/tests/test_followers.py src/shirushi/core/tests/test_publishing.py \
	src/shirushi/core/tests/test_kill.py::test_processes_that_race_change_a_draft_once_and_publish_it_once \
	src/shirushi/core/tests/test_kill.py::test_undisturbed_run_reaches_every_named_place
ASK_A_DATABASE := src/shirushi/core src/shirushi/accounts src/shirushi/forms src/shirushi/systems src/shirushi/web src/shirushi/cli tests

test-postgres: setup-dev chromium client-programs s3 postgres ## the same tests on PostgreSQL, those that ask a database: make test-postgres TESTS=src/shirushi/core
	$(BIN)/python scripts/postgres.py $(BIN)/python -m pytest $(or $(TESTS),$(ASK_A_DATABASE))

kill: setup-dev s3 ## the tests that kill processes, at every step they take
	SHIRUSHI_KILL_ALL=1 $(BIN)/python -m pytest src/shirushi/core/tests/test_kill.py src/shirushi/storage/tests/test_crash.py src/shirushi/storage/tests/test_s3_crash.py

lint: setup-dev ## style, types and floors
	$(BIN)/ruff check src bench scripts tests conftest.py
	$(BIN)/ruff format --check src bench scripts tests conftest.py
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: setup-dev ## rewrite to the house style
	$(BIN)/ruff check --fix src bench scripts tests conftest.py
	$(BIN)/ruff format src bench scripts tests conftest.py

bench: setup-dev ## every benchmark; results and their commands stand in docs/benchmarks.md
	scripts/bench.sh

bench-describe: setup-dev ## the describe benchmark beside its peers
	$(BIN)/python bench/describe.py

bench-forms: setup-dev ## forms filled from ten folders, beside what a person wrote
	$(BIN)/python bench/forms.py

bench-instruments: setup-dev ## instrument exports in the standard form, and what their own words say
	$(BIN)/python bench/instruments.py

bench-profile: setup-dev ## what a large table, starting and each reader cost
	$(BIN)/python bench/profile.py

bench-store: setup-dev s3 ## keeping files, in a folder and on an S3 server, beside cp and sha256sum
	$(BIN)/python bench/store.py

bench-files: setup-dev ## a record of 100,000 files: publishing it, and what each page of it costs
	$(BIN)/python bench/many_files.py

bench-repository: setup-dev ## what the repository costs, beside its bars: record JSON and page, OAI-PMH, 100,000 files, upload; one table
	$(BIN)/python bench/repository.py

bench-upload: setup-dev ## a large file over HTTP beside cp and sha256sum
	$(BIN)/python bench/upload.py

fuzz: setup-dev ## damage files for ten minutes and read them: make fuzz MINUTES=1
	$(BIN)/python scripts/fuzz.py --minutes $(MINUTES)

fuzz-api: setup-dev ## made-up requests to every operation of REST, by schemathesis and over HTTP: make fuzz-api EXAMPLES=50
	$(BIN)/python scripts/fuzz_api.py --examples $(EXAMPLES)

soak: setup-dev postgres ## mixed load with kills, a full and a slow disk on PostgreSQL; then nothing may be missing: make soak MINUTES=30
	$(BIN)/python scripts/postgres.py --safe $(BIN)/python scripts/soak --minutes $(MINUTES)

messages: setup-dev ## collect the words of the interface and compile their translations
	scripts/messages.sh

examples: setup-dev ## make the sample folders again
	$(BIN)/python scripts/make_examples.py examples

docs: setup-dev ## write docs/reference again from the code
	$(BIN)/python scripts/make_reference.py docs/reference

lock: ## pin the dependencies anew (needs the network)
	@scripts/lock.sh

clients: client-programs s3 ## every client of others at work on a running server: InvenioRDM's, OAI-PMH, MCP, tus, Signposting, DOI, RO-Crate, Croissant, OCFL
	$(BIN)/python -m pytest -m clients

client-programs: setup-dev ## install other people's programs that the tests speak with, each in an environment of its own
	@scripts/clients.sh

chromium: ## Debian's Chromium for the browser tests; says so and goes on where it cannot be installed
	@scripts/chromium.sh

s3: ## the S3 server that the tests of the store need (needs Go); says so and goes on where it cannot be built
	@scripts/s3.sh

postgres: setup-dev ## the programs of PostgreSQL, where none are installed; says so and goes on where they cannot be had
	@scripts/postgres.sh

clean: ## remove the environment and caches, never the data
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
