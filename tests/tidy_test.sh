#!/usr/bin/env bash
# Shows that tools/tidy finds what it is for: a clean small tree passes, and each defect put into it is reported.
# Usage: tidy_test.sh TIDY
set -euo pipefail
tidy=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
failures=0

plant() {  # a clean tree
    rm -rf "${root:?}"/*
    mkdir -p "$root"/src/{core,book,services/{scanner,risk},adapters/venues/{common,okx,bybit},app} "$root"/{bench,tests,tools}
    echo 'plx_module(core LAYER core)' >"$root/src/core/CMakeLists.txt"
    echo 'plx_module(book LAYER foundation DEPS core)' >"$root/src/book/CMakeLists.txt"
    echo 'plx_module(scanner LAYER services DEPS core book)' >"$root/src/services/scanner/CMakeLists.txt"
    echo 'plx_module(risk LAYER services DEPS core book)' >"$root/src/services/risk/CMakeLists.txt"
    echo 'plx_module(venue_common LAYER common DEPS core)' >"$root/src/adapters/venues/common/CMakeLists.txt"
    echo 'plx_module(okx LAYER adapters DEPS core venue_common)' >"$root/src/adapters/venues/okx/CMakeLists.txt"
    echo 'plx_module(bybit LAYER adapters DEPS core venue_common)' >"$root/src/adapters/venues/bybit/CMakeLists.txt"
    echo 'plx_module(app LAYER app DEPS scanner risk okx)' >"$root/src/app/CMakeLists.txt"
    printf '#pragma once\n' >"$root/src/core/amount.hpp"
    printf '#pragma once\n#include "core/amount.hpp"\n' >"$root/src/book/order_book.hpp"
    printf '#pragma once\n#include "book/order_book.hpp"\n' >"$root/src/services/scanner/service.hpp"
    printf '#include "services/scanner/service.hpp"\n// time() is a word here, and "rand()" a text\n' >"$root/src/app/main.cpp"
    printf '#pragma once\n#include "core/amount.hpp"\n' >"$root/src/adapters/venues/common/json.hpp"
    printf '#pragma once\n#include "adapters/venues/common/json.hpp"\n' >"$root/src/adapters/venues/okx/parse.hpp"
}

finds() {  # NAME FILE TEXT EXPECTED: after TEXT is appended to FILE, tidy fails and says EXPECTED
    plant
    mkdir -p "$(dirname "$root/$2")"
    printf '%b' "$3" >>"$root/$2"
    if output=$("$tidy" "$root" 2>&1); then
        printf 'tidy missed: %s\n' "$1"
        failures=$((failures + 1))
    elif ! grep -q "$2:[0-9]*: .*$4" <<<"$output"; then
        printf 'tidy said something else about %s:\n%s\n' "$1" "$output"
        failures=$((failures + 1))
    fi
}

plant
"$tidy" "$root" || { echo 'the clean tree is not clean'; failures=$((failures + 1)); }

scanner=src/services/scanner/service.hpp
finds 'upward include' src/core/amount.hpp '#include "book/order_book.hpp"\n' 'includes upward'
finds 'service sees adapter' $scanner '#include "adapters/venues/okx/parse.hpp"\n' 'neighbour'
finds 'service sees service' src/services/risk/gate.hpp '#pragma once\n#include "services/scanner/service.hpp"\n' 'neighbour'
finds 'venue sees venue' src/adapters/venues/bybit/parse.hpp '#pragma once\n#include "adapters/venues/okx/parse.hpp"\n' 'neighbour'
finds 'common sees venue' src/adapters/venues/common/json.hpp '#include "adapters/venues/okx/parse.hpp"\n' 'upward'
finds 'service sees app' $scanner '#include "app/pipeline.hpp"\n' 'upward'
finds 'relative include' $scanner '#include "../risk/gate.hpp"\n' 'from src/'
finds 'no pragma once' src/book/new.hpp 'struct X {};\n' 'pragma once'
finds 'own header not first' src/book/order_book.cpp '#include <vector>\n#include "book/order_book.hpp"\n' 'own header first'
finds 'no module' src/loose/x.cpp 'int x;\n' 'no plx_module'
finds 'chrono' $scanner '#include <chrono>\n' 'no clock'
finds 'system_clock' $scanner 'auto t = std::chrono::system_clock::now();\n' 'clock, chance'
finds 'time()' $scanner 'auto t = time(nullptr);\n' 'clock, chance'
finds 'std::time()' $scanner 'auto t = std::time(nullptr);\n' 'clock, chance'
finds 'rand()' $scanner 'int r = rand();\n' 'clock, chance'
finds 'random_device' src/book/order_book.hpp 'std::random_device d;\n' 'clock, chance'
finds 'distribution' $scanner 'std::uniform_int_distribution<int> d;\n' 'clock, chance'
finds 'wall_now' $scanner 'auto t = runtime::wall_now();\n' 'clock, chance'
finds 'sleep' $scanner 'std::this_thread::sleep_for(x);\n' 'neither wait'
finds 'double in amount' src/core/amount.hpp 'double raw;\n' 'floating point'
finds 'float in price' src/core/price.hpp '#pragma once\nfloat raw;\n' 'floating point'
finds 'trailing space' $scanner 'int x; \n' 'white space'
finds 'tab' $scanner '\tint x;\n' 'tab'
finds 'long line' $scanner "// $(printf '%0120d' 0)\n" '100 columns'
[ "$failures" -eq 0 ] && echo 'tidy finds all of it'
