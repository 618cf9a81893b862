#include "services/scanner/inventory_weights.hpp"

#include "core/settings.hpp"

namespace parallax::scanner {
namespace {

/// The next word of a text, taken off it; empty at its end.
std::string_view next_word(std::string_view& text) noexcept {
    const std::size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) return text = {};
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string_view word = text.substr(start, end - start);
    text.remove_prefix(end);
    return word;
}

}  // namespace

double InventoryWeights::of(Market wallet, std::string_view asset) const noexcept {
    double weight = 1.0;
    for (const Entry& entry : entries) {
        if (entry.wallet != wallet) continue;
        if (entry.asset == asset) return entry.weight;
        if (entry.asset == "*") weight = entry.weight;
    }
    return weight;
}

bool parse_setting(std::string_view, std::string_view text, InventoryWeights& value) {
    InventoryWeights out;
    while (text.find_first_not_of(' ') != std::string_view::npos) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view part = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        const auto wallet = parse_market(next_word(part));
        InventoryWeights::Entry entry;
        entry.asset = next_word(part);
        const std::string_view weight = next_word(part);
        if (!wallet || entry.asset.empty() || weight.empty() || !next_word(part).empty() ||
            !parallax::parse_setting("", weight, entry.weight) ||
            !(entry.weight >= 0.0 && entry.weight <= 1'000.0))
            return false;
        entry.wallet = wallet_of(*wallet);
        out.entries.push_back(std::move(entry));
    }
    value = std::move(out);
    return true;
}

std::string format_setting(std::string_view, const InventoryWeights& value) {
    std::string out;
    for (const InventoryWeights::Entry& entry : value.entries) {
        out += out.empty() ? "" : ", ";
        out += to_string(entry.wallet);
        out += " " + entry.asset + " " + parallax::format_setting("", entry.weight);
    }
    return out;
}

}  // namespace parallax::scanner
