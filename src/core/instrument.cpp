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

Scales needed_scales(const InstrumentDefinition& d) {
    const auto price = decimals_of({d.tick, d.min_price, d.max_price});
    const auto size = decimals_of({d.lot, d.min_quantity, d.max_quantity, d.max_market_quantity});
    const int quantity = size + significant_decimals(d.contract_size);
    return {Scale{price}, Scale{static_cast<std::uint8_t>(std::min(quantity, 255))}};
}

/// Collects the first error of a run of conversions, so that the happy path reads straight down.
class Reader {
public:
    Reader(const InstrumentDefinition& definition, const Symbol& symbol, const WireFormat& wire)
        : definition_{definition}, symbol_{symbol}, wire_{wire} {}

    Price price(std::string_view text) {
        return Price::from_raw(number(text, symbol_.price_scale.decimals));
    }
    Quantity quantity(std::string_view text) {
        std::int64_t raw = 0;
        if (__builtin_mul_overflow(number(text, wire_.quantity_decimals), wire_.quantity_multiplier,
                                   &raw)) {
            note(text, Errc::Unrepresentable);
            return {};
        }
        return Quantity::from_raw(raw);
    }
    /// Venues write "no limit" as a huge number: no rule at all then.
    Quantity limit(std::string_view text) {
        const auto value = parse_decimal(text, wire_.quantity_decimals);
        std::int64_t raw = 0;
        const bool huge = value ? __builtin_mul_overflow(*value, wire_.quantity_multiplier, &raw)
                                : value.error() == Errc::Unrepresentable;
        return huge ? Quantity{} : quantity(text);
    }
    Price price_limit(std::string_view text) {
        const auto value = parse_decimal(text, symbol_.price_scale.decimals);
        const bool huge = !value && value.error() == Errc::Unrepresentable;
        return huge ? Price{} : price(text);
    }
    Amount amount(std::string_view text) {
        if (text.empty()) return {};
        auto value = Amount::parse(text);
        if (value && value->is_negative()) value = fail(Errc::Malformed);
        if (!value) note(text, value.error());
        return value.value_or(Amount{});
    }
    Rate rate(std::string_view text) { return Rate::from_raw(number(text, 9)); }

    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

private:
    std::int64_t number(std::string_view text, std::uint8_t decimals) {
        if (text.empty()) return 0;
        auto value = parse_decimal(text, decimals);
        if (value && *value < 0) value = fail(Errc::Malformed);  // no rule of a venue is below zero
        if (!value) note(text, value.error());
        return value.value_or(0);
    }
    void note(std::string_view text, Errc code) {
        if (error_) return;
        error_ = Error{code, std::string(to_string(definition_.market)) + " " +
                                 definition_.venue_symbol + ": '" + std::string(text) +
                                 "' is not a number this instrument can have"};
    }
    const InstrumentDefinition& definition_;
    const Symbol& symbol_;
    const WireFormat& wire_;
    std::optional<Error> error_;
};

/// What a definition settles in; where it does not say, what its kind always settles in.
std::string_view settle_of(const InstrumentDefinition& d) {
    if (!d.settle.empty()) return d.settle;
    return is_inverse(d.kind) ? d.base : d.quote;
}

/// The first reason why a definition cannot be listed whatever its numbers; empty = none.
std::string_view defect_of(const InstrumentDefinition& d) {
    if (static_cast<std::size_t>(d.market) >= kMarketCount) return "unknown market";
    if (d.kind > InstrumentKind::InverseFuture) return "unknown kind";
    if (d.venue_symbol.empty() || d.base.empty() || d.quote.empty()) {
        return "an instrument needs a venue symbol, a base and a quote asset";
    }
    const bool dated = !is_spot(d.kind) && !is_perpetual(d.kind);
    if (dated && d.expiry_code.empty()) return "a dated future needs an expiry code";
    return {};
}

}  // namespace

std::string canonical_name(const InstrumentDefinition& d) {
    std::string name = d.base + "/" + d.quote;
    if (d.kind == InstrumentKind::Spot) return name;
    name += ":" + std::string(settle_of(d));
    if (!d.expiry_code.empty()) name += "-" + d.expiry_code;
    return name;
}

AssetId Universe::asset(std::string_view name) {
    if (const auto known = find_asset(name)) return *known;
    PLX_ASSERT(assets_.size() < kMaxAssets);
    const AssetId id{static_cast<std::uint16_t>(assets_.size())};
    assets_.emplace_back(name);
    asset_ids_.emplace(assets_.back(), id);
    return id;
}

