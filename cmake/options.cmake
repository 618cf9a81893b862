# Compiler, warnings, sanitizers. One place for all flags.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(PLX_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")
set(PLX_ARCH "x86-64-v3" CACHE STRING "-march value on x86-64; empty for the compiler's default")
set(PLX_UNIT 4 CACHE STRING "Files of a module compiled at once: a clean build is quicker with more, a change with fewer")
option(PLX_FUZZ "Build the libFuzzer targets (needs clang)" OFF)

find_program(PLX_CCACHE ccache)
if(PLX_CCACHE)
  # Precompiled headers need these two to be cacheable.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 ${PLX_CCACHE})
endif()

add_library(plx_flags INTERFACE)
# Is in the precompiled header, which everybody has to see with the same macros.
target_link_libraries(plx_flags INTERFACE fmt::fmt)
target_compile_options(plx_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
  # Floats that reach a decision must round alike on every machine.
  -ffp-contract=off
  -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # PCH of two targets may differ in the order of includes only; g++ 12 false positives.
  target_compile_options(plx_flags INTERFACE -fpch-preprocess -Wno-invalid-pch)
else()
  # The time in a precompiled header would make it another one for ccache at each build.
  target_compile_options(plx_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
  # libstdc++ calls what it deprecates itself, in templates that our code instantiates. g++ keeps the warning.
  target_compile_options(plx_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(PLX_ARCH AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # Every processor of level v3 has the carry-less product, which the level's name does not say; CRC-32C and simdjson's
  # quick kernels want it.
  target_compile_options(plx_flags INTERFACE -march=${PLX_ARCH} -mpclmul)
  if(NOT PLX_ARCH STREQUAL "native")
    target_compile_options(plx_flags INTERFACE -mtune=generic)
  endif()
endif()
if(PLX_SANITIZE)
  target_compile_options(plx_flags INTERFACE -fsanitize=${PLX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(plx_flags INTERFACE -fsanitize=${PLX_SANITIZE})
  target_compile_definitions(plx_flags INTERFACE PLX_SANITIZED=1)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 loses track of objects in instrumented code: false positives. The release build keeps the warning.
    target_compile_options(plx_flags INTERFACE -Wno-array-bounds -Wno-stringop-overflow)
  elseif(PLX_SANITIZE MATCHES "undefined")
    # A fifth of the compile time, for what AddressSanitizer finds as well: calls on objects that are gone.
    target_compile_options(plx_flags INTERFACE -fno-sanitize=vptr)
    target_link_options(plx_flags INTERFACE -fno-sanitize=vptr)
  endif()
endif()

if(PLX_FUZZ)
  # Coverage in every library, or the fuzzer is blind there.
  target_compile_options(plx_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(PLX_MOLD mold)
if(PLX_MOLD)
  target_link_options(plx_flags INTERFACE -fuse-ld=mold)
endif()
