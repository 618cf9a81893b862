# plx_module(NAME LAYER layer [DEPS module...] [LIBS library...])
#
# Makes one static library plx_NAME of the folder's *.cpp. The suffix of a file says how it proves:
#   x_test.cpp  -> the folder's test program NAME_test, one ctest entry
#   x_bench.cpp -> the folder's benchmark program NAME_bench
#   x_fuzz.cpp  -> one libFuzzer program a file (with PLX_FUZZ) and a corpus run as a test
# A module may depend only on modules of a lower layer: an upward arrow stops the configure step.
set(PLX_LAYERS core foundation ports common engine services adapters sim fronts world server app)
# What adapters of one kind share, such as the venues' common folder, is `common`; `engine` is the simulated venue
# without its protocols, `fronts` are those, `world` runs them all, `server` does so on sockets. tools/tidy knows the same ranks.
# Services and adapters stand side by side: neither sees the other, nor its own kind.
set(PLX_RANK_core 0)
set(PLX_RANK_foundation 1)
set(PLX_RANK_ports 2)
set(PLX_RANK_common 3)
set(PLX_RANK_engine 4)
set(PLX_RANK_services 5)
set(PLX_RANK_adapters 5)
set(PLX_RANK_sim 5)
set(PLX_RANK_fronts 6)
set(PLX_RANK_world 7)
set(PLX_RANK_server 8)
set(PLX_RANK_app 9)

