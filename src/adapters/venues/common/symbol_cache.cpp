#include "adapters/venues/common/symbol_cache.hpp"

namespace parallax::venue_common {
namespace {

constexpr std::size_t kMaxSymbol = sizeof(ShortText::words);

}  // namespace

const SymbolCache::Entry* SymbolCache::find(std::string_view symbol) const noexcept {
    ShortText key{.text = symbol};
    if (symbol.empty() || symbol.size() > kMaxSymbol) return nullptr;
    std::memcpy(key.words, symbol.data(), symbol.size());
    return find(key);
}

void SymbolCache::rebuild() {
    std::size_t count = 0;
    for (const Instrument& listing : universe_->instruments())
        count += listing.market == market_ ? 1 : 0;
    const std::size_t size = std::bit_ceil(2 * count + 2);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(size));
    slots_.assign(size, Entry{});
    for (const Instrument& listing : universe_->instruments()) {
        if (listing.market != market_ || listing.venue_symbol.size() > kMaxSymbol) continue;
        const auto length = static_cast<std::uint32_t>(listing.venue_symbol.size());
        Entry entry{.words = {}, .length = length, .id = listing.id, .wire = listing.wire};
        std::memcpy(entry.words, listing.venue_symbol.data(), length);
        std::size_t at = slot(entry.words);
        while (slots_[at].length != 0) at = (at + 1) & (size - 1);
        slots_[at] = entry;
    }
    version_ = universe_->version();
}

}  // namespace parallax::venue_common
