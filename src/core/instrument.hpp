#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/market.hpp"
#include "core/price.hpp"
#include "core/time.hpp"

namespace parallax {

enum class InstrumentKind : std::uint8_t {
    Spot,
    LinearPerpetual,
    InversePerpetual,
    LinearFuture,
    InverseFuture
};
[[nodiscard]] constexpr bool is_inverse(InstrumentKind kind) noexcept {
    return kind == InstrumentKind::InversePerpetual || kind == InstrumentKind::InverseFuture;
}
[[nodiscard]] constexpr bool is_perpetual(InstrumentKind kind) noexcept {
    return kind == InstrumentKind::LinearPerpetual || kind == InstrumentKind::InversePerpetual;
}
[[nodiscard]] constexpr bool is_spot(InstrumentKind kind) noexcept {
    return kind == InstrumentKind::Spot;
}
[[nodiscard]] constexpr std::string_view to_string(InstrumentKind kind) noexcept {
    constexpr std::string_view kNames[] = {"spot", "linear_perpetual", "inverse_perpetual",
                                           "linear_future", "inverse_future"};
    return kNames[static_cast<std::size_t>(kind)];
}

enum class InstrumentStatus : std::uint8_t { Trading, PostOnly, Halted, Delisted };

/// How a venue's text becomes our raw integers (see Quantity for units). Contracts are converted
/// here and nowhere else: raw quantity = venue number read at `quantity_decimals` x
/// `quantity_multiplier`. Example: OKX BTC-USDT-SWAP, 0.01 BTC a contract, symbol scale 8: decimals
/// 8 - 2 = 6, multiplier 1. Example: Binance BTCUSD_PERP, 100 USD a contract, symbol scale 0:
/// decimals 0, multiplier 100.
struct WireFormat {
    std::uint8_t price_decimals = 0;
    std::uint8_t quantity_decimals = 0;
    std::int64_t quantity_multiplier = 1;
    friend constexpr bool operator==(const WireFormat&, const WireFormat&) = default;
};

/// What a venue lists, with every rule of its that can reject an order. A limit of 0 is "no such
/// rule".
struct Instrument {
    InstrumentId id;
    SymbolId symbol;
    Market market{};
    InstrumentKind kind{};
    InstrumentStatus status{};
    bool inferred = false;  ///< rules guessed from the digits of its messages, for recordings
                            ///< without definitions
    AssetId base;
    AssetId quote;
    AssetId settle;  ///< what profit, margin and fees of a derivative are paid in; = quote on spot
    std::string venue_symbol;  ///< as the venue writes it: "BTCUSDT", "BTC-USDT-SWAP"

    // In the symbol's scales (Universe::symbol); quantities in the units of Quantity.
    Price tick;
    Price min_price;
    Price max_price;
    Quantity lot;
    Quantity min_quantity;
    Quantity max_quantity;         ///< limit orders
    Quantity max_market_quantity;  ///< market orders
    Amount min_notional;           ///< in quote
    Amount max_notional;           ///< in quote
    Rate price_band_up;            ///< highest price = reference x (1 + this)
    Rate price_band_down;          ///< lowest price = reference x (1 - this)
    std::uint32_t max_open_orders = 0;

    /// Size of one contract in the unit of Quantity; 1 on spot: mantissa x 10^-decimals.
    std::int64_t contract_mantissa = 1;
    std::uint8_t contract_decimals = 0;
    WireFormat wire;

