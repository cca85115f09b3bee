# SPDX-License-Identifier: GPL-3.0-or-later
# The newcomer's door. Behind it: tools/setup (all set-up), simulator/ (the racks), noxfile.py (the checks).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup nodes demo test lint bench nightly clean

PYTHON := .venv/bin/python
NOX := .venv/bin/nox
DEMO := inventories/demo
RESULTS := style types lint docs unit simulator sanity artifact \
	$(addprefix integration-,environments nodes python wheels) \
	$(addprefix molecule-,site upgrade faults packages rollback mcu families mirror container \
	guide_000 guide_001 guide_002 guide_003 guide_004)

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## Set up everything: Python environment, Docker engine, node images
	@tools/setup docker
	@$(PYTHON) simulator/node_images.py build

nodes:  ## Bring up the simulated racks, fresh from the factory
	@tools/setup docker
	@$(PYTHON) simulator/racks.py fresh -i $(DEMO)

demo:  ## Take two simulated racks from bare system to verified
	@tools/setup docker
	@$(PYTHON) simulator/demo.py -i $(DEMO)

test:  ## Run every check that CI runs, and add up what they counted
	@tools/setup docker
	@$(PYTHON) simulator/demo.py -i $(DEMO) --packages
	@rm -rf .build/results
	@status=0; $(NOX) || status=$$?; $(PYTHON) tests/totals.py .build/results $(RESULTS); exit $$status

lint:  ## Run the checks that need no nodes and take seconds
	@tools/setup
	@$(NOX) --session style types lint docs

bench:  ## Measure a rack of simulated nodes against the budgets
	@tools/setup docker
	@$(PYTHON) tests/bench $(BENCH)

nightly: test bench  ## Run what is too slow for every change: benchmark, damaged answers, cut runs, every product, no network, real wheels, the newest Ansible
	@$(NOX) --session mutations search resume products airgap wheels newest

clean:  ## Remove nodes, networks and images that this checkout made, and its folders .demo, .build, .cache
	@tools/clean