std::optional<AssetId> Universe::find_asset(std::string_view name) const noexcept {
    const auto it = asset_ids_.find(name);
    return it == asset_ids_.end() ? std::nullopt : std::optional{it->second};
}

std::optional<InstrumentId> Universe::find(Market market,
                                           std::string_view venue_symbol) const noexcept {
    const auto it = instrument_ids_.find(instrument_key(market, venue_symbol));
    return it == instrument_ids_.end() ? std::nullopt : std::optional{it->second};
}

Result<Instrument> Universe::resolve(const InstrumentDefinition& d, const Symbol& symbol) const {
    Instrument out;
    const std::string_view contract =
        d.contract_size.empty() ? "1" : std::string_view{d.contract_size};
    out.contract_decimals = significant_decimals(contract);
    const auto mantissa = parse_decimal(contract, out.contract_decimals);
    if (!mantissa || *mantissa <= 0 || out.contract_decimals > symbol.quantity_scale.decimals) {
        return fail(mantissa ? Errc::Unrepresentable : mantissa.error(),
                    d.venue_symbol + ": contract size '" + std::string(contract) + "'");
    }
    out.contract_mantissa = *mantissa;
    out.wire.price_decimals = symbol.price_scale.decimals;
    out.wire.quantity_decimals =
        static_cast<std::uint8_t>(symbol.quantity_scale.decimals - out.contract_decimals);
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
    out.quote_decimals = d.quote_decimals;

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
    // Without a rule any step goes: one unit of the scale (one contract's worth of it on
    // derivatives).
    if (out.tick.raw() == 0) out.tick = Price::from_raw(1);
    if (out.lot.raw() == 0) out.lot = Quantity::from_raw(out.wire.quantity_multiplier);
    return out;
}

Result<std::vector<Instrument>> Universe::resolve_others(const Symbol& symbol,
                                                         InstrumentId except) const {
    std::vector<Instrument> out;
    for (const InstrumentId id : symbol.instruments) {
        if (id == except) continue;
        auto fresh = resolve(definitions_[id.index()], symbol);
        if (!fresh) return tl::unexpected<Error>{std::move(fresh.error())};
        fresh->id = id;
        fresh->settle = instruments_[id.index()].settle;
        out.push_back(std::move(*fresh));
    }
    return out;
}

Result<Universe::Listed> Universe::list(const InstrumentDefinition& d) {
    if (const auto defect = defect_of(d); !defect.empty()) {
        return fail(Errc::Malformed, d.venue_symbol + ": " + std::string(defect));
    }
    const std::string name = canonical_name(d);
    const auto named = symbol_ids_.find(name);
    const auto known = find(d.market, d.venue_symbol);
    if (known && (named == symbol_ids_.end() || instrument(*known).symbol != named->second)) {
        return fail(Errc::Rejected, d.venue_symbol + ": changed its base, quote or settle asset");
    }
    Symbol symbol;
    if (named != symbol_ids_.end()) {
        symbol = symbols_[named->second.index()];
        if (symbol.kind != d.kind)
            return fail(Errc::Rejected, name + ": listed as another kind before");
    } else {
        symbol.id = SymbolId{static_cast<std::uint32_t>(symbols_.size())};
        symbol.name = name;
        symbol.kind = d.kind;
    }
    return admit(std::move(symbol), d, known, needed_scales(d));
}

Result<std::optional<Rescale>> Universe::refine(InstrumentId id, std::uint8_t price_decimals,
                                                std::uint8_t quantity_decimals) {
    const Instrument& listing = instruments_[id.index()];
    const int quantity_scale = quantity_decimals + listing.contract_decimals;
    InstrumentDefinition d = definitions_[id.index()];
    const auto step = [](std::uint8_t decimals) {
        return format_decimal(std::int64_t{1}, std::min(decimals, kMaxDecimals));
    };
    // An inferred tick follows the finest digits seen; a promised one stays, only the scale grows.
    if (d.inferred && price_decimals > significant_decimals(d.tick)) d.tick = step(price_decimals);
    if (d.inferred && quantity_decimals > significant_decimals(d.lot))
        d.lot = step(quantity_decimals);
    const auto listed = admit(
        symbols_[listing.symbol.index()], d, id,
        {Scale{price_decimals}, Scale{static_cast<std::uint8_t>(std::min(quantity_scale, 255))}});
    if (!listed) return tl::unexpected<Error>{listed.error()};
    return listed->rescaled;
}

