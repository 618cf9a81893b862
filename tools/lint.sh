#!/usr/bin/env bash
# clang-format and clang-tidy over the sources. Usage: tools/lint.sh check|format changed|all
# `changed` = differs from the main branch (committed or not).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sources() {
    if [ "$1" = all ]; then
        git ls-files -co --exclude-standard '*.hpp' '*.cpp'
    else
        local base
        base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
        { git diff --name-only --diff-filter=d "$base" -- '*.hpp' '*.cpp'
          git ls-files -o --exclude-standard '*.hpp' '*.cpp'; } | sort -u
    fi | grep -v '^tests/compile_fail/' || true
}

mapfile -t files < <(sources "${2:-changed}")
[ "${#files[@]}" -gt 0 ] || { echo 'lint: nothing changed'; exit 0; }
case ${1:-check} in
    format) clang-format-19 -i "${files[@]}" ;;
    check)
        status=0
        clang-format-19 --dry-run "${files[@]}" 2>&1 | grep -c 'clang-format-violations' |
            { read -r count; [ "$count" -eq 0 ] || echo "lint: $count places differ from .clang-format (advice)"; } || true
        # A configuration of its own, one file a unit; nothing is built in it but the headers protoc writes.
        cmake --preset lint > /dev/null
        cmake --build build/lint --target plx_messages_schema > /dev/null
        mapfile -t units < <(printf '%s\n' "${files[@]}" | grep '\.cpp$' | while read -r file; do
            grep -q "\"[^\"]*/$file\"" build/lint/compile_commands.json && printf '%s\n' "$file"
        done)
        if [ "${#units[@]}" -gt 0 ]; then
            clang-tidy-19 --quiet -p build/lint "${units[@]}" 2>&1 | grep -v 'warnings generated\|^$' || true
            status=${PIPESTATUS[0]}
        fi
        exit "$status" ;;
    *) echo "usage: $0 check|format changed|all" >&2; exit 2 ;;
esac
