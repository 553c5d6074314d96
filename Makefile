# What people type. The work is in scripts/, so that it can be read, run and tried one by one.
#   make run ARGS='--listen 0.0.0.0:8080'      make test ARGS='-p bulq-domain'

ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test check web web-check web-e2e golden bench schemathesis autobahn clean

help: ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 16

setup: ## install what running, testing and checking need
	@scripts/setup test
	@scripts/setup check

run: ## build the server and start it with demo data in ./data
	@scripts/run $(ARGS)

test: ## run every test; starts a PostgreSQL of its own
	@scripts/test $(ARGS)

check: ## format, lints, dependencies, secrets, golden files
	@scripts/check $(ARGS)

web: ## build the browser app; the next build of the server carries it
	@scripts/web build

web-check: ## generated code, format, types, tests and size of the browser app
	@scripts/web check

web-e2e: ## the browser app against the real server, in Chromium
	@scripts/web e2e $(ARGS)

golden: ## write the golden files anew
	@scripts/golden

bench: ## measure everything and write docs/performance.md; ARGS=quick tries it, ARGS=core is criterion, ARGS="load …" one scenario
	@scripts/bench $(ARGS)

schemathesis: ## hold the server to its own OpenAPI document (schemathesis, needs python3)
	@scripts/schemathesis $(ARGS)

autobahn: ## the Autobahn testsuite against the framing of the live connection (needs a Python 2.7)
	@scripts/autobahn

clean: ## remove what was built; ./data stays
	cargo clean
