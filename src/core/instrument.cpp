#include "core/instrument.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace parallax {
namespace {

std::string instrument_key(Market market, std::string_view venue_symbol) {
    std::string key(1, static_cast<char>('0' + static_cast<int>(market)));
    key += venue_symbol;
    return key;
}

/// Decimals of the smallest step among the given texts.
std::uint8_t decimals_of(std::initializer_list<std::string_view> texts) {
    std::uint8_t most = 0;
    for (const std::string_view text : texts) most = std::max(most, significant_decimals(text));
    return most;
}

struct Scales {
    Scale price;
    Scale quantity;
};

Scales needed_scales(const InstrumentDefinition& d) {
    const auto price = decimals_of({d.tick, d.min_price, d.max_price});
    const auto size = decimals_of({d.lot, d.min_quantity, d.max_quantity, d.max_market_quantity});
    return {Scale{price}, Scale{static_cast<std::uint8_t>(size + significant_decimals(d.contract_size))}};
}

/// Collects the first error of a run of conversions, so that the happy path reads straight down.
class Reader {
public:
    Reader(const InstrumentDefinition& definition, const Symbol& symbol, const WireFormat& wire)
        : definition_{definition}, symbol_{symbol}, wire_{wire} {}

    Price price(std::string_view text) { return Price::from_raw(number(text, symbol_.price_scale.decimals)); }
    Quantity quantity(std::string_view text) {
        std::int64_t raw = 0;
        if (__builtin_mul_overflow(number(text, wire_.quantity_decimals), wire_.quantity_multiplier, &raw)) {
            // Venues write "no limit" as a huge number: no rule at all then.
            return Quantity{};
        }
        return Quantity::from_raw(raw);
    }
    Quantity limit(std::string_view text) {
        if (!text.empty() && parse_decimal(text, wire_.quantity_decimals) == fail(Errc::Unrepresentable)) return {};
        return quantity(text);
    }
    Price price_limit(std::string_view text) {
        if (!text.empty() && parse_decimal(text, symbol_.price_scale.decimals) == fail(Errc::Unrepresentable)) return {};
        return price(text);
    }
    Amount amount(std::string_view text) {
        if (text.empty()) return {};
        const auto value = Amount::parse(text);
        if (!value) note(text, value.error());
        return value.value_or(Amount{});
    }
    Rate rate(std::string_view text) { return Rate::from_raw(number(text, 9)); }

    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

private:
    std::int64_t number(std::string_view text, std::uint8_t decimals) {
        if (text.empty()) return 0;
        const auto value = parse_decimal(text, decimals);
        if (!value) note(text, value.error());
        return value.value_or(0);
    }
    void note(std::string_view text, Errc code) {
        if (error_) return;
        error_ = Error{code, std::string(to_string(definition_.market)) + " " + definition_.venue_symbol + ": '" +
                                 std::string(text) + "' is not a number this instrument can have"};
    }
    const InstrumentDefinition& definition_;
    const Symbol& symbol_;
    const WireFormat& wire_;
    std::optional<Error> error_;
};

}  // namespace

std::string canonical_name(const InstrumentDefinition& d) {
    std::string name = d.base + "/" + d.quote;
    if (d.kind == InstrumentKind::Spot) return name;
    name += ":" + d.settle;
    if (!d.expiry_code.empty()) name += "-" + d.expiry_code;
    return name;
}

