#include "sim/venues/common/parameters.hpp"

#include <algorithm>
#include <charconv>

#include "core/decimal.hpp"
#include "sim/venues/common/crypto.hpp"

namespace parallax::sim_front {

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const auto byte =
            from_hex(text.substr(i + 1, std::min<std::size_t>(2, text.size() - i - 1)));
        if (!byte || byte->size() != 1) return std::nullopt;
        out += *byte;
        i += 2;
    }
    return out;
}

bool Parameters::add_encoded(std::string_view text) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decoded(pair.substr(0, equals));
        auto value = percent_decoded(pair.substr(std::min(pair.size(), equals + 1)));
        if (!name || !value || entries_.size() == kMost) return false;
        add(std::move(*name), std::move(*value));
    }
    return true;
}

const std::string* Parameters::find(std::string_view name) const noexcept {
    for (const Entry& entry : entries_) {
        if (entry.name == name) return &entry.value;
    }
    return nullptr;
}

std::string_view Parameters::text(std::string_view name) const noexcept {
    const std::string* const value = find(name);
    return value == nullptr ? std::string_view{} : std::string_view{*value};
}

const std::string* Parameters::duplicate() const noexcept {
    for (std::size_t i = 1; i < entries_.size(); ++i) {
        if (find(entries_[i].name) != &entries_[i].value) return &entries_[i].name;
    }
    return nullptr;
}

void Parameters::remove(std::string_view name) {
    std::erase_if(entries_, [name](const Entry& entry) { return entry.name == name; });
}

std::optional<std::int64_t> integer(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::string fixed_text(__int128 raw, std::uint8_t scale, std::uint8_t digits) {
    std::string out = format_decimal(raw, scale);
    std::size_t point = out.find('.');
    if (point == std::string::npos) {
        if (digits == 0) return out;
        point = out.size();
        out += '.';
    }
    out.resize(point + (digits == 0 ? 0 : 1U + digits), '0');
    return out;
}

std::string exact_text(std::int64_t raw, std::uint8_t scale, std::uint8_t digits) {
    std::uint8_t needed = scale;
    for (std::int64_t rest = raw; needed > 0 && rest % 10 == 0; rest /= 10) --needed;
    return fixed_text(raw, scale, std::max(needed, digits));
}

}  // namespace parallax::sim_front
