#include "adapters/venues/binance/instruments.hpp"

#include "adapters/venues/common/definitions.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::binance {
namespace {

using venue_common::Element;
using venue_common::Object;
using venue_common::scalar_field;
using venue_common::text_field;

InstrumentStatus status_of(std::string_view text) noexcept {
    if (text == "TRADING") return InstrumentStatus::Trading;
    if (text == "CLOSE" || text == "DELIVERED") return InstrumentStatus::Delisted;
    return InstrumentStatus::Halted;
}

/// Of two multipliers of PERCENT_PRICE_BY_SIDE the stricter: an order inside it passes on either
/// side.
std::string stricter(std::string a, std::string b) {
    if (a.empty() || b.empty()) return a.empty() ? b : a;
    return parse_decimal(a, 9).value_or(0) < parse_decimal(b, 9).value_or(0) ? a : b;
}

void apply_price_rules(std::string_view type, Object f, InstrumentDefinition& d) {
    if (type == "PRICE_FILTER") {
        d.tick = scalar_field(f, "tickSize");
        d.min_price = scalar_field(f, "minPrice");
        d.max_price = scalar_field(f, "maxPrice");
    } else if (type == "PERCENT_PRICE") {
        d.price_band_up = venue_common::band_above(scalar_field(f, "multiplierUp"));
        d.price_band_down = venue_common::band_below(scalar_field(f, "multiplierDown"));
    } else if (type == "PERCENT_PRICE_BY_SIDE") {
        d.price_band_up = stricter(venue_common::band_above(scalar_field(f, "bidMultiplierUp")),
                                   venue_common::band_above(scalar_field(f, "askMultiplierUp")));
        d.price_band_down =
            stricter(venue_common::band_below(scalar_field(f, "bidMultiplierDown")),
                     venue_common::band_below(scalar_field(f, "askMultiplierDown")));
    }
}

void apply_size_rules(std::string_view type, Object f, InstrumentDefinition& d) {
    if (type == "LOT_SIZE") {
        d.lot = scalar_field(f, "stepSize");
        d.min_quantity = scalar_field(f, "minQty");
        d.max_quantity = scalar_field(f, "maxQty");
    } else if (type == "MARKET_LOT_SIZE") {
        d.max_market_quantity = scalar_field(f, "maxQty");
    } else if (type == "MIN_NOTIONAL") {
        const std::string spot = scalar_field(f, "minNotional");
        d.min_notional = spot.empty() ? scalar_field(f, "notional") : spot;
    } else if (type == "NOTIONAL") {
        d.min_notional = scalar_field(f, "minNotional");
        d.max_notional = scalar_field(f, "maxNotional");
    } else if (type == "MAX_NUM_ORDERS") {
        const auto spot = venue_common::integer_field(f, "maxNumOrders");
        const auto limit = spot ? spot : venue_common::integer_field(f, "limit");
        d.max_open_orders =
            static_cast<std::uint32_t>(std::clamp<std::int64_t>(limit.value_or(0), 0, 1'000'000));
    }
}

void apply_filters(Object listing, InstrumentDefinition& d) {
    const auto filters = venue_common::array_field(listing, "filters");
    if (!filters) return;
    for (const Element element : *filters) {
        Object filter;
        if (element.get(filter) != simdjson::SUCCESS) continue;
        const std::string_view type = text_field(filter, "filterType");
        apply_price_rules(type, filter, d);
        apply_size_rules(type, filter, d);
    }
    d.max_quantity = venue_common::cut_to_lot(d.max_quantity, d.lot);
    d.max_market_quantity = venue_common::cut_to_lot(d.max_market_quantity, d.lot);
}

/// "211231" of "BTCUSD_211231"; empty for perpetuals and spot.
std::string_view code_of(std::string_view symbol) noexcept {
    const std::size_t underscore = symbol.find('_');
    if (underscore == std::string_view::npos) return {};
    const std::string_view code = symbol.substr(underscore + 1);
    return venue_common::expiry_time(code, 0) ? code : std::string_view{};
}

InstrumentKind kind_of(Market market, bool dated) noexcept {
    switch (market) {
        case Market::BinanceUsdm:
            return dated ? InstrumentKind::LinearFuture : InstrumentKind::LinearPerpetual;
        case Market::BinanceCoinm:
            return dated ? InstrumentKind::InverseFuture : InstrumentKind::InversePerpetual;
        default:
            return InstrumentKind::Spot;
    }
}

void apply_contract(Object listing, InstrumentDefinition& d) {
    const std::string_view type = text_field(listing, "contractType");
    const bool dated = !type.empty() && type.find("PERPETUAL") == std::string_view::npos;
    const std::string_view code = code_of(d.venue_symbol);
    d.kind = kind_of(d.market, dated || !code.empty());
    d.settle = text_field(listing, "marginAsset");
    d.contract_size = scalar_field(listing, "contractSize");
    if (dated || !code.empty()) {
        d.expiry = UnixNanos::from_millis(std::clamp<std::int64_t>(
            venue_common::integer_field(listing, "deliveryDate").value_or(0), 0,
            9'000'000'000'000));
        d.expiry_code = code.empty() ? venue_common::expiry_code(d.expiry) : std::string(code);
    }
    d.maintenance_margin = venue_common::percent(scalar_field(listing, "maintMarginPercent"));
    const auto required = parse_decimal(scalar_field(listing, "requiredMarginPercent"), 4);
    if (required && *required > 0)
        d.max_leverage =
            static_cast<std::uint16_t>(std::clamp<std::int64_t>(1'000'000 / *required, 1, 65'535));
}

std::optional<InstrumentDefinition> definition_of(Market market, Object listing) {
    InstrumentDefinition d;
    d.market = market;
    d.venue_symbol = text_field(listing, "symbol");
    d.base = text_field(listing, "baseAsset");
    d.quote = text_field(listing, "quoteAsset");
    if (d.venue_symbol.empty() || d.base.empty() || d.quote.empty()) return std::nullopt;
    const std::string_view status = text_field(listing, "status");
    d.status = status_of(status.empty() ? text_field(listing, "contractStatus") : status);
    d.settle = d.quote;
    if (market != Market::BinanceSpot) apply_contract(listing, d);
    // COIN-M's is of the dollars its contracts are worth, not of the coins they pay.
    if (market != Market::BinanceCoinm) {
        const auto* const field =
            market == Market::BinanceSpot ? "quoteAssetPrecision" : "quotePrecision";
        d.quote_decimals = static_cast<std::uint8_t>(std::clamp<std::int64_t>(
            venue_common::integer_field(listing, field).value_or(0), 0, 18));
    }
    apply_filters(listing, d);
    return d;
}

}  // namespace

Result<std::vector<InstrumentDefinition>> parse_exchange_info(Market market,
                                                              std::string_view json) {
    simdjson::dom::parser parser;
    Object root;
    if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
        return fail(Errc::Malformed, "exchangeInfo: not a JSON object");
    }
    const auto symbols = venue_common::array_field(root, "symbols");
    if (!symbols) return fail(Errc::Malformed, "exchangeInfo: no 'symbols'");
    std::vector<InstrumentDefinition> definitions;
    for (const Element element : *symbols) {
        Object listing;
        if (element.get(listing) != simdjson::SUCCESS) continue;
        if (auto definition = definition_of(market, listing))
            definitions.push_back(std::move(*definition));
    }
    return definitions;
}

InstrumentDefinition infer_definition(Market market, std::string_view venue_symbol,
                                      std::uint8_t price_decimals, std::uint8_t quantity_decimals) {
    InstrumentDefinition d =
        venue_common::guess(market, venue_symbol, price_decimals, quantity_decimals);
    const std::string_view code = code_of(venue_symbol);
    auto [base, quote] = venue_common::split_pair(venue_symbol.substr(0, venue_symbol.find('_')));
    d.kind = kind_of(market, !code.empty());
    d.base = std::move(base);
    d.quote = std::move(quote);
    d.settle = is_inverse(d.kind) ? d.base : d.quote;
    if (is_inverse(d.kind)) d.contract_size = d.base == "BTC" ? "100" : "10";
    if (!code.empty()) {
        d.expiry_code = code;
        d.expiry = venue_common::expiry_time(code, 8).value_or(
            UnixNanos{});  // deliveries are at 08:00 UTC
    }
    return d;
}

}  // namespace parallax::binance