/// Everything that can fail comes first, on copies: a refused definition leaves no trace.
Result<Universe::Listed> Universe::admit(Symbol symbol, const InstrumentDefinition& d,
                                         std::optional<InstrumentId> known, Scales needed) {
    if (std::max(needed.price, needed.quantity).decimals > kMaxDecimals) {
        return fail(Errc::Unrepresentable, d.venue_symbol + ": more than 18 decimals");
    }
    const bool fresh_symbol = symbol.id.index() == symbols_.size();
    const Scales old{symbol.price_scale, symbol.quantity_scale};
    symbol.price_scale = std::max(old.price, needed.price);
    symbol.quantity_scale = std::max(old.quantity, needed.quantity);
    const bool grown =
        !fresh_symbol && (symbol.price_scale > old.price || symbol.quantity_scale > old.quantity);
    auto listing = resolve(d, symbol);
    if (!listing) return tl::unexpected<Error>{std::move(listing.error())};
    Result<std::vector<Instrument>> others;
    if (grown) others = resolve_others(symbol, known.value_or(InstrumentId::none()));
    if (!others) return tl::unexpected<Error>{std::move(others.error())};

    ++version_;
    listing->base = symbol.base = asset(d.base);
    listing->quote = symbol.quote = asset(d.quote);
    listing->settle = asset(settle_of(d));
    listing->id = known.value_or(InstrumentId{static_cast<std::uint32_t>(instruments_.size())});
    if (!known) {
        symbol.instruments.push_back(listing->id);
        instrument_ids_.emplace(instrument_key(d.market, d.venue_symbol), listing->id);
        instruments_.emplace_back();
        definitions_.emplace_back();
    }
    for (Instrument& other : *others) instruments_[other.id.index()] = std::move(other);
    definitions_[listing->id.index()] = d;
    Listed result{listing->id, std::nullopt};
    if (grown) {
        result.rescaled = Rescale{
            symbol.id, static_cast<std::uint8_t>(symbol.price_scale.decimals - old.price.decimals),
            static_cast<std::uint8_t>(symbol.quantity_scale.decimals - old.quantity.decimals)};
    }
    instruments_[listing->id.index()] = std::move(*listing);
    if (fresh_symbol) {
        symbol_ids_.emplace(symbol.name, symbol.id);
        symbols_.emplace_back();
    }
    symbols_[symbol.id.index()] = std::move(symbol);
    return result;
}

std::vector<Scales> Universe::scales() const {
    std::vector<Scales> out;
    for (const Symbol& symbol : symbols_)
        out.push_back({symbol.price_scale, symbol.quantity_scale});
    return out;
}

bool Universe::rebuild(const std::vector<std::string>& assets,
                       const std::vector<InstrumentDefinition>& definitions,
                       const std::vector<Scales>& scales) {
    const std::uint64_t version = version_;
    *this = Universe{};
    version_ = version + 1;
    if (assets.size() > kMaxAssets) return false;
    for (const std::string& name : assets) asset(name);
    for (const InstrumentDefinition& definition : definitions) {
        if (!list(definition)) return false;
    }
    if (scales.size() != symbols_.size()) return false;
    // A scale may be finer than the definitions ask for: some message was, or an earlier
    // definition.
    for (std::size_t i = 0; i < scales.size(); ++i) {
        const InstrumentId any = symbols_[i].instruments.front();
        if (!admit(symbols_[i], definitions[any.index()], any, scales[i])) return false;
    }
    return definitions.size() == definitions_.size() && assets == assets_;
}

Amount Universe::quote_value(InstrumentId id, Price price, Quantity quantity,
                             Rounding rounding) const noexcept {
    const Symbol& symbol = symbol_of(id);
    if (is_inverse(symbol.kind)) return to_amount(quantity, symbol.quantity_scale);
    return notional(price, symbol.price_scale, quantity, symbol.quantity_scale, rounding);
}

Amount Universe::paid_value(InstrumentId id, Price price, Quantity quantity,
                            Rounding rounding) const noexcept {
    const Amount exact = quote_value(id, price, quantity, rounding);
    return cut(exact, instrument(id).quote_decimals);
}

Amount Universe::base_value(InstrumentId id, Price price, Quantity quantity,
                            Rounding rounding) const noexcept {
    const Symbol& symbol = symbol_of(id);
    const Amount amount = to_amount(quantity, symbol.quantity_scale);
    if (!is_inverse(symbol.kind)) return amount;
    return divide_by_price(amount, price, symbol.price_scale, rounding);
}

std::string Universe::venue_quantity(InstrumentId id, Quantity quantity) const {
    const Instrument& listing = instrument(id);
    PLX_ASSERT(quantity.raw() % listing.wire.quantity_multiplier == 0);
    return format_decimal(quantity.raw() / listing.wire.quantity_multiplier,
                          listing.wire.quantity_decimals);
}

}  // namespace parallax