AssetId Universe::asset(std::string_view name) {
    if (const auto known = find_asset(name)) return *known;
    PLX_ASSERT(assets_.size() < 65'000);
    const AssetId id{static_cast<std::uint16_t>(assets_.size())};
    assets_.emplace_back(name);
    asset_ids_.emplace(assets_.back(), id);
    return id;
}

std::optional<AssetId> Universe::find_asset(std::string_view name) const noexcept {
    const auto it = asset_ids_.find(name);
    return it == asset_ids_.end() ? std::nullopt : std::optional{it->second};
}

std::optional<InstrumentId> Universe::find(Market market, std::string_view venue_symbol) const noexcept {
    const auto it = instrument_ids_.find(instrument_key(market, venue_symbol));
    return it == instrument_ids_.end() ? std::nullopt : std::optional{it->second};
}

Result<Instrument> Universe::resolve(const InstrumentDefinition& d, const Symbol& symbol) const {
    Instrument out;
    const std::string_view contract = d.contract_size.empty() ? std::string_view{"1"} : std::string_view{d.contract_size};
    out.contract_decimals = significant_decimals(contract);
    const auto mantissa = parse_decimal(contract, out.contract_decimals);
    if (!mantissa || *mantissa <= 0 || out.contract_decimals > symbol.quantity_scale.decimals) {
        return fail(mantissa ? Errc::Unrepresentable : mantissa.error(),
                    d.venue_symbol + ": contract size '" + std::string(contract) + "'");
    }
    out.contract_mantissa = *mantissa;
    out.wire.price_decimals = symbol.price_scale.decimals;
    out.wire.quantity_decimals = static_cast<std::uint8_t>(symbol.quantity_scale.decimals - out.contract_decimals);
    out.wire.quantity_multiplier = *mantissa;

    out.symbol = symbol.id;
    out.market = d.market;
    out.kind = d.kind;
    out.status = d.status;
    out.inferred = d.inferred;
    out.base = symbol.base;
    out.quote = symbol.quote;
    out.venue_symbol = d.venue_symbol;
    out.max_open_orders = d.max_open_orders;
    out.expiry = d.expiry;
    out.funding_interval = d.funding_interval;
    out.max_leverage = d.max_leverage;
    out.venue_code = d.venue_code;

    Reader read{d, symbol, out.wire};
    out.tick = read.price(d.tick);
    out.min_price = read.price(d.min_price);
    out.max_price = read.price_limit(d.max_price);
    out.lot = read.quantity(d.lot);
    out.min_quantity = read.quantity(d.min_quantity);
    out.max_quantity = read.limit(d.max_quantity);
    out.max_market_quantity = read.limit(d.max_market_quantity);
    out.min_notional = read.amount(d.min_notional);
    out.max_notional = read.amount(d.max_notional);
    out.price_band_up = read.rate(d.price_band_up);
    out.price_band_down = read.rate(d.price_band_down);
    out.funding_cap = read.rate(d.funding_cap);
    out.maintenance_margin = read.rate(d.maintenance_margin);
    if (read.error()) return tl::unexpected<Error>{*read.error()};
    // Without a rule any step goes: one unit of the scale (one contract's worth of it on derivatives).
    if (out.tick.raw() == 0) out.tick = Price::from_raw(1);
    if (out.lot.raw() == 0) out.lot = Quantity::from_raw(out.wire.quantity_multiplier);
    return out;
}

Result<Universe::Listed> Universe::list(const InstrumentDefinition& d) {
    if (d.venue_symbol.empty() || d.base.empty() || d.quote.empty()) {
        return fail(Errc::Malformed, "an instrument needs a venue symbol, a base and a quote asset");
    }
    const Scales scales = needed_scales(d);
    if (scales.price.decimals > kMaxDecimals || scales.quantity.decimals > kMaxDecimals) {
        return fail(Errc::Unrepresentable, d.venue_symbol + ": more than 18 decimals");
    }
    const std::string name = canonical_name(d);
    auto it = symbol_ids_.find(name);
    if (it == symbol_ids_.end()) {
        Symbol symbol;
        symbol.id = SymbolId{static_cast<std::uint32_t>(symbols_.size())};
        symbol.name = name;
        symbol.kind = d.kind;
        symbol.base = asset(d.base);
        symbol.quote = asset(d.quote);
        symbol.price_scale = scales.price;
        symbol.quantity_scale = scales.quantity;
        symbols_.push_back(std::move(symbol));
        it = symbol_ids_.emplace(name, symbols_.back().id).first;
    }
    const SymbolId symbol_id = it->second;
    auto rescaled = grow(symbol_id, scales.price, scales.quantity);
    if (!rescaled) return tl::unexpected<Error>{rescaled.error()};
    auto instrument = resolve(d, symbols_[symbol_id.index()]);
    if (!instrument) return tl::unexpected<Error>{instrument.error()};
    instrument->settle = asset(d.settle.empty() ? d.quote : d.settle);

    ++version_;
    const std::string key = instrument_key(d.market, d.venue_symbol);
    if (const auto known = instrument_ids_.find(key); known != instrument_ids_.end()) {
        if (instruments_[known->second.index()].symbol != symbol_id) {
            return fail(Errc::Rejected, d.venue_symbol + ": changed its base or quote asset");
        }
        instrument->id = known->second;
        instruments_[known->second.index()] = std::move(*instrument);
        definitions_[known->second.index()] = d;
        return Listed{known->second, *rescaled};
    }
    instrument->id = InstrumentId{static_cast<std::uint32_t>(instruments_.size())};
    symbols_[symbol_id.index()].instruments.push_back(instrument->id);
    instrument_ids_.emplace(key, instrument->id);
    instruments_.push_back(std::move(*instrument));
    definitions_.push_back(d);
    return Listed{instruments_.back().id, *rescaled};
}

Result<std::optional<Rescale>> Universe::grow(SymbolId id, Scale price, Scale quantity) {
    Symbol& symbol = symbols_[id.index()];
    Rescale change{id, 0, 0};
    if (price > symbol.price_scale) {
        change.price_digits = static_cast<std::uint8_t>(price.decimals - symbol.price_scale.decimals);
    }
    if (quantity > symbol.quantity_scale) {
        change.quantity_digits = static_cast<std::uint8_t>(quantity.decimals - symbol.quantity_scale.decimals);
    }
    if (change.price_digits == 0 && change.quantity_digits == 0) return std::optional<Rescale>{};
    if (std::max(price.decimals, quantity.decimals) > kMaxDecimals) {
        return fail(Errc::Unrepresentable, symbol.name + ": more than 18 decimals");
    }
    symbol.price_scale = std::max(symbol.price_scale, price);
    symbol.quantity_scale = std::max(symbol.quantity_scale, quantity);
    for (const InstrumentId listing : symbol.instruments) {
        Instrument& old = instruments_[listing.index()];
        auto fresh = resolve(definitions_[listing.index()], symbol);
        if (!fresh) return tl::unexpected<Error>{fresh.error()};
        fresh->id = old.id;
        fresh->settle = old.settle;
        old = std::move(*fresh);
    }
    return std::optional{change};
}

Result<std::optional<Rescale>> Universe::refine(InstrumentId id, std::uint8_t price_decimals,
                                                std::uint8_t quantity_decimals) {
    ++version_;
    const Instrument& listing = instruments_[id.index()];
    InstrumentDefinition& d = definitions_[id.index()];
    const auto step = [](std::uint8_t decimals) { return format_decimal(std::int64_t{1}, decimals); };
    // An inferred tick follows the finest digits seen; a promised one stays, only the scale grows.
    if (d.inferred && price_decimals > significant_decimals(d.tick)) d.tick = step(price_decimals);
    if (d.inferred && quantity_decimals > significant_decimals(d.lot)) d.lot = step(quantity_decimals);
    return grow(listing.symbol, Scale{price_decimals},
                Scale{static_cast<std::uint8_t>(quantity_decimals + listing.contract_decimals)});
}

void Universe::rebuild() {
    const std::vector<InstrumentDefinition> definitions = std::move(definitions_);
    const std::vector<std::string> assets = std::move(assets_);
    *this = Universe{};
    for (const std::string& name : assets) asset(name);
    for (const InstrumentDefinition& definition : definitions) {
        if (!list(definition)) return;  // the reader reports the snapshot as damaged by its hash
    }
}

Amount Universe::quote_value(InstrumentId id, Price price, Quantity quantity, Rounding rounding) const noexcept {
    const Symbol& symbol = symbol_of(id);
    if (is_inverse(symbol.kind)) return to_amount(quantity, symbol.quantity_scale);
    return notional(price, symbol.price_scale, quantity, symbol.quantity_scale, rounding);
}

Amount Universe::base_value(InstrumentId id, Price price, Quantity quantity, Rounding rounding) const noexcept {
    const Symbol& symbol = symbol_of(id);
    const Amount amount = to_amount(quantity, symbol.quantity_scale);
    if (!is_inverse(symbol.kind)) return amount;
    return divide_by_price(amount, price, symbol.price_scale, rounding);
}

std::string Universe::venue_quantity(InstrumentId id, Quantity quantity) const {
    const Instrument& listing = instrument(id);
    PLX_ASSERT(quantity.raw() % listing.wire.quantity_multiplier == 0);
    return format_decimal(quantity.raw() / listing.wire.quantity_multiplier, listing.wire.quantity_decimals);
}

}  // namespace parallax
