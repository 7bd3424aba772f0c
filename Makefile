# Everything runs in .local/: environments, engine, state, emulator. Of the home folder only pip's own cache is used.
PYTHON ?= python3
ROLE ?= deployer
ARGS ?=

run := $(PYTHON) -m local.environments
run_project := $(PYTHON) -m local.environments --project-only
source := __main__.py access app bench components local policies tests

.DEFAULT_GOAL := help
.PHONY: help setup demo up preview env access status down test test-fast soak bench linters lint format clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { gsub(/[$$][$$]/, "$$", $$2); printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the environments and get the Pulumi engine
	@$(run) python -m local setup

demo: ## Deploy to the local AWS, publish and consume real predictions, prove who may do what
	@$(run) python -m local demo

up: ## Start the local AWS and deploy the stack to it
	@$(run) python -m local up

preview: ## Show what `make up` would change
	@$(run) python -m local preview

env: ## Print a session's exports: eval "$$(make -s env ROLE=producer)"
	@$(run) python -m local env $(ROLE)

access: ## Say who may do what with the local stack's queues (ARGS="--check", "--observed", "--format html --output a.html")
	@ACCESS_STATE=.local/state/.pulumi/stacks/retainwise/local.json ACCESS_EVENTS=.local/emulator/decisions.jsonl \
		ACCESS_APPLICATION=retainwise-predictions $(run_project) python -m access $(ARGS)

status: ## Say what runs and what the stack's outputs are
	@$(run) python -m local status

down: ## Destroy the local stack and stop the local AWS
	@$(run) python -m local down

test: setup ## Run all tests (ARGS="-k lease" to choose)
	@$(run) python -m tests.access.differential.iam_simulate.installation
	@$(run) python -m pytest -n 2 $(ARGS)

test-fast: ## Run the tests that need neither engine nor emulator
	@$(run_project) python -m pytest -n 2 -m "not engine and not emulator" $(ARGS)

bench: ## Measure what things cost (quiet machine, please; ARGS="publish consume" to choose)
	@$(run) python -m bench $(ARGS)

linters: ## Get the linters of workflows and of IAM documents (half a minute, 300 MB, once)
	@$(run_project) python -m local.linters setup

lint: ## Check style, format, types and workflows
	@$(run_project) ruff check .
	@$(run_project) ruff format --check .
	@$(run_project) mypy $(wildcard $(source) .github/scripts/*.py)
	@$(run_project) python -m local.linters workflows

format: ## Mend style and format
	@$(run_project) ruff check --fix .
	@$(run_project) ruff format .

clean: ## Stop the local AWS and remove .local/
	@$(PYTHON) -m local.cleaning
