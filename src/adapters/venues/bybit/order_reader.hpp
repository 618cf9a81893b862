#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/bybit/order_gateway.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::bybit {

/// What the core is told of a refusal.
[[nodiscard]] messages::Reason refusal(std::int32_t code, venue_common::Reaction reaction,
                                       Market market) noexcept;
/// Why an order ended without being filled, or was rejected after its acknowledgement.
[[nodiscard]] messages::Reason end_reason(std::string_view reject_reason,
                                          std::string_view cancel_type, Market market) noexcept;

/// Reads what Bybit says of orders: acknowledgements, topics, lists. What a view points to lives
/// until the next call.
class Orders::Reader {
public:
    explicit Reader(const Universe& universe) : universe_{universe} {}

    void read_message(std::string_view message, std::uint64_t login_key,
                      venue_common::Incoming& out);
    void read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                   std::vector<venue_common::OrderAck>& out);
    [[nodiscard]] Result<std::string> read_list(const venue_common::Question& question,
                                                std::string_view body, venue_common::Incoming& out);

private:
    enum class Row : std::uint8_t { Read, NotOurs, Malformed };
    void control(venue_common::Object frame, std::uint64_t login_key, venue_common::Incoming& out);
    void acknowledgement(venue_common::Object frame, std::string_view batch_key,
                         std::uint64_t number, std::vector<venue_common::OrderAck>& out);
    Row order(venue_common::Object row, Market market, venue_common::OrderReport& out) const;
    Row execution(venue_common::Object row, Market market, venue_common::FillReport& out) const;
    void funding(venue_common::Object row, Market market, venue_common::Incoming& out) const;
    void wallet(venue_common::Object row, UnixNanos time, venue_common::Incoming& out) const;
    [[nodiscard]] const Instrument* instrument(venue_common::Object row, Market market) const;

    const Universe& universe_;
    simdjson::dom::parser json_;
};

}  // namespace parallax::bybit
