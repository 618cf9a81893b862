#include "ports/transport.hpp"

#include <algorithm>

#include "ports/server_transport.hpp"

namespace parallax::ports {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view find(std::span<const HttpHeader> headers, std::string_view name) noexcept {
    for (const HttpHeader& header : headers) {
        if (std::ranges::equal(header.name, name, {}, lower, lower)) return header.value;
    }
    return {};
}

}  // namespace

std::string_view NetEvent::header(std::string_view name) const noexcept {
    return find(headers, name);
}

std::string_view ServerEvent::header(std::string_view name) const noexcept {
    return find(headers, name);
}

}  // namespace parallax::ports
