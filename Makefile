# Carryover from a fresh clone: `make demo` shows it, `make test` proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help venv lock docs pictures gallery mails demo up down status token queues jobs parked replay why logs read openapi examples released asyncapi flow texts language test chaos slow test-fast lint fix bench bench-viewers compose-test clean propose score-mapping score-headers

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/.made-from-lock

ARGS ?=
FILES ?= -
# processes that test side by side, each with servers of its own
TESTERS ?= 2
FIRM ?= demo
ROLE ?= owner
LOCALE ?= en
PERMISSIONS ?=
SERVICE ?=
JOB ?=
RUN := .local/run-$(or $(PORT),8080)
OPERATE = set -a; [ ! -f $(RUN)/env ] || . $(RUN)/env; set +a; $(PY) -m deploy.operating
export PORT
# what the guide is made of: pages, guides of other folders, and declarations
GUIDE_SOURCES := mkdocs.yml CHANGELOG.md client/README.md deploy/README.md deploy/RUNBOOK.md deploy/example.env \
  $(shell find docs tools/guide shared/contract -type f -not -path '*/__pycache__/*')
# a guide that cannot be built keeps no system from starting
WITH_GUIDE = $(MAKE) -s docs || echo 'The guide could not be built; the system runs without the newest one.' >&2

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(STAMP)  ## the Python environment in .venv (made by itself when needed)

$(STAMP): requirements.lock deploy/local/make-venv
	@deploy/local/make-venv $(VENV) >&2
	@touch $@

lock: venv  ## write the lock files anew from pyproject.toml: versions stay where they fit (ARGS=--upgrade: the newest)
	@$(BIN)/uv pip compile -q --python-version 3.11.0 --generate-hashes --no-header --extra dev $(ARGS) pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --python-version 3.11.0 --generate-hashes --no-header --extra mail-catcher --no-annotate -c requirements.lock pyproject.toml -o deploy/requirements.lock
	@$(BIN)/uv pip compile -q --python-version 3.11.0 --generate-hashes --no-header --extra guide --no-annotate -c requirements.lock pyproject.toml -o deploy/guide.lock

docs: venv site/index.html  ## the guide, which the system serves under /docs; a wrong link fails
	@:

site/index.html: $(GUIDE_SOURCES) $(STAMP)
	@$(PY) -m tools.guide.build

pictures: venv  ## the pictures of the guide, with Chromium, of the system on PORT (8080)
	@$(PY) -m tools.guide.pictures

gallery: venv  ## pictures of every page and mail of the system on PORT (8080), and what is wrong with them
	@$(PY) -m tools.gallery

mails: venv  ## every mail in every language, in .local/mails
	@$(PY) -m tools.gallery.mails

demo: venv  ## the whole system with a sample list going through it; ends with Ctrl-C (ARGS=--once: by itself)
	@$(WITH_GUIDE)
	@$(PY) -m deploy.local.system demo $(ARGS)

up: venv  ## the whole system in the background on PORT (8080)
	@$(WITH_GUIDE)
	@$(PY) -m deploy.local.system up

down: venv  ## end the system on PORT (8080)
	@$(PY) -m deploy.local.system down

status: venv  ## what runs on PORT (8080)
	@$(PY) -m deploy.local.system status

token: venv  ## a token for the API, and how a service begins (make -s: the token alone): FIRM=demo ROLE=owner LOCALE=en PERMISSIONS=…
	@$(PY) -m deploy.local.system token --firm '$(FIRM)' --role '$(ROLE)' --locale '$(LOCALE)' --permissions '$(PERMISSIONS)' $(if $(findstring s,$(firstword -$(MAKEFLAGS))),--quiet)

queues: venv  ## messages and consumers of each queue of the system on PORT (8080)
	@$(OPERATE) queues $(ARGS)

jobs: venv  ## jobs under way, and those that wait too long
	@$(OPERATE) jobs $(ARGS)

why: venv  ## why a job is where it is: JOB=<its id>
	@$(OPERATE) why '$(JOB)' $(ARGS)

parked: venv  ## messages set aside, with reasons: SERVICE=validator, or of all
	@$(OPERATE) parked $(SERVICE) $(ARGS)

