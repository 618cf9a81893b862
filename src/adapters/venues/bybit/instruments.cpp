#include "adapters/venues/bybit/instruments.hpp"

#include <chrono>

#include "adapters/venues/common/definitions.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::bybit {
namespace {

using venue_common::Element;
using venue_common::Object;
using venue_common::scalar_field;
using venue_common::text_field;

constexpr std::uint32_t kMaxOpenOrders = 500;  // a symbol on derivatives, an account on spot

InstrumentStatus status_of(std::string_view text) noexcept {
    if (text == "Trading") return InstrumentStatus::Trading;
    return text == "Closed" ? InstrumentStatus::Delisted : InstrumentStatus::Halted;
}

InstrumentKind kind_of(Market market, bool dated) noexcept {
    switch (market) {
        case Market::BybitLinear:
            return dated ? InstrumentKind::LinearFuture : InstrumentKind::LinearPerpetual;
        case Market::BybitInverse:
            return dated ? InstrumentKind::InverseFuture : InstrumentKind::InversePerpetual;
        default:
            return InstrumentKind::Spot;
    }
}

std::string first_of(std::string a, std::string b) { return a.empty() ? b : a; }

/// The stricter of the two ratios around the index and the mark price, where both are given.
std::string price_band(Object risk) {
    std::string x = scalar_field(risk, "priceLimitRatioX");
    std::string y = scalar_field(risk, "priceLimitRatioY");
    if (x.empty() || y.empty()) return first_of(std::move(x), std::move(y));
    return parse_decimal(x, 9).value_or(0) < parse_decimal(y, 9).value_or(0) ? x : y;
}

void apply_sizes(Object f, InstrumentDefinition& d) {
    const bool spot = is_spot(d.kind);
    d.lot = scalar_field(f, spot ? "basePrecision" : "qtyStep");
    d.min_quantity = scalar_field(f, "minOrderQty");
    d.max_quantity =
        spot ? first_of(scalar_field(f, "maxLimitOrderQty"), scalar_field(f, "maxOrderQty"))
             : scalar_field(f, "maxOrderQty");
    d.max_market_quantity = scalar_field(f, spot ? "maxMarketOrderQty" : "maxMktOrderQty");
    d.max_quantity = venue_common::cut_to_lot(d.max_quantity, d.lot);
    d.max_market_quantity = venue_common::cut_to_lot(d.max_market_quantity, d.lot);
    d.min_notional = scalar_field(f, spot ? "minOrderAmt" : "minNotionalValue");
    if (spot) d.max_notional = scalar_field(f, "maxOrderAmt");
}

void apply_contract(Object listing, InstrumentDefinition& d) {
    const bool dated = text_field(listing, "contractType").ends_with("Futures");
    d.kind = kind_of(d.market, dated);
    d.settle = text_field(listing, "settleCoin");
    if (is_inverse(d.kind)) d.contract_size = "1";
    if (dated) {
        const auto delivery = venue_common::integer_field(listing, "deliveryTime");
        d.expiry = UnixNanos::from_millis(
            std::clamp<std::int64_t>(delivery.value_or(0), 0, 9'000'000'000'000));
        d.expiry_code = venue_common::expiry_code(d.expiry);
    } else {
        const auto minutes = venue_common::integer_field(listing, "fundingInterval");
        d.funding_interval =
            Nanos::seconds(60 * std::clamp<std::int64_t>(minutes.value_or(0), 0, 10'080));
        d.funding_cap = scalar_field(listing, "upperFundingRate");
    }
    if (const auto leverage = venue_common::object_field(listing, "leverageFilter")) {
        d.max_leverage = venue_common::leverage(scalar_field(*leverage, "maxLeverage"));
    }
}

std::optional<InstrumentDefinition> definition_of(Market market, Object listing) {
    InstrumentDefinition d;
    d.market = market;
    d.venue_symbol = text_field(listing, "symbol");
    d.base = text_field(listing, "baseCoin");
    d.quote = text_field(listing, "quoteCoin");
    d.settle = d.quote;
    d.status = status_of(text_field(listing, "status"));
    d.max_open_orders = kMaxOpenOrders;
    if (market != Market::BybitSpot) apply_contract(listing, d);
    if (const auto prices = venue_common::object_field(listing, "priceFilter")) {
        d.tick = scalar_field(*prices, "tickSize");
        d.min_price = scalar_field(*prices, "minPrice");
        d.max_price = scalar_field(*prices, "maxPrice");
    }
    if (const auto sizes = venue_common::object_field(listing, "lotSizeFilter"))
        apply_sizes(*sizes, d);
    if (const auto risk = venue_common::object_field(listing, "riskParameters")) {
        d.price_band_up = d.price_band_down = price_band(*risk);
    }
    const bool complete =
        !d.venue_symbol.empty() && !d.base.empty() && !d.quote.empty() && !d.tick.empty();
    return complete ? std::optional{std::move(d)} : std::nullopt;
}

/// "Z25" behind "BTCUSD": December 2025. The month's last Friday, 08:00 UTC.
std::optional<UnixNanos> quarter_expiry(std::string_view code) noexcept {
    using namespace std::chrono;
    constexpr std::string_view kMonths = "FGHJKMNQUVXZ";
    const std::size_t index = code.size() == 3 ? kMonths.find(code[0]) : std::string_view::npos;
    const auto number = parse_decimal(code.substr(std::min<std::size_t>(code.size(), 1)), 0);
    if (index == std::string_view::npos || !number || *number < 0) return std::nullopt;
    const sys_days day{year{static_cast<int>(2000 + *number)} /
                       month{static_cast<unsigned>(index + 1)} / Friday[last]};
    return UnixNanos::from_nanos(nanoseconds{day.time_since_epoch() + hours{8}}.count());
}

/// "26DEC25" behind a dash.
std::optional<UnixNanos> day_expiry(std::string_view code) noexcept {
    using namespace std::chrono;
    constexpr std::string_view kMonths = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    if (code.size() < 6 || code.size() > 7) return std::nullopt;
    const auto day_number = parse_decimal(code.substr(0, code.size() - 5), 0);
    const std::size_t month_at = kMonths.find(code.substr(code.size() - 5, 3));
    const auto year_number = parse_decimal(code.substr(code.size() - 2), 0);
    if (!day_number || !year_number || month_at % 3 != 0) return std::nullopt;
    const year_month_day date{year{static_cast<int>(2000 + *year_number)},
                              month{static_cast<unsigned>(month_at / 3 + 1)},
                              day{static_cast<unsigned>(*day_number)}};
    if (!date.ok()) return std::nullopt;
    return UnixNanos::from_nanos(nanoseconds{sys_days{date}.time_since_epoch() + hours{8}}.count());
}

void set_pair(std::string_view name, InstrumentDefinition& d) {
    if (name.ends_with("PERP") && name.size() > 4) {
        d.base = name.substr(0, name.size() - 4);
        d.quote = "USDC";
        return;
    }
    auto [base, quote] = venue_common::split_pair(name);
    d.base = std::move(base);
    d.quote = std::move(quote);
}

std::optional<InstrumentDefinition> v2_definition(Market market, Object listing) {
    InstrumentDefinition d;
    d.market = market;
    d.venue_symbol = text_field(listing, "name");
    d.base = text_field(listing, "base_currency");
    d.quote = text_field(listing, "quote_currency");
    const bool inverse = d.quote == "USD";
    if (d.venue_symbol.empty() || d.base.empty() || inverse != (market == Market::BybitInverse))
        return std::nullopt;
    const std::string_view rest =
        std::string_view{d.venue_symbol}.substr(std::min(d.venue_symbol.size(), d.base.size() + 3));
    const auto expiry = inverse ? quarter_expiry(rest) : std::nullopt;
    d.kind = kind_of(market, expiry.has_value());
    d.settle = inverse ? d.base : d.quote;
    d.status = status_of(text_field(listing, "status"));
    if (inverse) d.contract_size = "1";
    if (expiry) {
        d.expiry = *expiry;
        d.expiry_code = venue_common::expiry_code(*expiry);
    }
    const auto prices = venue_common::object_field(listing, "price_filter");
    const auto sizes = venue_common::object_field(listing, "lot_size_filter");
    if (!prices || !sizes) return std::nullopt;
    d.tick = scalar_field(*prices, "tick_size");
    d.min_price = scalar_field(*prices, "min_price");
    d.max_price = scalar_field(*prices, "max_price");
    d.lot = scalar_field(*sizes, "qty_step");
    d.min_quantity = scalar_field(*sizes, "min_trading_qty");
    d.max_quantity = scalar_field(*sizes, "max_trading_qty");
    d.max_open_orders = kMaxOpenOrders;
    return d;
}

}  // namespace

Result<std::vector<InstrumentDefinition>> parse_instruments(Market market, std::string_view json) {
    simdjson::dom::parser parser;
    Object root;
    if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
        return fail(Errc::Malformed, "instruments-info: not a JSON object");
    }
    const auto result = venue_common::object_field(root, "result");
    const auto v2_rows = venue_common::array_field(root, "result");
    const auto rows = result ? venue_common::array_field(*result, "list") : v2_rows;
    const bool refused = venue_common::integer_field(root, "retCode").value_or(0) != 0;
    if (!rows || refused)
        return fail(Errc::Malformed,
                    "instruments-info: " + std::string(text_field(root, "retMsg")));
    std::vector<InstrumentDefinition> definitions;
    for (const Element element : *rows) {
        Object listing;
        if (element.get(listing) != simdjson::SUCCESS) continue;
        auto definition = v2_rows ? v2_definition(market, listing) : definition_of(market, listing);
        if (definition) definitions.push_back(std::move(*definition));
    }
    return definitions;
}

std::string next_page(std::string_view json) {
    simdjson::dom::parser parser;
    Object root;
    if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return {};
    const auto result = venue_common::object_field(root, "result");
    return result ? std::string(text_field(*result, "nextPageCursor")) : std::string{};
}

InstrumentDefinition infer_definition(Market market, std::string_view venue_symbol,
                                      std::uint8_t price_decimals, std::uint8_t quantity_decimals) {
    InstrumentDefinition d =
        venue_common::guess(market, venue_symbol, price_decimals, quantity_decimals);
    std::string_view name = venue_symbol;
    std::optional<UnixNanos> expiry;
    const std::size_t dash = name.find('-');
    if (market == Market::BybitLinear && dash != std::string_view::npos) {
        expiry = day_expiry(name.substr(dash + 1));
        name = name.substr(0, dash);
    } else if (market == Market::BybitInverse && name.size() > 3) {
        expiry = quarter_expiry(name.substr(name.size() - 3));
        if (expiry) name.remove_suffix(3);
    }
    set_pair(name, d);
    if (expiry && name.find("USD") == std::string_view::npos) {  // "BTC-26DEC25" is settled in USDC
        d.base = name;
        d.quote = "USDC";
    }
    d.kind = kind_of(market, expiry.has_value());
    d.settle = is_inverse(d.kind) ? d.base : d.quote;
    if (is_inverse(d.kind)) d.contract_size = "1";
    if (expiry) {
        d.expiry = *expiry;
        d.expiry_code = venue_common::expiry_code(*expiry);
    }
    return d;
}

}  // namespace parallax::bybit