    UnixNanos expiry;         ///< dated futures
    Nanos funding_interval;   ///< perpetuals; per instrument and time, never assumed
    Rate funding_cap;         ///< 0 = unknown
    Rate maintenance_margin;  ///< first tier
    std::uint16_t max_leverage = 1;
    std::int64_t venue_code = 0;      ///< OKX instIdCode
    std::uint8_t quote_decimals = 0;  ///< of what trades pay and earn, finer is cut; 0 = all
};

/// A canonical symbol in the notation of the field: "BTC/USDT" spot, "BTC/USDT:USDT" linear
/// perpetual, "BTC/USD:BTC" inverse perpetual, "BTC/USD:BTC-211231" dated. The scale is one for all
/// venues that list it.
struct Symbol {
    SymbolId id;
    std::string name;
    InstrumentKind kind{};
    AssetId base;
    AssetId quote;
    Scale price_scale;
    Scale quantity_scale;
    std::vector<InstrumentId> instruments;  ///< the listings of this symbol, in order of arrival
};

/// What an adapter or a configuration says about a listing, as decimal text, before it has ids and
/// scales. Empty text is "no such rule". Sizes are in the venue's own units (contracts on
/// derivatives).
struct InstrumentDefinition {
    Market market{};
    InstrumentKind kind{};
    InstrumentStatus status = InstrumentStatus::Trading;
    bool inferred = false;
    std::string venue_symbol;
    std::string base, quote, settle;
    std::string expiry_code;  ///< "211231" on dated futures
    std::string tick, min_price, max_price;
    std::string lot, min_quantity, max_quantity, max_market_quantity;
    std::string min_notional, max_notional;
    std::string price_band_up, price_band_down;  ///< fractions: "0.05"
    std::string
        contract_size;  ///< one contract in base (linear) or quote (inverse) units; empty = 1
    std::uint32_t max_open_orders = 0;
    UnixNanos expiry;
    Nanos funding_interval;
    std::string funding_cap, maintenance_margin;
    std::uint16_t max_leverage = 1;
    std::int64_t venue_code = 0;
    std::uint8_t quote_decimals = 0;

    template <class Archive>
    void describe(Archive& a) {
        a(market, kind, status, inferred, venue_symbol, base, quote, settle, expiry_code, tick,
          min_price, max_price, lot, min_quantity, max_quantity, max_market_quantity, min_notional,
          max_notional, price_band_up, price_band_down, contract_size, max_open_orders, expiry,
          funding_interval, funding_cap, maintenance_margin, max_leverage, venue_code,
          quote_decimals);
    }
    friend bool operator==(const InstrumentDefinition&, const InstrumentDefinition&) = default;
};

/// The two scales of a symbol.
struct Scales {
    Scale price;
    Scale quantity;
};

/// How raw integers of a symbol change when its scale grows: new = old x 10^n.
struct Rescale {
    SymbolId symbol;
    std::uint8_t price_digits = 0;     ///< n for prices
    std::uint8_t quantity_digits = 0;  ///< n for quantities
};

/// Every asset, symbol and instrument of a process, by dense ids given in order of arrival. Single
/// writer; readers in the same thread. Definitions are kept, so that a finer tick can rebuild every
/// raw number exactly.
class Universe {
public:
    /// Adds a listing or replaces its rules (same market and venue symbol keep their id). If it
    /// needs finer scales than its symbol has, the symbol's scale grows and `rescaled` says by how
    /// much: every holder of raw prices or quantities of that symbol must multiply them before it
    /// uses the symbol again. Errors: Malformed (text that is no number, or below zero),
    /// Unrepresentable (does not fit the scales), Rejected (same venue symbol, other assets). A
    /// refused definition changes nothing.
    struct Listed {
        InstrumentId id;
        std::optional<Rescale> rescaled;
    };
    [[nodiscard]] Result<Listed> list(const InstrumentDefinition& definition);

    /// Grows the scales so that this many decimals of the venue's text fit. Used when a message
    /// brings finer digits than the definition promised. Errors: Unrepresentable; then nothing has
    /// changed.
    [[nodiscard]] Result<std::optional<Rescale>> refine(InstrumentId id,
                                                        std::uint8_t price_decimals,
                                                        std::uint8_t quantity_decimals);

