#!/usr/bin/env bash
# soak.sh [MINUTES] [SPEED]: parallax up at SPEED with tools/soak.faults for so many minutes of the wall's time. Fails when
# the run finds a difference between itself and the simulated venues, or when its memory grows.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
minutes=${1:-10} speed=${2:-20}
seconds=$((minutes * 60 * speed))
rss=$(mktemp) report=$(mktemp)
trap 'rm -f "$rss" "$report"' EXIT

build/release/bin/parallax up --headless --seed "${SEED:-1}" --fees zero --speed "$speed" --seconds "$seconds" \
    --faults tools/soak.faults --config tools/soak.toml > "$report" &
pid=$!
trap 'kill "$pid" 2> /dev/null || true; rm -f "$rss" "$report"' EXIT
started=$SECONDS
while kill -0 "$pid" 2> /dev/null; do
    awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" >> "$rss" 2> /dev/null || true
    if [ -t 2 ]; then printf '\r%4d of %d s, %6d MB' $((SECONDS - started)) $((minutes * 60)) \
        $(($(tail -n 1 "$rss") / 1024)) >&2; fi
    sleep 2
done
[ -t 2 ] && echo >&2
code=0
wait "$pid" || code=$?
cat "$report"

# Settled: the second fifth of the run; then the last fifth may hold a tenth and 16 MB more.
awk -v code="$code" '
    $1 > 0 { kb[n++] = $1 }
    END {
        for (i = int(n / 5); i < 2 * n / 5; ++i) if (kb[i] > early) early = kb[i]
        for (i = int(4 * n / 5); i < n; ++i) if (kb[i] > late) late = kb[i]
        printf "soak: exit code %d; memory %d MB early, %d MB at the end\n", code, early / 1024, late / 1024
        if (late > early * 1.1 + 16384) { print "soak: memory grows"; exit 1 }
        exit code
    }' "$rss"
