#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ports/server_transport.hpp"
#include "sim/venues/common/parameters.hpp"
#include "sim/venues/okx/core.hpp"

namespace parallax::sim_okx {

/// A request that passed the doors: its parameters, and whose it is.
struct Call {
    const sim_front::Parameters& query;
    const Json& body;  ///< of POST
    sim_engine::AccountId account;
    std::string_view expiry;  ///< header expTime
    UnixNanos now;
    const sim_front::ApiKey* key = nullptr;  ///< of private calls
    [[nodiscard]] std::string text(std::string_view name) const {
        return std::string{query.text(name)};
    }
};

struct Answer {
    std::uint16_t status = 200;
    Json body;
};
[[nodiscard]] Answer good(Json data);
[[nodiscard]] Answer bad(const Code& code, std::string_view what = {});

/// /api/v5: who may ask, how often, and what is answered.
class Rest {
public:
    explicit Rest(Core& core) : core_{core} {}
    [[nodiscard]] ports::HttpReply handle(const ports::ServerEvent& event);

private:
    enum class Per : std::uint8_t { Address, User };
    struct Route {
        std::string_view method, path;
        Answer (Rest::*run)(const Call&);
        Per per;
        sim_front::Permission permission;  ///< of private ones
        std::uint32_t most;                ///< requests per interval; 0 = counted by the handler
        std::string_view by;               ///< parameter that has a bucket of its own each
        Nanos interval = Nanos::seconds(2);
    };
    static std::span<const Route> routes() noexcept;
    Answer answer(const ports::ServerEvent& event);
    /// Null: the key is good; `key` is set.
    const Code* check(const ports::ServerEvent& event, const sim_front::ApiKey*& key) const;

    // rest_market.cpp
    Answer time(const Call& call);
    Answer status(const Call& call);
    Answer instruments(const Call& call);
    Answer funding_rate(const Call& call);
    Answer funding_history(const Call& call);
    Answer mark_price(const Call& call);
    Answer price_limit(const Call& call);
    Answer ticker(const Call& call);
    Answer tickers(const Call& call);
    Answer index_tickers(const Call& call);
    Answer books(const Call& call);
    Answer books_full(const Call& call);
    Answer trades(const Call& call);
    Answer candles(const Call& call);
    // rest_prices.cpp
    Answer index_candles(const Call& call);
    Answer mark_candles(const Call& call);
    Answer open_interests(const Call& call);
    // rest_interest.cpp
    Answer open_interest_history(const Call& call);
    Answer open_interest_volume(const Call& call);
    Answer position_tiers(const Call& call);
    // rest_trade.cpp
    Answer place(const Call& call);
    Answer place_batch(const Call& call);
    Answer cancel(const Call& call);
    Answer cancel_batch(const Call& call);
    Answer amend(const Call& call);
    Answer amend_batch(const Call& call);
    Answer cancel_all_after(const Call& call);
    Answer close_position(const Call& call);
    Answer mass_cancel(const Call& call);
    // rest_queries.cpp
    Answer order(const Call& call);
    Answer open_orders(const Call& call);
    Answer order_history(const Call& call);
    Answer fills(const Call& call);
    Answer rate_limit(const Call& call);
    // rest_account.cpp
    Answer balance(const Call& call);
    Answer positions(const Call& call);
    Answer config(const Call& call);
    Answer trade_fee(const Call& call);
    Answer bills(const Call& call);
    Answer set_position_mode(const Call& call);
    Answer set_leverage(const Call& call);
    Answer leverage_info(const Call& call);
    Answer max_size(const Call& call);
    Answer max_avail_size(const Call& call);
    Answer position_risk(const Call& call);
    Answer interest_rate(const Call& call);
    // rest_asset.cpp
    Answer asset_balances(const Call& call);
    Answer currencies(const Call& call);
    Answer deposit_address(const Call& call);
    Answer transfer(const Call& call);
    Answer transfer_state(const Call& call);
    Answer withdraw(const Call& call);
    Answer cancel_withdrawal(const Call& call);
    Answer withdrawals(const Call& call);
    Answer deposits(const Call& call);
    Answer asset_bills(const Call& call);
    Answer asset_valuation(const Call& call);

    Answer single(const Call& call, Action action);
    Answer batch(const Call& call, Action action);
    /// Rows of a price that is told and not traded.
    Answer price_candles(const Call& call, sim_engine::ListingId id);
    /// Listings of an instType, instId or instFamily.
    [[nodiscard]] std::vector<sim_engine::ListingId> selected(const Call& call) const;
    [[nodiscard]] Answer listed_rows(const Call& call,
                                     const std::function<Json(sim_engine::ListingId)>& row) const;

    Core& core_;
};

/// Rows newest first, those after (older than) and before (newer than) the ids given, at most
/// `limit`. `id` gives a row's number.
template <class Rows, class IdOf>
[[nodiscard]] auto page(const Rows& oldest_first, const Call& call, std::size_t most,
                        const IdOf& id) {
    const auto after = sim_front::integer(call.query.text("after"));
    const auto before = sim_front::integer(call.query.text("before"));
    const auto limit = sim_front::integer(call.query.text("limit"));
    std::size_t room = most;
    if (limit && *limit > 0) room = std::min(room, static_cast<std::size_t>(*limit));
    std::vector<typename Rows::value_type> out;
    for (auto at = oldest_first.rbegin(); at != oldest_first.rend() && out.size() < room; ++at) {
        const auto number = static_cast<std::int64_t>(id(*at));
        if ((after && number >= *after) || (before && number <= *before)) continue;
        out.push_back(*at);
    }
    return out;
}

}  // namespace parallax::sim_okx
