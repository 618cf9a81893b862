#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/random.hpp"
#include "sim/engine/venue.hpp"
#include "sim/prices/deviation.hpp"
#include "sim/prices/fair_price.hpp"
#include "sim/prices/listings.hpp"

namespace parallax::sim_engine {

struct CrowdSettings {
    sim_prices::Settings prices;
    double activity = 1.0;  ///< multiplies how often books change
    double lag = 1.0;       ///< multiplies how long followers lag behind the leading venue
    /// Listed against each other and against USDT; none: everything.
    std::vector<sim_prices::Coin> coins;
};

/// Everybody else in the market: makers who keep books around each listing's middle and takers who
/// trade with whoever is there, their orders going through the engines like anybody's. One crowd
/// plays all venues, so that their prices are one world's. Same settings and seed and the same
/// orders of others: the same orders. Advances as fast as it is called.
class Crowd {
public:
    Crowd(const CrowdSettings& settings, std::uint64_t seed);
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    /// Lists everything the venue has in this world, opens the crowd's accounts there and fills the
    /// books. The venue must outlive the crowd. Before the first advance().
    void join(SimVenue& venue);
    /// Does what is due by `now`, in order of time, the venues' own advance() included.
    void advance(UnixNanos now);
    /// When the next thing is due.
    [[nodiscard]] UnixNanos next() const noexcept;

    /// Book changes so far, of all listings.
    [[nodiscard]] std::uint64_t beats() const noexcept { return beats_; }

    template <class Archive>
    void describe(Archive& a) {
        a(fair_, random_, schedule_, next_second_, shaken_, beats_);
        for (Bot& bot : bots_) a(bot);  // read into a crowd that joined the same venues
    }

private:
    struct Resting {
        Price price;
        OrderId order;
        template <class Archive>
        void describe(Archive& a) {
            a(price, order);
        }
    };
    /// Who keeps one listing alive.
    struct Bot {
        SimVenue* venue;
        sim_prices::Listing listing;
        ListingId id;
        AccountId maker, taker;
        runtime::Random random;
        sim_prices::Deviation deviation;
        std::array<std::vector<Resting>, 2> resting{};  ///< the maker's, worst first
        template <class Archive>
        void describe(Archive& a) {
            a(random, deviation, resting);
        }
    };
    struct Turn {
        std::int64_t at;
        std::uint32_t bot;
        template <class Archive>
        void describe(Archive& a) {
            a(at, bot);
        }
    };
    /// A bot's view at one moment; prices in steps of the listing's scale.
    struct View;

    void shake(std::int64_t now);
    void second(UnixNanos now);
    void beat(Bot& bot, std::int64_t now);
    [[nodiscard]] View look(Bot& bot, std::int64_t now) const;
    void drop_dead(Bot& bot);
    void clear_stale(Bot& bot, const View& view, Side side);
    void step_in(Bot& bot, const View& view, Side side);
    void refill_tail(Bot& bot, const View& view, Side side);
    void churn(Bot& bot, const View& view);
    void take(Bot& bot, const View& view, Side side);
    bool rest(Bot& bot, const View& view, Side side, double price, std::size_t depth);
    void hit(Bot& bot, const View& view, Side side, Price price, Quantity quantity);
    void cancel(Bot& bot, const View& view, Side side, std::size_t index);
    [[nodiscard]] Quantity random_quantity(Bot& bot, const View& view, std::size_t depth) const;

    CrowdSettings settings_;
    std::uint64_t seed_;
    sim_prices::FairPrice fair_;
    runtime::Random random_;  ///< of shocks
    std::vector<Bot> bots_;
    std::vector<SimVenue*> venues_;
    std::vector<Turn> schedule_;  ///< heap, earliest first
    std::int64_t next_second_;
    std::int64_t shaken_;  ///< grid index up to which shocks were drawn
    std::uint64_t beats_ = 0;
};

}  // namespace parallax::sim_engine
