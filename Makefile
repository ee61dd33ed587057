# Everything that one does with a checkout of Hearth. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh

HEARTH := npx --no-install hearth
INSTALLED := node_modules/.package-lock.json
PAGE := packages/web/dist/index.html
PAGE_SOURCES := $(shell find packages/web packages/sdk/src packages/wire/src -type f -not -path "*/dist/*" -not -path "*/node_modules/*" 2>/dev/null)

.PHONY: help setup start dev demo train status stop logs doctor test peers bench lint format type-check ember examples gpu clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) $(PAGE) ## Install the dependencies, with the pinned Node, and build the page

# npm's own record of what is installed is newer than the lock file when nothing is to do.
$(INSTALLED): package.json package-lock.json infra/check-machine.sh
	@sh infra/check-machine.sh
	npm ci --no-fund --no-audit --loglevel=error
	@touch $(INSTALLED)

$(PAGE): $(INSTALLED) $(PAGE_SOURCES)
	npm run build --silent

start: $(INSTALLED) $(PAGE) ## Start the hub on http://127.0.0.1:4747
	$(HEARTH) serve

dev: $(INSTALLED) $(PAGE) ## Start the hub and restart it when a source changes
	npx --no-install node --watch-path=packages packages/hub/src/bin.ts serve

demo: $(INSTALLED) $(PAGE) ## The whole main job in minutes: register, train, evaluate, promote, serve (ONCE=1 stops afterwards)
	@npx --no-install node examples/demo/demo.ts $(if $(ONCE),--once)

train: $(INSTALLED) ## Fine-tune on the running hub: make train MODEL=my-triage DATASET=examples/email-triage
	$(HEARTH) train --model $(or $(MODEL),my-triage) --dataset $(or $(DATASET),examples/email-triage) $(TRAIN_FLAGS)

status: $(INSTALLED) ## What the hub is doing
	$(HEARTH) status

stop: $(INSTALLED) ## Stop the hub, after what is running has drained
	$(HEARTH) stop

logs: $(INSTALLED) ## Follow the hub's log
	@tail -n 50 -F "$${HEARTH_HOME:-$$HOME/.hearth}/logs/hub.log"

doctor: $(INSTALLED) ## Check this machine and the hub
	$(HEARTH) doctor

test: $(INSTALLED) $(PAGE) ## All tests (the storage suite also on PostgreSQL where it can be had)
	sh infra/postgres/with-postgres.sh npm test --silent

peers: $(INSTALLED) ## Python environments with the peers that tests and benches compare against (PyTorch, MLflow with scikit-learn, Lightning and LangChain; mlx-lm)
	sh infra/peers/install.sh
	sh infra/peers/install-mlx.sh

bench: $(INSTALLED) $(PAGE) ## Measure speed and memory: make bench WHAT=training|serving|storage|start|tracking
	npm run bench --silent -- $(or $(WHAT),all)

lint: $(INSTALLED) ## Lint, with types
	npm run lint --silent

format: $(INSTALLED) ## Format the sources
	npm run format --silent

type-check: $(INSTALLED) ## Check the types
	npm run type-check --silent

ember: $(INSTALLED) ## Rebuild the starter model from its corpus (about half an hour on 2 cores)
	npx --no-install node models/ember/build.ts

examples: $(INSTALLED) ## Write the example datasets again from their generators
	npx --no-install node examples/email-triage/generate.ts

gpu: $(INSTALLED) ## Bring the GPU variant of the engine: make gpu VARIANT=cuda|vulkan
	npx --no-install node infra/npm/install-gpu-variant.mjs $(VARIANT)

clean: ## Remove what was installed and built (never the hub's home folder)
	rm -rf node_modules packages/web/dist .venv .cache
