#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "adapters/venues/common/scan.hpp"
#include "core/instrument.hpp"

namespace parallax::venue_common {

/// The instruments of one market by venue symbol: a copy of what parsing needs from the universe,
/// in an open hash table. Looking up allocates nothing; `refresh` does when the universe changed.
class SymbolCache {
public:
    struct Entry {
        std::uint64_t words[4] = {};  ///< the symbol, zero filled
        std::uint32_t length = 0;     ///< of the symbol; 0 = free slot
        InstrumentId id;
        WireFormat wire;
    };

    SymbolCache(Market market, const Universe& universe) noexcept
        : market_{market}, universe_{&universe} {}

    /// Call once a frame: one comparison unless the universe changed.
    void refresh() {
        if (version_ != universe_->version() || slots_.empty()) [[unlikely]]
            rebuild();
    }
    /// Null when the market does not list the symbol. Symbols above 32 bytes are never found.
    [[nodiscard, gnu::always_inline]] const Entry* find(const ShortText& symbol) const noexcept {
        for (std::size_t at = slot(symbol.words);; at = (at + 1) & (slots_.size() - 1)) {
            const Entry& entry = slots_[at];
            if (entry.length == 0) return nullptr;
            if (entry.length == symbol.text.size() && same(entry.words, symbol.words))
                return &entry;
        }
    }
    [[nodiscard]] const Entry* find(std::string_view symbol) const noexcept;

private:
    using Words = std::uint64_t[4];
    [[nodiscard, gnu::always_inline]] static bool same(const Words& a, const Words& b) noexcept {
        return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
    }
    [[nodiscard, gnu::always_inline]] std::size_t slot(const Words& words) const noexcept {
        const std::uint64_t mixed =
            words[0] ^ std::rotl(words[1], 23) ^ std::rotl(words[2], 41) ^ std::rotl(words[3], 7);
        return static_cast<std::size_t>((mixed * 0x9e3779b97f4a7c15ULL) >> shift_);
    }
    void rebuild();

    Market market_;
    const Universe* universe_;
    std::uint64_t version_ = 0;
    unsigned shift_ = 63;
    std::vector<Entry> slots_;  ///< a power of two, at most half full
};

}  // namespace parallax::venue_common
