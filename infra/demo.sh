#!/usr/bin/env bash
# The main job, the whole way: real pages from a web server on this machine become a corpus, tokens,
# a trained model and its scores. The same command again makes nothing.
#
#   PENSTOCK_DEMO        where its files go (default: demo in the checkout)
#   PENSTOCK_DEMO_PORT   the port of the pages' server (default: 8471)
set -euo pipefail
cd "$(dirname "$0")/.."
. infra/environment.sh
make_environment

folder=${PENSTOCK_DEMO:-$PWD/demo}
port=${PENSTOCK_DEMO_PORT:-8471}
mkdir -p "$folder"
sed "s/127\.0\.0\.1:8471/127.0.0.1:$port/" flows/recipes/demo.toml >"$folder/demo.toml"

"$venv/bin/python" infra/demo_site/serve.py --port "$port" --folder "$folder/site" >"$folder/site.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    grep -q http "$folder/site.log" && break
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$folder/site.log" >&2
        echo "The pages' server did not start; is port $port taken? Set PENSTOCK_DEMO_PORT." >&2
        exit 1
    fi
    sleep 0.1
done

# What the results page tells people to do next, with these folders.
export PENSTOCK_REFRESH="python3 infra/demo_site/edit.py $folder/site && bash infra/demo.sh --refresh"

"$venv/bin/penstock" run "$folder/demo.toml" --store "$folder/store" "$@"
