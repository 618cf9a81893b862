#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "adapters/venues/common/json.hpp"
#include "adapters/venues/common/numbers.hpp"
#include "ports/market_frame.hpp"

/// How a cold message ends: as content, as a wish (list the instrument, refine its scale), or as an
/// error.
namespace parallax::venue_common {

/// What a message needs of its instrument.
struct Needs {
    std::string_view symbol;
    std::uint8_t price_decimals = 0;
    std::uint8_t quantity_decimals = 0;
};

/// `note` keeps the symbol's text alive until the next frame.
inline HotResult<void> settle_unknown(const Needs& needs, std::string& note,
                                      ports::MarketFrame& out) {
    note.assign(needs.symbol);
    out.contents = ports::MarketFrame::kUnknownInstrument;
    out.note = note;
    out.instrument = {};
    out.price_decimals = needs.price_decimals;
    out.quantity_decimals = needs.quantity_decimals;
    return {};
}

inline HotResult<void> settle_inexpressible(const Needs& needs, InstrumentId instrument,
                                            const WireFormat& wire, ports::MarketFrame& out) {
    if (needs.price_decimals <= wire.price_decimals &&
        needs.quantity_decimals <= wire.quantity_decimals) {
        return fail(Errc::Unrepresentable);  // too large, not too fine: no scale helps
    }
    out.contents = ports::MarketFrame::kFinerScale;
    out.instrument = instrument;
    out.price_decimals = std::max(needs.price_decimals, wire.price_decimals);
    out.quantity_decimals = std::max(needs.quantity_decimals, wire.quantity_decimals);
    return {};
}

/// For messages read field by field; the caller has filled the message itself.
inline HotResult<void> settle_fields(const FieldReader& fields, std::string_view symbol,
                                     const SymbolCache::Entry* entry, std::uint16_t contents,
                                     std::string& note, ports::MarketFrame& out) {
    if (fields.malformed()) return fail(Errc::Malformed);
    const Needs needs{symbol, fields.price_decimals(),
                      entry == nullptr ? fields.quantity_decimals() : std::uint8_t{0}};
    if (entry == nullptr) return settle_unknown(needs, note, out);
    if (fields.finer()) return settle_inexpressible(needs, entry->id, entry->wire, out);
    if (fields.too_large()) return fail(Errc::Unrepresentable);
    out.contents = contents;
    return {};
}

/// Scans text in the documented compact form, which is all there is to know about the message: what
/// the scanner does not take is malformed. `scan` is callable with (Cursor&, Exact&) and (Cursor&,
/// Measure&).
template <class Scan>
HotResult<void> settle_rewritten(std::string_view text, const SymbolCache& symbols, Scan scan,
                                 std::string& note, ports::MarketFrame& out) {
    Exact exact{symbols};
    Cursor at{text};
    if (scan(at, exact) && at.at_end()) return {};
    out.contents = ports::MarketFrame::kNone;
    if (!exact.inexpressible()) return fail(Errc::Malformed);
    Measure measure;
    Cursor again{text};
    if (!scan(again, measure) || !again.at_end()) return fail(Errc::Malformed);
    out.contents = ports::MarketFrame::kNone;
    const Needs needs{measure.name(), measure.price_decimals(), measure.quantity_decimals()};
    if (exact.unknown()) return settle_unknown(needs, note, out);
    return settle_inexpressible(needs, exact.instrument(), exact.wire(), out);
}

}  // namespace parallax::venue_common
