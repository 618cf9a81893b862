#!/usr/bin/env bash
# Runs every fuzzer of the fuzz build for FUZZ_SECONDS (60) each, starting from its seed corpus. What it finds stays in
# build/fuzz/corpus and build/fuzz/crashes; a crash stops the run and is to be copied into the seed corpus with its fix.
# Usage: tools/fuzz.sh [name-part]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${FUZZ_SECONDS:-60}
build=build/fuzz
count=0
while read -r name corpus; do
    [[ -n $name && $name == *"${1:-}"* ]] || continue
    program=$build/bin/$name
    [ -x "$program" ] || { printf 'fuzz: %s is not built\n' "$name" >&2; exit 1; }
    mkdir -p "$build/corpus/$name" "$build/crashes"
    printf '== %s, %s s\n' "$name" "$seconds"
    "$program" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$build/crashes/$name-" "$build/corpus/$name" "$corpus"
    count=$((count + 1))
done < "$build/fuzzers.txt"
printf '%d fuzzers, no crash\n' "$count"
[ "$count" -gt 0 ]
