#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sim/venues/bybit/order_desk.hpp"
#include "sim/venues/bybit/public_streams.hpp"
#include "sim/venues/common/keyring.hpp"
#include "sim/venues/common/parameters.hpp"

namespace parallax::sim_bybit {

/// A request whose signature is good.
struct Call {
    std::string_view path;
    const sim_front::Parameters& query;
    const Json& body;
    const sim_front::ApiKey* key = nullptr;  ///< null at public paths
    UnixNanos now;
};

/// GET /v5/market/...
class RestMarket {
public:
    RestMarket(const sim_engine::SimVenue& venue, PublicStreams& streams)
        : venue_{venue}, streams_{streams} {}
    /// Needs: a path for which serves() holds.
    [[nodiscard]] Reply answer(const Call& call);
    [[nodiscard]] static bool serves(std::string_view path) noexcept;

private:
    [[nodiscard]] Reply instruments(const Call& call) const;
    [[nodiscard]] Reply book(const Call& call);
    [[nodiscard]] Reply tickers(const Call& call) const;
    [[nodiscard]] Reply trades(const Call& call) const;
    [[nodiscard]] Reply candles(const Call& call) const;
    [[nodiscard]] Reply limits(const Call& call) const;
    [[nodiscard]] Reply fundings(const Call& call) const;
    [[nodiscard]] static Reply announcements(const Call& call);
    // rest_prices.cpp
    /// `digits`: none for prices as they are quoted.
    [[nodiscard]] Reply prices(const Call& call,
                               const sim_front::PriceMinutes& (Tape::*minutes)() const noexcept,
                               std::optional<std::uint8_t> digits = {}) const;
    [[nodiscard]] Reply interests(const Call& call) const;
    [[nodiscard]] Reply ratios(const Call& call) const;
    [[nodiscard]] Reply risk_limits(const Call& call) const;
    [[nodiscard]] Reply insurance(const Call& call) const;

    const sim_engine::SimVenue& venue_;
    PublicStreams& streams_;
};

/// GET lists of orders, executions and positions.
class RestQueries {
public:
    RestQueries(const sim_engine::SimVenue& venue, const OrderMemory& memory)
        : venue_{venue}, memory_{memory} {}
    [[nodiscard]] Reply realtime(const Call& call) const;
    [[nodiscard]] Reply history(const Call& call) const;
    [[nodiscard]] Reply executions(const Call& call) const;
    [[nodiscard]] Reply positions(const Call& call) const;

private:
    [[nodiscard]] Reply orders(const Call& call, bool open, bool closed, std::size_t most_closed,
                               bool coin_needed) const;
    const sim_engine::SimVenue& venue_;
    const OrderMemory& memory_;
};

/// Wallets, fees, leverage and margin, transfers, the key itself.
class RestAccount {
public:
    explicit RestAccount(sim_engine::SimVenue& venue) : venue_{venue} {}
    [[nodiscard]] Reply wallet(const Call& call) const;
    [[nodiscard]] Reply fee_rate(const Call& call) const;
    [[nodiscard]] Reply info(const Call& call) const;
    [[nodiscard]] Reply key(const Call& call) const;
    [[nodiscard]] Reply set_leverage(const Call& call);
    [[nodiscard]] Reply switch_mode(const Call& call);
    [[nodiscard]] Reply coin_info(const Call& call) const;
    [[nodiscard]] Reply spot_quota(const Call& call) const;
    // Margin is crossed and nothing has triggers: what differs from that is refused.
    [[nodiscard]] static Reply margin_mode(const Call& call);
    [[nodiscard]] static Reply switch_isolated();
    [[nodiscard]] Reply isolated_margin(const Call& call) const;
    [[nodiscard]] Reply trading_stop(const Call& call) const;
    // rest_transfers.cpp
    [[nodiscard]] Reply transfer(const Call& call);
    [[nodiscard]] Reply transfers(const Call& call) const;
    [[nodiscard]] Reply transfer_coins(const Call& call) const;
    [[nodiscard]] Reply coins(const Call& call) const;
    [[nodiscard]] Reply coin(const Call& call) const;

private:
    sim_engine::SimVenue& venue_;
    /// The client's own id of a transfer is a key: given again, it is the same transfer.
    std::map<std::pair<sim_engine::AccountId, std::string>, sim_engine::MovementId> transfers_;
};

/// What `startTime` and `endTime` of a list ask for, ms. Without them the last
/// `usual`, with one of them so much after or before it; both at most `widest` apart.
struct TimeSpan {
    Answer answer;
    std::int64_t from = 0, to = 0;
    [[nodiscard]] bool holds(UnixNanos time) const noexcept {
        return time.millis() >= from && time.millis() <= to;
    }
};
[[nodiscard]] TimeSpan time_span(const Call& call, Nanos usual, Nanos widest);
/// What candles are asked for; `to` without an `end` is `until`. Times in ms.
struct CandleQuery {
    CandleQuery(const Call& call, std::int64_t until);
    Answer answer;
    std::string_view interval;  ///< into the call
    std::int64_t from = 0, to = 0;
    std::size_t limit = 0;
};
/// The perpetual that `symbol` names, or all of category linear; of inverse none is simulated.
struct Perpetuals {
    Perpetuals(const sim_engine::SimVenue& venue, const Call& call);
    Answer answer;
    std::vector<sim_engine::ListingId> ids;
};
/// Deliveries of contracts, which none here ever sees.
[[nodiscard]] Reply deliveries(const sim_engine::SimVenue& venue, const Call& call);
/// `limit` of a list: empty when it is no number or outside [1, most].
[[nodiscard]] std::optional<std::size_t> list_limit(const sim_front::Parameters& query,
                                                    std::size_t otherwise, std::size_t most);
/// Rows, newest first; of one time the later one.
[[nodiscard]] std::vector<Json> newest_first(std::vector<std::pair<UnixNanos, Json>> rows);
/// The page of rows that `cursor` and a limit choose, as {category, list, nextPageCursor}.
[[nodiscard]] Json page(const sim_front::Parameters& query, std::vector<Json> rows,
                        std::size_t limit);

}  // namespace parallax::sim_bybit
