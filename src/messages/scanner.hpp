#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/price.hpp"
#include "core/time.hpp"
#include "messages/reason.hpp"

/// Topic `scanner`: opportunities and episodes. Keyed by symbol.
namespace parallax::messages {

enum class OpportunityKind : std::uint8_t {
    CrossVenue,  ///< one spot symbol, two or more venues
    Triangle,    ///< three markets of one venue
    Cycle,       ///< longer, or over several venues
    SpotPerp,    ///< basis and funding against a perpetual
    PerpPerp,    ///< the same between two perpetuals
    DatedBasis,  ///< against a dated future
};
[[nodiscard]] constexpr std::string_view to_string(OpportunityKind kind) noexcept {
    constexpr std::string_view kNames[] = {"cross_venue", "triangle",  "cycle",
                                           "spot_perp",   "perp_perp", "dated_basis"};
    return kNames[static_cast<std::size_t>(kind)];
}

enum class Execution : std::uint8_t { Simultaneous, Sequential };

/// One order an opportunity needs.
struct OpportunityLeg {
    InstrumentId instrument;
    Side side = Side::Buy;
    Quantity quantity;  ///< a multiple of the instrument's lot
    Price best;         ///< top of book at detection
    Price worst;        ///< last level touched: what the edge assumes
    Price
        protection;  ///< limit of the IOC order: worst plus this leg's share of the slack, on tick
    Amount value;    ///< exact sum over the levels walked, in the instrument's quote asset
    Amount fee;      ///< in the quote asset (converted at the fill price if taken in base)
    Nanos book_age;  ///< at detection
    bool reduce_only = false;  ///< takes a derivative position back: an exit
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, side, quantity, best, worst, protection, value, fee, book_age, reduce_only);
    }
};

/// Where the raw edge goes, as amounts of Opportunity::value_asset. Costs are positive. The
/// identities hold exactly: net = raw - slippage - fees - conversion - inventory + funding;
/// expected = net - impact - latency - legging.
struct EdgeWaterfall {
    Amount raw;       ///< best bid against best ask, as received, times size
    Amount aligned;   ///< the same with both books as of one estimated matching time (information,
                      ///< no step)
    Amount slippage;  ///< walking the books beyond the best level
    Amount fees;
    Amount conversion;  ///< between quote assets, at the executable rate
    Amount inventory;   ///< shadow price of the balances it moves; negative = welcome
    Amount funding;     ///< expected over the hold; positive = received
    Amount net;
    Amount impact;   ///< own footprint beyond the visible book
    Amount latency;  ///< expected decay until arrival
    Amount legging;  ///< p_one x unwind cost
    Amount expected;
    template <class Archive>
    void describe(Archive& a) {
        a(raw, aligned, slippage, fees, conversion, inventory, funding, net, impact, latency,
          legging, expected);
    }
};

inline constexpr std::size_t kMaxLegs = 8;

/// A gap found, sized and priced. Signalled when `reason` is none; otherwise it says what stood in
/// the way.
struct Opportunity {
    OpportunityId id;
    OpportunityKind kind{};
    SymbolId symbol;  ///< of the first leg
    std::uint8_t leg_count = 0;
    std::array<OpportunityLeg, kMaxLegs> legs{};
    AssetId value_asset;  ///< what the waterfall is counted in
    EdgeWaterfall edge;
    Amount capital;      ///< bought value over all legs, in value_asset
    Rate net_rate;       ///< edge.net / capital
    Rate expected_rate;  ///< edge.expected / capital
    Rate threshold;      ///< what expected_rate had to exceed
    std::int64_t priority =
        0;  ///< higher first: expected profit per unit of scarce resource, 1e-6 value units
    Execution execution = Execution::Simultaneous;
    std::uint8_t first_leg = 0;  ///< the one to send first when sequential
    Rate fill_probability;       ///< that all legs fill, lower quantile
    UnixNanos detected;
    UnixNanos expires;
    Reason reason;
    std::uint8_t reason_leg = 0;  ///< the leg the reason is about

    template <class Archive>
    void describe(Archive& a) {
        a(id, kind, symbol, leg_count);
        for (std::size_t i = 0; i < leg_count && i < kMaxLegs; ++i) a(legs[i]);
        a(value_asset, edge, capital, net_rate, expected_rate, threshold, priority, execution,
          first_leg, fill_probability, detected, expires, reason, reason_leg);
    }
};

/// A maximal run of time during which one route (kind + instruments in order) had a positive net
/// edge.
struct Episode {
    std::uint64_t route = 0;  ///< hash of kind, instruments and sides
    OpportunityKind kind{};
    InstrumentId buy;   ///< first bought leg
    InstrumentId sell;  ///< first sold leg
    UnixNanos opened;
    UnixNanos closed;
    UnixNanos peaked;
    Rate peak_rate;
    Amount peak_net;  ///< in the value asset of its opportunities
    Quantity peak_quantity;
    std::uint32_t updates = 0;
    bool censored = false;  ///< ended by a disconnect or the end of data, not by the market
    Reason reason;          ///< why it ended, when not by the market or the end of data: book_stale
                            ///< or venue_down, with their numbers
    template <class Archive>
    void describe(Archive& a) {
        a(route, kind, buy, sell, opened, closed, peaked, peak_rate, peak_net, peak_quantity,
          updates, censored, reason);
    }
};

}  // namespace parallax::messages
