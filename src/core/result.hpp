#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parallax {

/// One value per reaction, not per cause.
enum class Errc : std::uint8_t {
    Malformed,        ///< peer sent what it does not document: drop, count, resubscribe
    Unrepresentable,  ///< valid, but not exact in our types: do not trade the instrument
    BackPressured,    ///< receiver full: try again on a later duty cycle
    Unavailable,      ///< peer down: back off, then retry
    Rejected,         ///< peer understood and refused: do not retry
    Unknown,          ///< sent, no answer: ask the peer what happened before anything else
};

[[nodiscard]] constexpr std::string_view to_string(Errc code) noexcept {
    switch (code) {
        case Errc::Malformed:
            return "malformed";
        case Errc::Unrepresentable:
            return "unrepresentable";
        case Errc::BackPressured:
            return "back_pressured";
        case Errc::Unavailable:
            return "unavailable";
        case Errc::Rejected:
            return "rejected";
        case Errc::Unknown:
            return "unknown";
    }
    return "?";
}

/// `detail` is for people; no code branches on it.
struct Error {
    Errc code;
    std::string detail;
};

template <class T>
using Result = tl::expected<T, Error>;  ///< cold paths
template <class T>
using HotResult = tl::expected<T, Errc>;  ///< hot paths: never allocates

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string detail) {
    return tl::unexpected<Error>{Error{code, std::move(detail)}};
}
[[nodiscard]] constexpr tl::unexpected<Errc> fail(Errc code) noexcept {
    return tl::unexpected<Errc>{code};
}

}  // namespace parallax
