#!/usr/bin/env bash
# Installs what packages.txt lists: Debian packages by apt-get (only when one is missing) and a Python
# environment in .venv. Running it again takes a fraction of a second when everything is there.
#
#   ./setup.sh          build and test
#   ./setup.sh train    the training environment, .venv-train, too
#
# Nothing is printed but one line per step that does something, and the log of a step that fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# The lines of one section of packages.txt, comments and blanks removed.
section() {
  awk -v want="[$1]" '/^\[/ { inside = ($0 == want); next } inside { sub(/#.*/, ""); if (NF) print $1 }' packages.txt
}

# Runs a command quietly; when it fails, shows the end of what it said and stops with the sentence given first.
quietly() {
  local sentence=$1 log
  shift
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    fail "$sentence"
  fi
  rm -f "$log"
}

install_apt() {
  local wanted present missing root=()
  command -v apt-get >/dev/null || fail "apt-get is missing: agcc is built on Debian 12 (bookworm) or a system that has its packages"
  mapfile -t wanted < <(section apt)
  # dpkg-query exits 1 when it does not know a package, which is what is being asked.
  present=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | awk '$1 == "installed" { print $2 }' || true)
  missing=$(comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) <(sort -u <<<"$present"))
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "these Debian packages are missing and only root can install them: $(tr '\n' ' ' <<<"$missing")"
    root=(sudo)
  fi
  printf 'setup: installing %s Debian packages\n' "$(wc -l <<<"$missing")"
  quietly "apt-get update failed; is there a network and a Debian 12 source list?" "${root[@]}" apt-get -qq update
  # shellcheck disable=SC2086  # one word per package
  quietly "apt-get could not install: $(tr '\n' ' ' <<<"$missing")" \
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing
}

# install_python FOLDER SECTION...: an environment with exactly these sections.
install_python() {
  local folder=$1 wanted stamp list
  shift
  wanted=$(for s in "$@"; do section "$s"; done)
  stamp=$folder/installed-packages.txt
  [ -x "$folder/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
  printf 'setup: installing %s Python packages into %s\n' "$(wc -l <<<"$wanted")" "$folder"
  # Debian's own interpreter: another one that comes first in PATH may lack headers or wheels.
  [ -x "$folder/bin/python" ] ||
    quietly "cannot create $folder with /usr/bin/python3; is python3-venv installed?" /usr/bin/python3 -m venv "$folder"
  list=$(mktemp)
  printf '%s\n' "$wanted" >"$list"
  quietly "pip could not install the packages of packages.txt into $folder" \
    "$folder/bin/python" -m pip --disable-pip-version-check --no-input -q install --progress-bar off -r "$list"
  rm -f "$list"
  printf '%s\n' "$wanted" >"$stamp"  # last, so that an interrupted installation is done again
}

case "${1:-}" in
  "" ) ;;
  train ) ;;
  * ) fail "unknown argument '$1'; use ./setup.sh or ./setup.sh train" ;;
esac
install_apt
install_python .venv pypi
[ "${1:-}" != train ] || install_python .venv-train pypi pypi-train
