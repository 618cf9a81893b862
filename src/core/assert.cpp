#include "core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace parallax {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "parallax: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace parallax
