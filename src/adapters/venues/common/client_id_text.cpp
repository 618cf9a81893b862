#include "adapters/venues/common/client_id_text.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace parallax::venue_common {
namespace {

constexpr std::string_view kName = "plx";
constexpr std::string_view kHex = "0123456789abcdef";

}  // namespace

bool ClientIdText::good_tag(std::string_view tag) noexcept {
    return tag.size() == kPrefix - kName.size() && std::ranges::all_of(tag, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
           });
}

ClientIdText::ClientIdText(std::string_view tag) {
    PLX_ASSERT(good_tag(tag));
    std::ranges::copy(tag, std::ranges::copy(kName, prefix_.begin()).out);
}

ClientIdText::Text ClientIdText::write(ClientOrderId id) const noexcept {
    Text text{};
    auto* to = std::ranges::copy(prefix_, text.begin()).out;
    for (int shift = 60; shift >= 0; shift -= 4) *to++ = kHex[(id.raw() >> shift) & 15];
    return text;
}

std::optional<ClientOrderId> ClientIdText::read(std::string_view text) const noexcept {
    if (text.size() != kSize || !text.starts_with(prefix())) return std::nullopt;
    std::uint64_t raw = 0;
    for (const char c : text.substr(kPrefix)) {
        const std::size_t digit = kHex.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        raw = raw << 4 | digit;
    }
    const auto id = ClientOrderId::from_raw(raw);
    return id.valid() ? std::optional{id} : std::nullopt;
}

bool ClientIdText::of_another(std::string_view text) const noexcept {
    return text.size() == kSize && text.starts_with(kName) && !text.starts_with(prefix());
}

}  // namespace parallax::venue_common
