#!/bin/sh
# Put the locked packages into .venv:  tools/install.sh runtime|dev
# uv does it in seconds; where uv cannot be had or cannot reach the packages, pip does the same from the same hashes.
set -eu
cd "$(dirname "$0")/.."
case "$1" in
    runtime) groups=--no-dev requirements=requirements.txt ;;
    dev) groups=--all-groups requirements=requirements-dev.txt ;;
    *) echo "usage: tools/install.sh runtime|dev" >&2; exit 2 ;;
esac

say() { echo "setup: $*" >&2; }
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if new_enough "$name"; then echo "$name"; return; fi
    done
    say "Giuria needs Python 3.11 or newer. Install it, or name it: make setup PYTHON=/path/to/python3"
    return 1
}

make_venv() {
    python=$(find_python) || return 1
    "$python" -m venv .venv >/dev/null || {
        say "$python cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv"
        return 1
    }
}

need_pip() { .venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv; }
install_with_pip() { .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"; }

with_uv() {
    if command -v uv >/dev/null; then
        uv=uv
    else
        [ -x .venv/bin/uv ] || { need_pip && install_with_pip uv; } || return 1
        uv=.venv/bin/uv
    fi
    # The system's certificates, because an institution's network may have its own.
    export UV_SYSTEM_CERTS=1 UV_PROJECT_ENVIRONMENT=.venv
    # --inexact leaves alone what is there besides: pip, uv, and the tools when only the runtime is asked for.
    "$uv" sync --quiet --frozen --inexact "$groups"
}

with_pip() { need_pip && install_with_pip --require-hashes -r "$requirements"; }

# A virtual environment whose Python has gone is of no use.
if [ -e .venv ] && ! new_enough .venv/bin/python; then rm -rf .venv; fi
if [ ! -e .venv ] && ! command -v uv >/dev/null; then make_venv; fi

say "installing the $1 packages"
with_uv || {
    say "uv could not do it; pip does it now, which takes longer"
    with_pip || {
        say "the packages could not be installed: is the package index within reach?"
        exit 1
    }
}
