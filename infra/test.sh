#!/usr/bin/env bash
# Sets up and passes the tests: style, types, then the whole suite. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
. infra/environment.sh
make_environment test
have_browser
bash infra/check.sh
exec "$venv/bin/python" -m pytest "$@"
