#!/usr/bin/env bash
# The checks that need no run: style, types, who may import whom. Takes the environment's Python.
set -euo pipefail
cd "$(dirname "$0")/.."
. infra/environment.sh
"$venv/bin/ruff" check .
"$venv/bin/ruff" format --check .
"$venv/bin/mypy"
