#include "sim/engine/listing.hpp"

#include <limits>

namespace parallax::sim_engine {
namespace {

constexpr std::uint8_t kSpareDigits = 2;

template <class T, class Parse>
bool read(std::string_view text, T& out, Parse parse) {
    if (text.empty()) {
        out = T{};
        return true;
    }
    const auto value = parse(text);
    if (!value) return false;
    out = *value;
    return !(out < T{});
}

}  // namespace

Result<Listing> Listing::make(const InstrumentDefinition& definition) {
    if (definition.kind != InstrumentKind::Spot &&
        definition.kind != InstrumentKind::LinearPerpetual) {
        return fail(Errc::Rejected, definition.venue_symbol + ": only spot and linear perpetuals");
    }
    const std::string& contract = definition.contract_size;
    const int quantity_decimals =
        significant_decimals(definition.lot) + significant_decimals(contract) + kSpareDigits;
    const int price_decimals = significant_decimals(definition.tick) + kSpareDigits;
    if (price_decimals + quantity_decimals > kMaxDecimals) {
        return fail(Errc::Unrepresentable, definition.venue_symbol + ": tick and lot too fine");
    }
    Listing out;
    out.definition = definition;
    out.price_scale = {static_cast<std::uint8_t>(price_decimals)};
    out.quantity_scale = {static_cast<std::uint8_t>(quantity_decimals)};
    if (!out.read_rules()) return fail(Errc::Malformed, definition.venue_symbol + ": bad rules");
    return out;
}

Result<void> Listing::change(const InstrumentDefinition& changed) {
    if (changed.market != definition.market || changed.venue_symbol != definition.venue_symbol ||
        changed.kind != definition.kind || changed.base != definition.base ||
        changed.quote != definition.quote || changed.contract_size != definition.contract_size) {
        return fail(Errc::Rejected, definition.venue_symbol + ": another instrument");
    }
    Listing next = *this;
    next.definition = changed;
    if (!next.read_rules()) {
        return fail(Errc::Unrepresentable, definition.venue_symbol + ": finer than its scales");
    }
    *this = std::move(next);
    return {};
}

/// Everything that follows from the definition, the scales being given.
bool Listing::read_rules() {
    const InstrumentDefinition& d = definition;
    policy = policy_of(d.market);
    perpetual = d.kind == InstrumentKind::LinearPerpetual;
    contract_ = 1;
    contract_decimals_ = significant_decimals(d.contract_size);
    if (!d.contract_size.empty()) {
        const auto size = parse_decimal(d.contract_size, contract_decimals_);
        if (!size || *size <= 0) return false;
        contract_ = *size;
    }
    const auto price = [this](std::string_view t) { return parse_price(t); };
    const auto quantity = [this](std::string_view t) { return parse_quantity(t); };
    const auto rate = [](std::string_view t) { return Rate::parse(t); };
    const auto amount_of = [](std::string_view t) { return Amount::parse(t); };
    const bool all = read(d.tick, tick, price) && read(d.min_price, min_price, price) &&
                     read(d.max_price, max_price, price) && read(d.lot, lot, quantity) &&
                     read(d.min_quantity, min_quantity, quantity) &&
                     read(d.max_quantity, max_quantity, quantity) &&
                     read(d.max_market_quantity, max_market_quantity, quantity) &&
                     read(d.min_notional, min_notional, amount_of) &&
                     read(d.max_notional, max_notional, amount_of) &&
                     read(d.price_band_up, band_up, rate) &&
                     read(d.price_band_down, band_down, rate) &&
                     read(d.maintenance_margin, maintenance_margin, rate) &&
                     read(d.funding_cap, funding_cap, rate);
    return all && tick > Price{} && lot > Quantity{} && d.max_leverage > 0 &&
           (!perpetual || d.funding_interval > Nanos{});
}

Quantity Listing::affordable(Amount quote_amount, Price price) const noexcept {
    if (!(quote_amount > Amount{})) return {};
    const Amount base_amount = divide_by_price(quote_amount, price, price_scale, Rounding::Down);
    return floor_to(to_quantity(base_amount, quantity_scale, Rounding::Down), lot);
}

Price Listing::moved(Price price, Rate rate) const noexcept {
    const __int128 raw = static_cast<__int128>(price.raw()) * (Rate::kOne + rate.raw());
    return Price::from_raw(static_cast<std::int64_t>(raw / Rate::kOne));
}

HotResult<Quantity> Listing::parse_quantity(std::string_view text) const noexcept {
    const auto decimals = static_cast<std::uint8_t>(quantity_scale.decimals - contract_decimals_);
    const auto contracts = parse_decimal(text, decimals);
    if (!contracts) return fail(contracts.error());
    std::int64_t raw = 0;
    if (__builtin_mul_overflow(*contracts, contract_, &raw)) return fail(Errc::Unrepresentable);
    return Quantity::from_raw(raw);
}

std::string Listing::text(Quantity quantity) const {
    // Off-contract quantities do not arise: lots are whole fractions of a contract.
    const auto decimals = static_cast<std::uint8_t>(quantity_scale.decimals - contract_decimals_);
    return format_decimal(quantity.raw() / contract_, decimals);
}

}  // namespace parallax::sim_engine
