# Sourced by demo.sh and test.sh: a virtual environment of the project's own, with pinned packages.
# Installing is skipped where the same packages are there already.
#
#   PENSTOCK_VENV     where the environment lies (default: .venv in the checkout)
#   PENSTOCK_PYTHON   the Python to make it with (default: python3.11, else python3)

export DO_NOT_TRACK=1 RAY_USAGE_STATS_ENABLED=0 PREFECT_SERVER_ANALYTICS_ENABLED=false
export PYTHONUTF8=1

venv=${PENSTOCK_VENV:-$PWD/.venv}

# make_environment [EXTRA]: the environment, with the packages of that extra of pyproject.toml too.
make_environment() {
    local extra=${1:-} python=${PENSTOCK_PYTHON:-} wanted stamp
    if [ -z "$python" ]; then
        python=$(command -v python3.11 || command -v python3 || true)
        "$python" -c 1 2>/dev/null || python=$(command -v python3 || true)
    fi
    if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then
        echo "Penstock needs Python 3.11, 3.12 or 3.13; set PENSTOCK_PYTHON to one." >&2
        return 1
    fi
    wanted=$(cat pyproject.toml infra/constraints.txt | sha256sum | cut -c1-16)-$PWD
    stamp=$venv/penstock-installed${extra:+-$extra}
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return 0
    fi
    echo "Setting up $venv (two to three minutes, once) ..."
    if [ ! -x "$venv/bin/python" ] && ! "$python" -m venv "$venv"; then
        echo "Python's venv module is missing: install it (Debian: apt-get install python3-venv)." >&2
        return 1
    fi
    local pip=("$venv/bin/python" -m pip --quiet --disable-pip-version-check)
    "${pip[@]}" install --upgrade --constraint infra/constraints.txt pip setuptools
    # Torch alone and first: asked for by others it may come with gigabytes of CUDA packages.
    "${pip[@]}" install --constraint infra/constraints.txt torch
    "${pip[@]}" install --constraint infra/constraints.txt --editable ".${extra:+[$extra]}"
    echo "$wanted" >"$stamp"
}

# have_debian PACKAGE TESTS COMMAND…: a package of Debian's for some tests, unless one of its commands
# is there. Where it cannot be installed, those tests are skipped with a reason.
have_debian() {
    local package=$1 tests=$2 root=() each
    shift 2
    for each in "$@"; do
        command -v "$each" >/dev/null && return 0
    done
    command -v apt-get >/dev/null || return 0
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || return 0
        root=(sudo -n)
    fi
    echo "Installing $package, for the tests of $tests (a minute at most, once) ..."
    "${root[@]}" apt-get -qq update &&
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq install --no-install-recommends "$package" >/dev/null ||
        echo "$package could not be installed: the tests of $tests are skipped." >&2
}
