# Needs Go, git and make. The tools are pinned in tools/go.mod and built on first use.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

GO    ?= go
TOOL   = $(GO) tool -modfile=tools/go.mod
PKG   ?= ./...
COUNT ?= 6
# RACE=1 runs the tests under the race detector, which needs a C compiler.
RACE  ?=

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Without cgo the Go runtime sees when all goroutines of a program that exec runs are asleep.
.PHONY: build
build: ## Build bin/scriptd
	CGO_ENABLED=0 $(GO) build -o bin/scriptd ./cmd/scriptd

.PHONY: demo
demo: ## Plugins from a folder, a git server and an S3 server, edited while they serve
	$(GO) run ./examples/demo

.PHONY: test
test: bin/versitygw bin/glauth ## Run all tests, those with real git, S3 and LDAP servers included
	$(GO) test $(if $(RACE),-race) -timeout 20m $(PKG)

.PHONY: short
short: ## Run the tests that need no external server
	$(GO) test -short $(PKG)

.PHONY: bench
bench: ## Run the benchmarks COUNT times and summarise them
	@mkdir -p bin
	$(GO) test -run '^$$' -bench . -benchmem -count $(COUNT) $(PKG) | tee bin/bench.out
	$(TOOL) benchstat bin/bench.out

.PHONY: fmt
fmt: ## Format all Go files
	$(TOOL) gofumpt -w .

.PHONY: lint
lint: ## Check format, vet and lint
	@unformatted=$$($(TOOL) gofumpt -l .); if [[ -n $$unformatted ]]; then \
		echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOL) golangci-lint run ./...

.PHONY: generate
generate: ## Make the generated files anew
	$(GO) generate ./...

# RUN=REGEXP chooses programs by GROUP/NAME.
RUN ?=

.PHONY: testdata
testdata: ## Compile and run the programs of engine/lower/testdata, and write down what they do
	$(GO) run ./engine/lower/conformance -update -run '$(RUN)'

.PHONY: conformance
conformance: ## Run Go's own programs and ours with scriptd and bare yaegi, write docs/conformance.md
	$(GO) run ./engine/lower/conformance -report docs/conformance.md

# FUZZTIME bounds fuzz, SEED is where it begins.
FUZZTIME ?= 5m
SEED     ?= 1

.PHONY: fuzz
fuzz: ## Compare random programs under scriptd with what they do when compiled
	$(GO) run ./engine/lower/conformance -fuzz $(FUZZTIME) -seed $(SEED)

# Those of parsers of what origins send, and of schemas and what callers send.
.PHONY: fuzz-sources
fuzz-sources: ## Fuzz the parsers of remote bytes and the validator, a minute each, for the night
	@for pkg in $$($(GO) list ./sources/... ./engine/schema); do \
		for target in $$($(GO) test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime 60s "$$pkg"; done; done

.PHONY: ci
ci: ## All that has to hold before a change is merged
	$(MAKE) generate
	git diff --exit-code
	$(GO) mod tidy -diff
	$(MAKE) lint
	$(MAKE) test RACE=$$(command -v "$$($(GO) env CC)" >/dev/null && echo 1)
	$(MAKE) demo
	@left=$$(git status --porcelain); if [[ -n $$left ]]; then \
		echo "the tree is not clean:"; echo "$$left"; exit 1; fi

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin

bin/versitygw: tools/go.mod tools/go.sum
	@echo "building an S3 server for tests and the demo: a minute or so, once"
	$(GO) build -modfile=tools/go.mod -o $@ github.com/versity/versitygw/cmd/versitygw
	@touch $@

bin/glauth: tools/glauth.mod tools/glauth.sum
	@echo "building an LDAP server for tests: a minute or so, once"
	$(GO) build -modfile=tools/glauth.mod -o $@ github.com/glauth/glauth/v2
	@touch $@
