# make demo · make test · make test-long · make lab · make docs · make workshop. Each is enough on its own, on a machine with Python 3.11
# or newer, make and git.
# Everything goes into .venv; running a command again installs nothing. Another python: make demo PYTHON=python3.12

VENV := .venv
PY   := $(VENV)/bin/python
DEPS := settings.ini setup.py constraints.txt tools/install.py

OK     := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
                    if $$p -c '$(OK)' >/dev/null 2>&1; then echo $$p; break; fi; done)

.PHONY: help demo test test-long lab docs workshop clean
help:
	@echo "make demo    fine-tune a small real model on the shipped examples; compare it with the base model"
	@echo "make test    every test: notebooks, python, JavaScript, and JupyterLab in a browser"
	@echo "make test-long  what is too long for every day; python tools/test_long.py NAME for one of them"
	@echo "make lab     open JupyterLab on the quickstart"
	@echo "make docs    the documentation site, in _docs/; what it warns of is an error"
	@echo "make workshop  a folder workshop/ that installs without a network: wheels, model, six exercises"
	@echo "make clean   remove .venv, demo/, _docs/ and what builds leave behind"

demo: $(VENV)/.demo
	@echo "→ running the demo"
	@$(PY) tools/demo.py

test: $(VENV)/.test
	@$(PY) tools/test.py

test-long: $(VENV)/.test
	@$(PY) tools/test_long.py

lab: $(VENV)/.lab
	@echo "→ opening JupyterLab; Ctrl-C here closes it"
	@$(PY) -m jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) nbs/tutorials/quickstart.ipynb

docs: $(VENV)/.docs
	@$(PY) tools/make_docs.py

workshop: $(VENV)/.demo
	@$(PY) tools/workshop.py

clean:
	@echo "→ removing .venv, demo/, _docs/, build/, dist/ and ftkit.egg-info/"
	@rm -rf $(VENV) demo _docs build dist ftkit.egg-info .pytest_cache

# What is installed is remembered by a stamp file, made last: an interrupted installation is taken up again.
$(VENV)/.demo: $(VENV)/.made $(DEPS)
	@$(PY) tools/install.py -e '.[train]' nbclient nbformat ipykernel
	@touch $@
$(VENV)/.lab: $(VENV)/.made $(DEPS)
	@$(PY) tools/install.py -e '.[train]' jupyterlab ipykernel
	@touch $@
$(VENV)/.docs: $(VENV)/.made $(DEPS)
	@$(PY) tools/install.py -e '.[train,docs]'
	@touch $@
$(VENV)/.test: $(VENV)/.made $(DEPS)
	@$(PY) tools/install.py -e '.[train,dev]'
	@touch $@

$(VENV)/.made:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "ftkit needs Python 3.11 or newer, with its venv module, and none was found. Install one (on Debian and"; \
	  echo "Ubuntu: apt-get install python3-venv), or name it: make PYTHON=/path/to/python3.11"; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "ftkit needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`."; \
	  echo "Name another one: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "→ making the virtual environment in $(VENV) (`$(PYTHON) --version 2>&1`)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@
