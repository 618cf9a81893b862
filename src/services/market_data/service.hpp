#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "book/book_set.hpp"
#include "core/instrument.hpp"
#include "messages/market.hpp"
#include "services/market_data/config.hpp"

namespace parallax::market_data {

/// Rebuilt books against the venue's checksums.
struct ChecksumCount {
    std::uint64_t compared = 0;
    std::uint64_t equal = 0;
    template <class Archive>
    void describe(Archive& a) {
        a(compared, equal);
    }
};

/// Owns what is listed and every order book. The one writer of both; the other services of the
/// thread read them. Deterministic: no clock, no I/O.
class Service {
public:
    explicit Service(const Config& config) : config_{config} {}

    /// A listing or new rules for one. The new id's book exists when this returns.
    Result<Universe::Listed> on(const messages::InstrumentListed& listed);
    /// Finer digits than promised: grows the scale and rescales the books. What it returns must
    /// reach every holder of raw numbers before the symbol's next message.
    Result<std::optional<Rescale>> on(const messages::InstrumentRefined& refined);

    book::Applied on(const messages::DepthUpdate& update);
    book::Applied on(const messages::BestQuote& quote);
    /// Down: the market's books are dropped until their next snapshots.
    void on(const messages::FeedStatus& status);
    void on(const messages::BookLost& lost);
    /// Marks silent books stale; `went_stale()` lists them until the next call.
    void on(const messages::ClockTick& tick);

    [[nodiscard]] const Universe& universe() const noexcept { return universe_; }
    [[nodiscard]] const book::BookSet& books() const noexcept { return books_; }
    [[nodiscard]] std::span<const InstrumentId> went_stale() const noexcept { return went_stale_; }
    [[nodiscard]] const ChecksumCount& checksums(InstrumentId id) const noexcept {
        return checksums_[id.index()];
    }
    [[nodiscard]] bool feed_up(Market market) const noexcept {
        return feed_up_[static_cast<std::size_t>(market)];
    }

    template <class Archive>
    void describe(Archive& a) {
        a(universe_, feed_up_);
        if constexpr (Archive::kReading) restore_books();
        for (std::size_t i = 0; i < books_.size(); ++i) {
            a(books_.at(InstrumentId{static_cast<std::uint32_t>(i)}), checksums_[i]);
        }
    }

private:
    void add_book(InstrumentId id);
    void apply_rescale(const Rescale& change) noexcept;
    void restore_books();

    Config config_;
    Universe universe_;
    book::BookSet books_;
    std::vector<ChecksumCount> checksums_;
    std::vector<InstrumentId> went_stale_;
    std::array<bool, kMarketCount> feed_up_ = {true, true, true, true, true, true, true};
};

/// The continuity rule of a market's depth stream.
[[nodiscard]] book::GapPolicy gap_policy(Market market) noexcept;

}  // namespace parallax::market_data
