#pragma once

namespace parallax {

/// Prints what did not hold and stops the process. Never returns.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace parallax

/// For what must not happen: on in release builds too. Never on anything a peer sent; that is a
/// Result.
#define PLX_ASSERT(expression)                          \
    (__builtin_expect(static_cast<bool>(expression), 1) \
         ? static_cast<void>(0)                         \
         : ::parallax::assertion_failed(#expression, __FILE__, __LINE__))
