# What README's commands call. Every target sets up its own .venv from a bare clone.
#   make demo | test | compose-test | check | bench | soak | learnable | screenshots | encoders | format | clean
# WORK=dir: where the demo's runs go. SERVE=0: stop before the dashboard. PORT=n: its port.

SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
WORK ?= work
PORT ?= 8501
SERVE ?= 1
TESTFLAGS ?= -n 3 --dist loadfile --no-loadscope-reorder
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Bytecode is written on first import instead: most of what is installed is never imported. Where an
# environment forbids that, every process would compile for 10 s what it imports.
export PYTHONDONTWRITEBYTECODE =
PIP_FLAGS := --prefer-binary --no-compile --no-input --progress-bar off
# One thread a process, and the same sums on every machine. Three test workers on two cores: much of a
# test is waiting, for a command, a server or a dead process to be missed.
ONE_THREAD := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false

.DEFAULT_GOAL := help
.PHONY: help demo encoders test compose-test check bench soak learnable screenshots format clean

help:
	@sed -n '2,3s/^# *//p' Makefile

demo: $(VENV)/.installed
	@$(BIN)/silta run training/matrices/demo.yaml --work $(WORK)
	@$(BIN)/silta-dashboard report --work $(WORK)
	@printf '\nThe same as pictures: %s serve --work %s --port %s\nthen open http://localhost:%s\n' \
		$(BIN)/silta-dashboard $(WORK) $(PORT) $(PORT)
	@if [ -t 1 ] && [ "$(SERVE)" != 0 ]; then \
		exec $(BIN)/silta-dashboard serve --work $(WORK) --port $(PORT); fi

# The shipped miniature encoders, from nothing; training/miniature/encoders/README.md tells of them.
encoders: $(VENV)/.installed
	$(BIN)/python -m training miniature --seed 11 --tokenizer training/miniature/encoders/tokenizer
	@for told in "nano 3e-3 3000" "micro 2.5e-3 3000"; do set -- $$told; \
		$(BIN)/silta train mlm --scale $$1 --source miniature/seed=11/sentences=24000 --seed 1 \
			--set recipe.scratch=true --set recipe.lr=$$2 --set recipe.steps=$$3 \
			--set recipe.embeddings=latent --set recipe.embeddings_rate=0.1 --set recipe.ranking=1 \
			--set recipe.batch=48 --set recipe.pairs=0.9 --set recipe.pivot=eng --set recipe.mask=0.3 \
			--set recipe.dropout=0 --set recipe.warmup=0.06 --set recipe.max_length=160 \
			--set recipe.adam_eps=1e-6 --work work-encoders \
			--export training/miniature/encoders/$$1 || exit 1; done

test: $(VENV)/.installed-dev
	$(ONE_THREAD) $(BIN)/python -m pytest $(TESTFLAGS) --ignore=tests/compose

# The real docker-compose.yml on a Docker engine (or SILTA_ENGINE's stand-in); at first it builds images.
# WHEELS=dir: a folder with a CPU wheel of PyTorch, which spares the images CUDA; else the one that
# PIP_FIND_LINKS or pip's settings name.
compose-test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 0 tests/compose

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# Micro beside simple models, in English, on the miniature's inference, paraphrase and choice tasks.
learnable: $(VENV)/.installed-dev
	$(ONE_THREAD) $(BIN)/python benchmarks/learnable.py --work $(WORK)

screenshots: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/screenshots.py --work $(WORK)

bench: $(VENV)/.installed-dev
	$(ONE_THREAD) $(BIN)/python benchmarks/bench.py
	$(ONE_THREAD) $(BIN)/python benchmarks/tracking.py
	$(ONE_THREAD) $(BIN)/python benchmarks/publishing.py
	$(ONE_THREAD) $(BIN)/python benchmarks/plan.py
	$(ONE_THREAD) $(BIN)/python benchmarks/scaling.py
	$(ONE_THREAD) $(BIN)/python benchmarks/gpu.py
	$(ONE_THREAD) $(BIN)/python benchmarks/reading.py
	$(ONE_THREAD) $(BIN)/python benchmarks/pages.py
	$(ONE_THREAD) $(BIN)/python benchmarks/race.py
	$(ONE_THREAD) $(BIN)/python benchmarks/overhead.py
	$(ONE_THREAD) $(BIN)/python benchmarks/verdicts.py
	$(ONE_THREAD) $(BIN)/python benchmarks/covering.py
	$(ONE_THREAD) $(BIN)/python benchmarks/mixed.py
	$(ONE_THREAD) $(BIN)/python benchmarks/intervals.py

# A small study killed at 100 random moments and restarted each time; KILLS=n for another number.
soak: $(VENV)/.installed
	$(ONE_THREAD) $(BIN)/python benchmarks/soak.py --kills $(or $(KILLS),100)

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@[ ! -e $(WORK) ] || echo "$(WORK)/ holds your runs and was left alone"

# $(call install,EXTRAS,FIRST): pip's talk goes to a log; a line now and then shows that it lives.
# FIRST: a command that may have installed some of it already.
define install
	@log=$(VENV)/install.log; began=$$SECONDS; echo "installing silta[$(1)] (log: $$log)"; \
	{ $(or $(2),true) && $(BIN)/pip install $(PIP_FLAGS) -c constraints.txt -e '.[$(1)]'; } \
		> $$log 2>&1 & pip=$$!; \
	while kill -0 $$pip 2> /dev/null; do \
		sleep 1; past=$$((SECONDS - began)); \
		[ $$((past % 10)) != 0 ] || printf '  %3d s  %s\n' $$past \
			"$$(grep -oE '^ *(Collecting|Downloading|Installing) [^ ]+' $$log | tail -n 1)"; \
	done; \
	if wait $$pip; then echo "installed in $$((SECONDS - began)) s"; \
	else tail -n 15 $$log; echo "installation failed; everything pip said: $$log"; exit 1; fi
endef

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Silta needs Python 3.11 or later: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call install,train$(comma)dashboard)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call install,train$(comma)dashboard$(comma)distributed$(comma)dev,$(side_by_side))
	@touch $@ $(VENV)/.installed

# All extras together are all pins: four pips share them, in two thirds of the time that one takes.
side_by_side = grep -v '^\#' constraints.txt | \
	xargs -P 4 -n 20 $(BIN)/pip install $(PIP_FLAGS) --no-deps

comma := ,
