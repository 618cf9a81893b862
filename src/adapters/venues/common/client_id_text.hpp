#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/ids.hpp"

namespace parallax::venue_common {

/// How a venue sees our order ids: "plx", a tag of this instance, the id in hex, such as
/// "plxa001000000001200000a". Letters and digits only, 23 of them: every venue takes that. Two
/// instances on one account have different tags and leave each other's orders alone.
class ClientIdText {
public:
    static constexpr std::size_t kSize = 23;
    using Text = std::array<char, kSize>;

    /// `tag`: four of a-z 0-9. Asserted.
    explicit ClientIdText(std::string_view tag);

    [[nodiscard]] Text write(ClientOrderId id) const noexcept;
    /// Nothing: not an order of this instance.
    [[nodiscard]] std::optional<ClientOrderId> read(std::string_view text) const noexcept;
    /// Of another instance of Parallax.
    [[nodiscard]] bool of_another(std::string_view text) const noexcept;
    /// What all ids of this instance begin with.
    [[nodiscard]] std::string_view prefix() const noexcept { return {prefix_.data(), kPrefix}; }
    [[nodiscard]] static bool good_tag(std::string_view tag) noexcept;

private:
    static constexpr std::size_t kPrefix = 7;
    std::array<char, kPrefix> prefix_{};
};

[[nodiscard]] inline std::string_view view(const ClientIdText::Text& text) noexcept {
    return {text.data(), text.size()};
}

}  // namespace parallax::venue_common
