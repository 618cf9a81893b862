#!/usr/bin/env bash
# Installs the Debian packages of tools/packages.txt that are missing. Usage: tools/bootstrap.sh [build|prove]...
# Does nothing, and needs neither root nor network, when all are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() { printf 'bootstrap: %s\n' "$*" >&2; exit 1; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_of() {  # the packages of the given groups that are not installed
    local group package instead
    for group in "$@"; do
        awk -v group="$group" '$1 == group { print $2, $3 }' tools/packages.txt
    done | sort -u | while read -r package instead; do
        installed "$package" || { [ -n "$instead" ] && command -v "$instead" >/dev/null; } ||
            printf '%s\n' "$package"
    done
}

groups=("${@:-build}")
for group in "${groups[@]}"; do
    grep -q "^$group " tools/packages.txt || die "no package group '$group' in tools/packages.txt"
done
command -v dpkg-query >/dev/null || die "this is no Debian; install what tools/packages.txt lists by hand"
mapfile -t missing < <(missing_of "${groups[@]}")
[ "${#missing[@]}" -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "needs root or sudo to install: ${missing[*]}"
    as_root=(sudo)
fi
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        -o Acquire::Retries=3 "$@"
}
printf 'bootstrap: installing %s\n' "${missing[*]}"
apt update || die "cannot reach the Debian mirrors; connect to a network, or install by hand: ${missing[*]}"
apt install --no-install-recommends "${missing[@]}" || die "apt could not install: ${missing[*]}"
