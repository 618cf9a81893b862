#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/venues/bybit/market_text.hpp"
#include "sim/venues/bybit/socket.hpp"

namespace parallax::sim_bybit {

/// Topics of the two public sockets: books of 1, 50, 200 and 1000 levels, trades, tickers, candles,
/// price limits. A topic's state is shared by all who follow it; who joins gets what they have.
class PublicStreams {
public:
    PublicStreams(const sim_engine::SimVenue& venue, Sockets& sockets)
        : venue_{venue}, sockets_{sockets}, tapes_(venue.listings()) {}

    /// Whether there is such a topic on this market's socket.
    [[nodiscard]] bool known(Market market, std::string_view topic) const;
    /// The follower's first message follows at once where the topic has one. Needs: known.
    void follow(Market market, const std::string& topic, Sockets::Session& session, UnixNanos now);
    void leave(Market market, const std::string& topic, ports::SessionId session);

    /// Takes what happened; trades are told at once, the rest when due.
    void happened(std::span<const sim_engine::PublicEvent> events, UnixNanos now);
    void advance(UnixNanos now);
    [[nodiscard]] UnixNanos next_due() const noexcept;

    [[nodiscard]] const Tape& tape(sim_engine::ListingId id) const noexcept {
        return tapes_[id.index()];
    }
    /// The book as the 1000-level stream numbers it.
    struct Snapshot {
        std::vector<Level> bids, asks;
        std::uint64_t update = 0;
    };
    [[nodiscard]] Snapshot book(sim_engine::ListingId id, std::size_t most, UnixNanos now);

private:
    enum class Kind : std::uint8_t { Book, Trade, Ticker, Candle, Limit };
    struct Name {
        Kind kind{};
        sim_engine::ListingId listing;
        std::size_t depth = 0;  ///< Book
        std::string interval;   ///< Candle
        Nanos every;
    };
    struct Topic {
        Name name;
        std::string text;
        std::set<ports::SessionId> followers;
        UnixNanos due;
        UnixNanos told_at;
        sim_engine::TopConflator book{1};
        std::uint64_t update = 0;  ///< u of the last message; 1 would say "the service restarted"
        Fields fields;
        std::int64_t candle = 0;  ///< start of the one told last
        std::string last;         ///< of limits and spot tickers: what was told
    };
    using Key = std::pair<Market, std::string>;

    [[nodiscard]] std::optional<Name> parse(Market market, std::string_view topic) const;
    Topic& topic(Market market, const std::string& text);
    void tell(Topic& topic, UnixNanos now);
    void tell_book(Topic& topic, UnixNanos now);
    void tell_ticker(Topic& topic, UnixNanos now);
    void tell_candle(Topic& topic, UnixNanos now);
    void tell_limit(Topic& topic, UnixNanos now);
    [[nodiscard]] std::string whole_book(const Topic& topic, UnixNanos now) const;
    [[nodiscard]] std::string candle_message(const Topic& topic, const Candle& candle, bool closed,
                                             UnixNanos now) const;
    [[nodiscard]] std::string ticker_message(const Topic& topic, const Fields& fields,
                                             bool snapshot, UnixNanos now) const;
    [[nodiscard]] std::string limit_data(const Topic& topic) const;
    void send(const Topic& topic, std::string_view text);
    [[nodiscard]] BookText head(const Topic& topic, bool snapshot, UnixNanos now) const;

    const sim_engine::SimVenue& venue_;
    Sockets& sockets_;
    std::vector<Tape> tapes_;
    std::map<Key, Topic> topics_;
};

}  // namespace parallax::sim_bybit
