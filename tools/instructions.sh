#!/usr/bin/env bash
# Counts instructions per item of benchmarks under callgrind: the number that stays the same on a noisy machine.
# Usage: tools/instructions.sh BENCH_PROGRAM [FILTER]
# Counting starts where a benchmark's loop starts and stops where it ends, so set-up does not count; the loop runs long
# enough that what is done once weighs nothing. An item is what the benchmark calls one with SetItemsProcessed, or else
# one iteration.
set -euo pipefail
command -v valgrind >/dev/null || { echo 'instructions: needs valgrind (tools/bootstrap.sh prove)' >&2; exit 1; }
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BENCH_PROGRAM [FILTER]" >&2
    exit 2
fi

program=$1
filter=${2:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

printf '%-56s %14s %16s\n' benchmark items 'instructions/item'
"$program" --benchmark_list_tests --benchmark_filter="$filter" | while read -r name; do
    rm -f "$work"/out*
    pattern=$(printf '%s' "$name" | sed 's/[][\.*^$+?(){}|]/\\&/g')
    valgrind --tool=callgrind --callgrind-out-file="$work/out" \
        --zero-before='benchmark::State::StartKeepRunning()' --dump-before='benchmark::State::FinishKeepRunning()' \
        "$program" --benchmark_filter="^$pattern\$" --benchmark_min_time=0.3 --benchmark_format=csv \
        >"$work/csv" 2>"$work/log" </dev/null || { cat "$work/log" >&2; exit 1; }
    # Every trial of the benchmark leaves one dump; the last trial is the one reported.
    last=$(find "$work" -name 'out.*' | sed 's/.*out\.//' | sort -n | tail -n 1)
    [ -n "$last" ] || { echo "instructions: no loop seen in $name" >&2; exit 1; }
    total=$(awk '/^(totals|summary):/ { print $2; exit }' "$work/out.$last")
    awk -F, -v name="$name" -v total="$total" '
        $2 ~ /^[0-9]+$/ {
            unit = $5 == "ns" ? 1e-9 : $5 == "us" ? 1e-6 : $5 == "ms" ? 1e-3 : 1
            items = $7 == "" ? $2 : int($7 * $4 * unit + 0.5) * $2
            printf "%-56s %14d %16.1f\n", name, items, total / items
        }' "$work/csv"
done
