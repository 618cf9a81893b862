#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/engine/venue.hpp"
#include "sim/venues/okx/errors.hpp"
#include "sim/venues/okx/json.hpp"
#include "sim/venues/okx/notes.hpp"

namespace parallax::sim_okx {

/// How an order operation names its instrument: REST by instId, the order socket by instIdCode
/// (an instId there is ignored, okx.md 0.1).
enum class NamedBy : std::uint8_t { Name, Code };

/// Orders a batch may hold.
inline constexpr std::size_t kMostInBatch = 20;

/// The answer to one order operation: an element of `data`.
struct OrderAnswer {
    Refusal refusal;
    std::string order;  ///< ordId, empty when there is none
    std::string client_id;
    std::string tag;
    std::string request;  ///< reqId of amends
    UnixNanos time;
    [[nodiscard]] Json json(Action action) const;
};

/// Text of a parameter: what clients write as a string, a number or a boolean. Empty when missing.
[[nodiscard]] std::string parameter(const Json& object, std::string_view name);
[[nodiscard]] bool is_word(std::string_view text, std::size_t most) noexcept;

/// Highest price to buy and lowest to sell at now; 0 = no limit.
struct PriceLimits {
    Price buy, sell;
};
[[nodiscard]] PriceLimits price_limits(const sim_engine::Desk& desk) noexcept;

/// Order operations of both ways in, REST and WebSocket, on one engine. What it changes comes out
/// of the engine as events: tell them after each operation, before the next.
class OrderEntry {
public:
    OrderEntry(sim_engine::SimVenue& venue, Notes& notes) : venue_{venue}, notes_{notes} {}

    OrderAnswer place(sim_engine::AccountId account, const Json& arg, NamedBy named, UnixNanos now);
    OrderAnswer cancel(sim_engine::AccountId account, const Json& arg, NamedBy named,
                       UnixNanos now);
    OrderAnswer amend(sim_engine::AccountId account, const Json& arg, NamedBy named, UnixNanos now);

    /// None: no such instrument, or none named.
    [[nodiscard]] std::optional<sim_engine::ListingId> listing(const Json& arg,
                                                               NamedBy named) const;
    [[nodiscard]] std::optional<sim_engine::ListingId> by_name(std::string_view name) const;
    /// By ordId or, without, by clOrdId; null: unknown, or another account's or instrument's.
    [[nodiscard]] const sim_engine::Order* find(sim_engine::AccountId account,
                                                sim_engine::ListingId listing,
                                                std::string_view order,
                                                std::string_view client) const;

private:
    struct Reading;
    Refusal read(const Json& arg, Reading& out) const;
    Refusal read_mode(const Json& arg, Reading& out) const;
    Refusal read_kind(const Json& arg, Reading& out) const;
    Refusal read_price(const Json& arg, Reading& out) const;
    Refusal read_size(const Json& arg, Reading& out) const;
    [[nodiscard]] Refusal unknown_instrument(const Json& arg, NamedBy named) const;
    [[nodiscard]] Refusal said(sim_engine::Reject reason, Action action,
                               sim_engine::ListingId listing, Side side) const;

    sim_engine::SimVenue& venue_;
    Notes& notes_;
};

}  // namespace parallax::sim_okx
