#include "adapters/venues/okx/instruments.hpp"

#include <array>

#include "adapters/venues/common/definitions.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::okx {
namespace {

using venue_common::Element;
using venue_common::Object;
using venue_common::scalar_field;
using venue_common::text_field;

constexpr std::uint32_t kMaxOpenOrders = 500;  // an instrument, for all of them

/// "BTC-USD-220527" in its parts; unused ones are empty.
std::array<std::string_view, 3> parts_of(std::string_view symbol) noexcept {
    std::array<std::string_view, 3> parts;
    for (std::string_view& part : parts) {
        const std::size_t dash = symbol.find('-');
        part = symbol.substr(0, dash);
        symbol = dash == std::string_view::npos ? std::string_view{} : symbol.substr(dash + 1);
    }
    return parts;
}

InstrumentStatus status_of(std::string_view text) noexcept {
    if (text == "live") return InstrumentStatus::Trading;
    if (text == "post_only") return InstrumentStatus::PostOnly;
    return text == "expired" ? InstrumentStatus::Delisted : InstrumentStatus::Halted;
}

InstrumentKind contract_kind(bool inverse, bool dated) noexcept {
    if (inverse) return dated ? InstrumentKind::InverseFuture : InstrumentKind::InversePerpetual;
    return dated ? InstrumentKind::LinearFuture : InstrumentKind::LinearPerpetual;
}

void apply_contract(Object listing, bool dated, InstrumentDefinition& d) {
    const auto parts = parts_of(d.venue_symbol);
    d.kind = contract_kind(text_field(listing, "ctType") == "inverse", dated);
    d.base = parts[0];
    d.quote = parts[1];
    d.settle = text_field(listing, "settleCcy");
    d.contract_size =
        venue_common::multiply(scalar_field(listing, "ctVal"), scalar_field(listing, "ctMult"));
    if (!dated) return;
    const auto expiry = venue_common::integer_field(listing, "expTime");
    d.expiry =
        UnixNanos::from_millis(std::clamp<std::int64_t>(expiry.value_or(0), 0, 9'000'000'000'000));
    d.expiry_code = parts[2];
}

void apply_rules(Object listing, InstrumentDefinition& d) {
    d.tick = scalar_field(listing, "tickSz");
    d.lot = scalar_field(listing, "lotSz");
    d.min_quantity = scalar_field(listing, "minSz");
    d.max_quantity = venue_common::cut_to_lot(scalar_field(listing, "maxLmtSz"), d.lot);
    // A spot market order's limit is a sum of quote currency, which is no quantity.
    if (!is_spot(d.kind))
        d.max_market_quantity = venue_common::cut_to_lot(scalar_field(listing, "maxMktSz"), d.lot);
    if (d.quote.starts_with("USD"))
        d.max_notional = scalar_field(listing, "maxLmtAmt");  // a sum of USD
    d.price_band_up = scalar_field(listing, "maxPxLmtPct");
    d.price_band_down = d.price_band_up;
    d.max_leverage = venue_common::leverage(scalar_field(listing, "lever"));
    d.venue_code = venue_common::integer_field(listing, "instIdCode").value_or(0);
    d.max_open_orders = kMaxOpenOrders;
}

std::optional<InstrumentDefinition> definition_of(Object listing) {
    const std::string_view type = text_field(listing, "instType");
    InstrumentDefinition d;
    d.market = Market::Okx;
    d.venue_symbol = text_field(listing, "instId");
    d.status = status_of(text_field(listing, "state"));
    if (type == "SPOT") {
        d.kind = InstrumentKind::Spot;
        d.base = text_field(listing, "baseCcy");
        d.quote = text_field(listing, "quoteCcy");
        d.settle = d.quote;
    } else if (type == "SWAP" || type == "FUTURES") {
        apply_contract(listing, type == "FUTURES", d);
        if (d.contract_size.empty()) return std::nullopt;
    } else {
        return std::nullopt;
    }
    apply_rules(listing, d);
    const bool complete =
        !d.venue_symbol.empty() && !d.base.empty() && !d.quote.empty() && !d.tick.empty();
    return complete ? std::optional{std::move(d)} : std::nullopt;
}

}  // namespace

Result<std::vector<InstrumentDefinition>> parse_instruments(std::string_view json) {
    simdjson::dom::parser parser;
    Object root;
    if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
        return fail(Errc::Malformed, "instruments: not a JSON object");
    }
    const auto rows = venue_common::array_field(root, "data");
    const auto arg = venue_common::object_field(root, "arg");
    const bool push = arg && text_field(*arg, "channel") == "instruments";
    if (!rows || (!push && text_field(root, "code") != "0")) {
        return fail(Errc::Malformed, "instruments: " + std::string(text_field(root, "msg")));
    }
    std::vector<InstrumentDefinition> definitions;
    for (const Element element : *rows) {
        Object listing;
        if (element.get(listing) != simdjson::SUCCESS) continue;
        if (auto definition = definition_of(listing)) definitions.push_back(std::move(*definition));
    }
    return definitions;
}

InstrumentDefinition infer_definition(Market market, std::string_view venue_symbol,
                                      std::uint8_t price_decimals, std::uint8_t quantity_decimals) {
    InstrumentDefinition d =
        venue_common::guess(market, venue_symbol, price_decimals, quantity_decimals);
    const auto parts = parts_of(venue_symbol);
    d.base = parts[0];
    d.quote = parts[1].empty() ? "USDT" : std::string(parts[1]);
    d.settle = d.quote;
    if (parts[2].empty()) return d;
    const auto expiry = venue_common::expiry_time(parts[2], 8);  // deliveries are at 08:00 UTC
    d.kind = contract_kind(d.quote == "USD", expiry.has_value());
    if (is_inverse(d.kind)) {
        d.settle = d.base;
        d.contract_size = d.base == "BTC" ? "100" : "10";
    }
    if (expiry) {
        d.expiry = *expiry;
        d.expiry_code = parts[2];
    }
    return d;
}

}  // namespace parallax::okx
