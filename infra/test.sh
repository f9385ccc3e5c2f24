#!/usr/bin/env bash
# Sets up and passes the tests: style, types, then the whole suite. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
. infra/environment.sh
make_environment test
have_debian chromium pages chromium google-chrome
have_debian iproute2 "other networks" ip
bash infra/check.sh
# Two at a time, a file in one piece: much of the suite waits for servers to start.
exec "$venv/bin/python" -m pytest --numprocesses 2 --dist loadfile "$@"
