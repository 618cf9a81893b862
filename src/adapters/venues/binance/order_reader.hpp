#pragma once

#include <array>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/binance/order_gateway.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::binance {

/// Reads what Binance says of orders: replies of the WebSocket API and of REST, lists
/// (order_reader.cpp), the events of the user data streams (order_stream.cpp). What a view points
/// to lives until the next call.
class Orders::Reader {
public:
    Reader(const Universe& universe, Product product) : universe_{universe}, product_{product} {}

    void read_message(std::string_view message, venue_common::Incoming& out);
    void read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                   std::vector<venue_common::OrderAck>& out);
    /// One order, a list of orders, or a page of an order's fills.
    [[nodiscard]] Result<std::string> read_list(const venue_common::Question& question,
                                                std::string_view body, venue_common::Incoming& out);
    [[nodiscard]] Result<std::string> read_listen_key(std::string_view body);

    /// A row of myTrades or userTrades, which name no client id.
    [[nodiscard]] bool trade(venue_common::Object row, venue_common::FillReport& out);
    [[nodiscard]] HotResult<venue_common::Array> parse_list(std::string_view body);
    [[nodiscard]] HotResult<venue_common::Object> parse_object(std::string_view body);

    /// What the last message said of limits.
    struct Usage {
        std::uint8_t limit = 0;
        std::uint32_t count = 0;
    };
    [[nodiscard]] std::span<const Usage> usage() const noexcept { return usage_; }
    /// When the venue listens again, by its clock; unknown: it did not say.
    [[nodiscard]] UnixNanos retry_after() const noexcept { return retry_after_; }

private:
    enum class Row : std::uint8_t { Read, NotOurs, Malformed };
    /// What the fields of an order are called.
    struct OrderKeys {
        std::string_view symbol, client_id, venue_id, side, status, quantity, filled, time, force,
            expiry;
    };
    static constexpr OrderKeys kListed{"symbol",      "clientOrderId", "orderId",     "side",
                                       "status",      "origQty",       "executedQty", "updateTime",
                                       "timeInForce", "expiryReason"};

    void begin();
    [[nodiscard]] const Instrument* instrument(std::string_view symbol) const;
    /// An integer's digits, kept until begin().
    [[nodiscard]] std::string_view digits(std::int64_t number);
    Row order(venue_common::Object row, const OrderKeys& keys, venue_common::OrderReport& out);
    void fee(venue_common::Object row, std::string_view amount_key, std::string_view asset_key,
             const Instrument& listing, venue_common::FillReport& out) const;

    void reply(venue_common::Object frame, venue_common::Incoming& out);
    venue_common::OrderAck& ack(venue_common::Object result, int status, std::int32_t code,
                                std::string_view message, std::vector<venue_common::OrderAck>& out);
    void limits(venue_common::Object frame);

    // order_stream.cpp
    void event(venue_common::Object event, venue_common::Incoming& out);
    void order_event(venue_common::Object row, const OrderKeys& keys, venue_common::Incoming& out);
    Row execution(venue_common::Object row, const venue_common::OrderReport& order,
                  venue_common::FillReport& out) const;
    void spot_balances(venue_common::Object event, venue_common::Incoming& out) const;
    void usdm_balances(venue_common::Object event, venue_common::Incoming& out) const;

    const Universe& universe_;
    Product product_;
    simdjson::dom::parser json_;
    std::deque<std::array<char, 24>> digits_;
    std::vector<Usage> usage_;
    UnixNanos retry_after_;
};

}  // namespace parallax::binance