add_custom_target(tests)          # every test program; what the sanitizer builds need
add_custom_target(release_tests)  # those that show in a release build what sanitizers cannot (ctest label `release`)
add_custom_target(fuzzers)  # every libFuzzer program (with PLX_FUZZ)
set(PLX_SANITIZER_ENVIRONMENT
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1" "TSAN_OPTIONS=halt_on_error=1")
# Two precompiled headers for everybody, one for code and one for tests: parsing what most files include is half of what
# compiling them costs. Project headers that change often stay out.
# No absolute path here: it would make the header, and all that ccache knows, another one in each clone.
set(PLX_PCH_HEADERS <algorithm> <array> <charconv> <chrono> <cstdint> <cstring> <deque> <filesystem> <functional> <map>
    <memory> <mutex> <optional> <set> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
    <boost/container/small_vector.hpp> <boost/unordered/unordered_flat_map.hpp> <boost/unordered/unordered_flat_set.hpp>
    <fmt/format.h> <nlohmann/json.hpp> <tl/expected.hpp>
    <core/instrument.hpp> <core/price.hpp>)
file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
add_library(plx_precompiled OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
target_include_directories(plx_precompiled PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(plx_precompiled PRIVATE plx_flags Threads::Threads)
target_precompile_headers(plx_precompiled PRIVATE ${PLX_PCH_HEADERS})
add_library(plx_precompiled_tests OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
target_include_directories(plx_precompiled_tests PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(plx_precompiled_tests PRIVATE plx_flags Threads::Threads GTest::gmock)
target_precompile_headers(plx_precompiled_tests PRIVATE ${PLX_PCH_HEADERS}
    <gmock/gmock.h> <gtest/gtest.h> <rapidcheck.h> <rapidcheck/gtest.h>)

function(plx_module NAME)
  cmake_parse_arguments(ARG "" "LAYER" "DEPS;LIBS" ${ARGN})
  if(NOT ARG_LAYER IN_LIST PLX_LAYERS)
    message(FATAL_ERROR "plx_module(${NAME}): unknown layer '${ARG_LAYER}'")
  endif()
  set_property(GLOBAL PROPERTY PLX_LAYER_OF_${NAME} ${ARG_LAYER})
  set_property(GLOBAL APPEND PROPERTY PLX_FOLDERS ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(DEP ${ARG_DEPS})
    get_property(DEP_LAYER GLOBAL PROPERTY PLX_LAYER_OF_${DEP})
    if(NOT DEP_LAYER)
      message(FATAL_ERROR "plx_module(${NAME}): no module '${DEP}' so far")
    endif()
    if(NOT PLX_RANK_${DEP_LAYER} LESS PLX_RANK_${ARG_LAYER})
      message(FATAL_ERROR "plx_module(${NAME}): ${ARG_LAYER} may not depend on ${DEP} (${DEP_LAYER}): "
                          "arrows point down only")
    endif()
  endforeach()

  file(GLOB SOURCES CONFIGURE_DEPENDS *.cpp)
  set(TESTS ${SOURCES})
  set(BENCHES ${SOURCES})
  set(FUZZERS ${SOURCES})
  list(FILTER TESTS INCLUDE REGEX "_test\\.cpp$")
  list(FILTER BENCHES INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER FUZZERS INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER SOURCES EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cpp$")

  if(SOURCES)
    add_library(plx_${NAME} STATIC ${SOURCES})
    set(SCOPE PUBLIC)
    target_precompile_headers(plx_${NAME} REUSE_FROM plx_precompiled)
    # Names in anonymous namespaces differ within a module, therefore.
    if(PLX_UNIT GREATER 1)
      set_target_properties(plx_${NAME} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${PLX_UNIT})
    endif()
  else()
    add_library(plx_${NAME} INTERFACE)
    set(SCOPE INTERFACE)
  endif()
  target_include_directories(plx_${NAME} ${SCOPE} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(plx_${NAME} ${SCOPE} plx_flags Threads::Threads ${ARG_LIBS})
  foreach(DEP ${ARG_DEPS})
    target_link_libraries(plx_${NAME} ${SCOPE} plx_${DEP})
  endforeach()

  # Tests that count allocations show nothing under sanitizers, so they are built in release, too, and alone.
  set(COUNTING ${TESTS})
  list(FILTER COUNTING INCLUDE REGEX "/allocation_test\\.cpp$")
  list(FILTER TESTS EXCLUDE REGEX "/allocation_test\\.cpp$")
  if(TESTS)
    plx_test_program(${NAME}_test SOURCES ${TESTS} DEPS ${NAME})
  endif()
  if(COUNTING)
    plx_test_program(${NAME}_allocation_test RELEASE SOURCES ${COUNTING} DEPS ${NAME})
  endif()
  if(BENCHES)
    add_executable(${NAME}_bench ${BENCHES})
    target_precompile_headers(${NAME}_bench REUSE_FROM plx_precompiled)
    target_link_libraries(${NAME}_bench PRIVATE plx_${NAME} plx_folders benchmark::benchmark_main simdjson::simdjson)
    set_property(GLOBAL APPEND PROPERTY PLX_BENCHES ${NAME}_bench)
    add_test(NAME ${NAME}_bench_runs COMMAND ${NAME}_bench --benchmark_min_time=0.001)
    set_tests_properties(${NAME}_bench_runs PROPERTIES LABELS release)
    add_dependencies(release_tests ${NAME}_bench)
  endif()
  foreach(FUZZER ${FUZZERS})
    get_filename_component(FUZZ_NAME ${FUZZER} NAME_WE)
    plx_fuzzer(${NAME}_${FUZZ_NAME} ${FUZZER} ${NAME})
  endforeach()
endfunction()

# plx_test_program(NAME [RELEASE] SOURCES file... DEPS module...): a GoogleTest program and its ctest entry. RELEASE: it has
# something to say about the binary as it is shipped, such as its speed.
function(plx_test_program NAME)
  cmake_parse_arguments(ARG "RELEASE" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  foreach(DEP ${ARG_DEPS})
    target_link_libraries(${NAME} PRIVATE plx_${DEP})
  endforeach()
  target_link_libraries(${NAME} PRIVATE plx_testing plx_folders ${ARG_LIBS} ${RAPIDCHECK_LIBRARY} GTest::gmock GTest::gtest_main)
  target_precompile_headers(${NAME} REUSE_FROM plx_precompiled_tests)
  add_test(NAME ${NAME} COMMAND ${NAME} --gtest_brief=1)
  # Properties are checked with the same inputs in every ctest run; run the program by hand for other ones.
  set_tests_properties(${NAME} PROPERTIES TIMEOUT 600 LABELS unit
    ENVIRONMENT "RC_PARAMS=seed=20261122 max_success=500;${PLX_SANITIZER_ENVIRONMENT}")
  add_dependencies(tests ${NAME})
  foreach(SOURCE ${ARG_SOURCES})
    file(STRINGS ${SOURCE} COUNTS REGEX "PLX_NEEDS_ALLOCATION_COUNT\\(\\);")
    if(COUNTS AND NOT ARG_RELEASE)
      message(FATAL_ERROR "${SOURCE} counts allocations, which only shows in release: move that to allocation_test.cpp")
    endif()
  endforeach()
  if(ARG_RELEASE)
    set_property(TEST ${NAME} APPEND PROPERTY LABELS release)
    add_dependencies(release_tests ${NAME})
  endif()
endfunction()

# plx_test_support(NAME SOURCES file... DEPS module... LIBS library...): what several test programs share, compiled once.
function(plx_test_support NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_library(plx_${NAME} STATIC ${ARG_SOURCES})
  target_include_directories(plx_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(DEP ${ARG_DEPS})
    target_link_libraries(plx_${NAME} PUBLIC plx_${DEP})
  endforeach()
  target_link_libraries(plx_${NAME} PUBLIC plx_flags Threads::Threads ${ARG_LIBS} GTest::gmock)
  target_precompile_headers(plx_${NAME} REUSE_FROM plx_precompiled_tests)
endfunction()

# A fuzzer is built two ways: with clang and PLX_FUZZ a libFuzzer program; otherwise a plain program that runs each
# file of its seed corpus (testdata beside it, named like the fuzzer) once, so that it cannot rot.
function(plx_fuzzer NAME SOURCE MODULE)
  get_filename_component(FOLDER ${SOURCE} DIRECTORY)
  get_filename_component(STEM ${SOURCE} NAME_WE)
  set(CORPUS ${FOLDER}/testdata/${STEM})
  if(PLX_FUZZ)
    add_executable(${NAME} ${SOURCE})
    target_compile_options(${NAME} PRIVATE -fsanitize=fuzzer)
    target_link_options(${NAME} PRIVATE -fsanitize=fuzzer)
    target_compile_definitions(${NAME} PRIVATE PLX_LIBFUZZER=1)
  else()
    add_executable(${NAME} ${SOURCE} ${CMAKE_SOURCE_DIR}/tools/fuzz_main.cpp)
    add_test(NAME ${NAME}_corpus COMMAND ${NAME} ${CORPUS})
    set_tests_properties(${NAME}_corpus PROPERTIES LABELS unit ENVIRONMENT "${PLX_SANITIZER_ENVIRONMENT}")
  endif()
  target_link_libraries(${NAME} PRIVATE plx_${MODULE})
  if(PLX_FUZZ)
    add_dependencies(fuzzers ${NAME})
  else()
    add_dependencies(tests ${NAME})
  endif()
  set_property(GLOBAL APPEND PROPERTY PLX_FUZZERS "${NAME} ${CORPUS}")
endfunction()

# A module no add_subdirectory() leads to is neither built nor tested, and nothing would say so.
function(plx_refuse_forgotten_modules)
  get_property(KNOWN GLOBAL PROPERTY PLX_FOLDERS)
  file(GLOB_RECURSE FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/CMakeLists.txt)
  foreach(FILE ${FILES})
    get_filename_component(FOLDER ${FILE} DIRECTORY)
    file(STRINGS ${FILE} MODULES REGEX "^plx_module\\(")
    if(MODULES AND NOT FOLDER IN_LIST KNOWN)
      message(FATAL_ERROR "${FILE}: no add_subdirectory() leads here")
    endif()
  endforeach()
endfunction()

# Lists for tools and the Makefile: benches.txt (one program a line), fuzzers.txt ("name corpus").
function(plx_write_lists)
  get_property(BENCHES GLOBAL PROPERTY PLX_BENCHES)
  get_property(FUZZERS GLOBAL PROPERTY PLX_FUZZERS)
  set(BENCH_FILES "")
  foreach(BENCH ${BENCHES})
    string(APPEND BENCH_FILES "$<TARGET_FILE:${BENCH}>\n")
  endforeach()
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/benches.txt CONTENT "${BENCH_FILES}")
  list(JOIN FUZZERS "\n" FUZZER_LINES)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/fuzzers.txt CONTENT "${FUZZER_LINES}\n")
endfunction()