replay: venv  ## send parked messages to their step again: SERVICE=validator, or of all
	@$(OPERATE) replay $(if $(SERVICE),--service $(SERVICE),--all) $(ARGS)

logs: venv  ## the logs of the system on PORT (8080)
	@tail -n 100 $(wildcard $(RUN)/*.log) $(wildcard $(RUN)/*/*.log)

read: venv  ## how files are read, a JSON line each: FILES="a.csv b.xlsx", or FILES=- for paths on standard input
	@$(PY) -m tools.read_file $(FILES)

openapi: venv  ## write shared/contract/openapi.json anew from the routes
	@$(PY) -m deploy.openapi > shared/contract/openapi.json.new && mv shared/contract/openapi.json.new shared/contract/openapi.json

examples: venv  ## record the examples of the API anew, by one walk through the calls on servers of its own
	@RECORD_EXAMPLES=1 $(PY) -m pytest -q -p no:cacheprovider tests/integration/test_examples.py -k answers_as_its_example
	@$(MAKE) -s openapi asyncapi

released: venv  ## keep what callers of this version rely on; a test compares later versions with it (docs/versioning.md)
	@$(PY) -m tools.release_contract

asyncapi: venv  ## write shared/contract/asyncapi.json anew from the messages and events
	@$(PY) -m deploy.asyncapi > shared/contract/asyncapi.json.new && mv shared/contract/asyncapi.json.new shared/contract/asyncapi.json

flow: venv  ## write docs/FLOW.md and the table of the README anew from the steps
	@$(PY) -m tools.flow

texts: venv  ## bring new and changed texts of the code into the catalogues of all languages
	@$(PY) -m tools.texts

language: venv  ## begin a language, with empty catalogues to be translated: LANG=de
	@$(if $(filter command line,$(origin LANG)),LANG=C.UTF-8 $(PY) -m tools.texts '$(LANG)',echo 'Say which: make language LANG=de' >&2; false)

test: venv  ## the tests, with servers of their own (ARGS: for pytest); of each fault one variant
	$(PY) -m pytest -m "not long" -n $(TESTERS) $(ARGS)

chaos: venv  ## all faults in all variants, and properties that work on servers with many examples: half an hour
	EXAMPLES=$${EXAMPLES:-4} $(PY) -m pytest tests/chaos $$(grep -lrE 'examples\(|@quick\(' --include='test_*.py' tests/integration) $(ARGS)

slow: venv  ## further tests of servers, viewers, cuts, webhooks and pages that `make test` leaves out, some two minutes
	$(PY) -m pytest -m long tests/browser tests/integration tests/pipeline $(ARGS)

test-fast: venv  ## the tests that need no server, under a minute
	$(PY) -m pytest -q tests/unit tests/architecture -n $(TESTERS) $(ARGS)

lint: venv  ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: venv  ## what ruff can set right by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: venv  ## measure against one plain process (ARGS: for bench.run)
	$(PY) -m bench.run $(ARGS)

bench-viewers: venv  ## 2,000 people follow 50 jobs: what it costs them and all others (ARGS=--viewers=500)
	$(PY) -m bench.viewers $(ARGS)

propose: venv  ## what would be mapped to what, without a server: FILES="a.csv b.xlsx", or FILES=- for paths on stdin
	@$(PY) -m tools.propose_mapping $(FILES)

score-mapping: venv  ## score proposals on labelled header rows: DIR=<folder of JSON files>
	@$(PY) -m tools.score_mapping $(DIR) $(ARGS)

score-headers: venv  ## score proposals on generated headers of lists that nobody has seen (ARGS=--wrong)
	@$(PY) -m tools.score_headers $(ARGS)

compose-test: venv  ## the containers of docker-compose.yml, with the sample list going through them
	deploy/compose-test/run

clean:  ## remove what was made here: environment, caches, data of ended systems
	@for port in $$(ls .local 2>/dev/null | sed -n 's/^run-//p'); do [ ! -x $(PY) ] || PORT=$$port $(PY) -m deploy.local.system down; done
	rm -rf $(VENV) .local site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
