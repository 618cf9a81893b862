#pragma once

#include <cstdint>
#include <vector>

#include "book/book_set.hpp"
#include "core/dollars.hpp"
#include "core/instrument.hpp"
#include "services/scanner/config.hpp"

namespace parallax::scanner {

/// What quote assets are worth in each other (methods 1.6). Stablecoins are assets like any other:
/// the rate is the executable one of a book we can trade, at size, less a haircut; beyond the
/// breaker there is none.
struct ConversionRate {
    Rate pay = Rate::from_raw(Rate::kOne);      ///< cost of one unit we must pay, haircut added
    Rate receive = Rate::from_raw(Rate::kOne);  ///< worth of one unit we receive, haircut taken
    bool usable = true;
    friend bool operator==(const ConversionRate&, const ConversionRate&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(pay, receive, usable);
    }
};

class Conversions {
public:
    Conversions(const Universe& universe, const book::BookSet& books, const Config& config)
        : universe_{universe}, books_{books}, config_{config} {}

    /// True when the instrument is a spot market between two dollar assets and so a source of
    /// rates.
    bool list(InstrumentId id);
    [[nodiscard]] bool is_source(InstrumentId id) const noexcept;
    /// Looks at the source again; `volatility` is its standard deviation over a second. True when a
    /// rate changed.
    bool refresh(InstrumentId id, UnixNanos now, double volatility) noexcept;
    /// Looks at all sources: rates that became too old are withdrawn.
    bool expire(UnixNanos now) noexcept;
    /// `from` in `to`: the best executable way over one market or two, the haircut and the breaker
    /// on each; what is paid and what is received may go different ways. Of one asset in itself:
    /// par. Without a way: not usable; but USD counts as any dollar at par when configured. Par is
    /// no hop: a broken peg is not passed through USD.
    [[nodiscard]] ConversionRate between(AssetId from, AssetId to) const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        for (Source& source : sources_) a(source.rates, source.inverse);
        if constexpr (Archive::kReading) find_ways();
    }

private:
    struct Source {
        InstrumentId id;
        AssetId base, quote;
        ConversionRate rates{.usable = false};    ///< base in quote
        ConversionRate inverse{.usable = false};  ///< quote in base
    };
    struct Way {
        AssetId from, to;
        ConversionRate rate;
    };
    [[nodiscard]] bool withdraw(Source& source) noexcept;
    void find_ways() noexcept;
    [[nodiscard]] std::int64_t price_at_size(const Source& source, Side side) const noexcept;

    const Universe& universe_;
    const book::BookSet& books_;
    const Config& config_;
    std::vector<Source> sources_;
    std::vector<AssetId> assets_;  ///< that sources name
    std::vector<Way> ways_;        ///< between any two of them; follows from the sources
};

}  // namespace parallax::scanner
