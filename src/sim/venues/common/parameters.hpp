#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parallax::sim_front {

/// %xx and + undone; empty when a % is followed by no two hex digits.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

/// Named texts of a request in the order in which they came: of a query, a form or a JSON object.
class Parameters {
public:
    struct Entry {
        std::string name, value;
    };
    /// Adds a=b&c=d. False when it is not well escaped or has more than `kMost` entries.
    bool add_encoded(std::string_view text);
    void add(std::string name, std::string value) {
        entries_.push_back({std::move(name), std::move(value)});
    }
    /// Null when missing; the first one of a name.
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
    /// Empty when missing.
    [[nodiscard]] std::string_view text(std::string_view name) const noexcept;
    [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
    /// A name that stands there twice.
    [[nodiscard]] const std::string* duplicate() const noexcept;
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
    void remove(std::string_view name);

    static constexpr std::size_t kMost = 256;

private:
    std::vector<Entry> entries_;
};

/// Digits with an optional minus, nothing else; empty when it is none or beyond 64 bits.
[[nodiscard]] std::optional<std::int64_t> integer(std::string_view text) noexcept;

/// The decimal text of raw at the scale with exactly `digits` behind the point, as venues print it:
/// digits that do not fit are cut.
[[nodiscard]] std::string fixed_text(__int128 raw, std::uint8_t scale, std::uint8_t digits);
/// With at least `digits`, and as many more as it takes: what was ordered before a tick or lot grew
/// is finer than it, and stays so.
[[nodiscard]] std::string exact_text(std::int64_t raw, std::uint8_t scale, std::uint8_t digits);

}  // namespace parallax::sim_front
