# The README's commands. Everything is built into .venv from requirements.lock; nothing needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench rules lock clean

$(VENV): $(VENV)/.built

$(VENV)/.built: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Jiannuo needs Python 3.11 or newer (make PYTHON=python3.12 ...) | 践诺需要 Python 3.11 或更新版本' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo 'Python cannot make a venv here; on Debian: apt install python3-venv | 无法建立虚拟环境；Debian 请安装 python3-venv' >&2; exit 1; }
	@echo 'Installing the pinned packages (once) | 正在安装锁定版本的依赖（仅一次）' >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

demo: $(VENV)/.built
	@$(BIN)/jiannuo demo

test: $(VENV)/.built
	@$(BIN)/python -m pytest -n auto

check: $(VENV)/.built
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test

bench: $(VENV)/.built
	@$(BIN)/python -m benchmarks

# docs/rules.md: each requirement, its events and rules, its tests; docs/disclosure.md: who may see what, case by case.
rules: $(VENV)/.built
	@$(BIN)/python -m tests.rulebook
	@$(BIN)/python -m tests.projections.disclosure_table

# Pins with hashes for every platform; names no registry. Needs uv on PATH.
lock:
	@uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --python-version 3.11 --group dev pyproject.toml -o requirements.lock

clean:
	@rm -rf $(VENV)