    [[nodiscard]] std::optional<InstrumentId> find(Market market,
                                                   std::string_view venue_symbol) const noexcept;
    [[nodiscard]] const Instrument& instrument(InstrumentId id) const noexcept {
        return instruments_[id.index()];
    }
    [[nodiscard]] const InstrumentDefinition& definition(InstrumentId id) const noexcept {
        return definitions_[id.index()];
    }
    [[nodiscard]] const Symbol& symbol(SymbolId id) const noexcept { return symbols_[id.index()]; }
    [[nodiscard]] const Symbol& symbol_of(InstrumentId id) const noexcept {
        return symbols_[instruments_[id.index()].symbol.index()];
    }
    [[nodiscard]] const std::vector<Instrument>& instruments() const noexcept {
        return instruments_;
    }
    [[nodiscard]] const std::vector<Symbol>& symbols() const noexcept { return symbols_; }

    /// Grows with every list() and refine(): a cache of wire formats compares it.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

    /// The id of an asset name, new if unseen.
    AssetId asset(std::string_view name);
    [[nodiscard]] std::optional<AssetId> find_asset(std::string_view name) const noexcept;
    [[nodiscard]] const std::string& asset_name(AssetId id) const noexcept {
        return assets_[id.index()];
    }
    [[nodiscard]] std::size_t asset_count() const noexcept { return assets_.size(); }

    /// price x quantity in quote currency, whatever the kind: for inverse instruments the quantity
    /// itself is quote.
    [[nodiscard]] Amount quote_value(InstrumentId id, Price price, Quantity quantity,
                                     Rounding rounding) const noexcept;
    /// The quote a fill of a spot order moves: its worth, cut to the digits the venue pays with.
    [[nodiscard]] Amount paid_value(InstrumentId id, Price price, Quantity quantity,
                                    Rounding rounding) const noexcept;
    /// The same in base units: for inverse instruments quantity / price.
    [[nodiscard]] Amount base_value(InstrumentId id, Price price, Quantity quantity,
                                    Rounding rounding) const noexcept;
    /// Text in the venue's own units: contracts where it trades contracts.
    [[nodiscard]] std::string venue_quantity(InstrumentId id, Quantity quantity) const;
    [[nodiscard]] std::string price_text(InstrumentId id, Price price) const {
        return price.text(symbol_of(id).price_scale);
    }

    template <class Archive>
    void describe(Archive& a) {
        if constexpr (Archive::kReading) {
            std::vector<std::string> assets;
            std::vector<InstrumentDefinition> definitions;
            std::vector<Scales> wanted;
            a(assets, definitions, wanted);
            if (!a.ok() || !rebuild(assets, definitions, wanted)) a.damage();
        } else {
            a(assets_, definitions_, scales());
        }
    }

private:
    static constexpr std::size_t kMaxAssets = 65'000;
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    template <class T>
    using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

    Result<Instrument> resolve(const InstrumentDefinition& definition, const Symbol& symbol) const;
    Result<std::vector<Instrument>> resolve_others(const Symbol& symbol, InstrumentId except) const;
    Result<Listed> admit(Symbol symbol, const InstrumentDefinition& definition,
                         std::optional<InstrumentId> known, Scales needed);
    [[nodiscard]] std::vector<Scales> scales() const;
    [[nodiscard]] bool rebuild(const std::vector<std::string>& assets,
                               const std::vector<InstrumentDefinition>& definitions,
                               const std::vector<Scales>& scales);

    std::uint64_t version_ = 0;
    std::vector<std::string> assets_;
    std::vector<InstrumentDefinition> definitions_;
    std::vector<Instrument> instruments_;
    std::vector<Symbol> symbols_;
    TextMap<AssetId> asset_ids_;
    TextMap<SymbolId> symbol_ids_;
    TextMap<InstrumentId> instrument_ids_;  ///< keyed by market digit + venue symbol
};

/// The canonical name of a definition; see Symbol.
[[nodiscard]] std::string canonical_name(const InstrumentDefinition& definition);

}  // namespace parallax
