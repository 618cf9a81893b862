#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/common/json.hpp"
#include "adapters/venues/okx/order_gateway.hpp"

namespace parallax::okx {

/// What the core is told of a refusal.
[[nodiscard]] messages::Reason refusal(std::int32_t code, venue_common::Reaction reaction) noexcept;
/// Why an order ended without being filled: `cancelSource`.
[[nodiscard]] messages::Reason cancel_reason(std::string_view source) noexcept;

/// Reads what OKX says of orders: acknowledgements, channels, lists. What a view points to lives
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
    void event(std::string_view kind, venue_common::Object frame, std::uint64_t login_key,
               venue_common::Incoming& out);
    void acknowledgement(venue_common::Object frame, std::uint64_t number,
                         std::vector<venue_common::OrderAck>& out);
    bool order(venue_common::Object row, venue_common::OrderReport& out) const;
    /// Of a push of an order, and of a list of fills; false: it is no fill, or cannot be read.
    bool pushed_fill(venue_common::Object row, const venue_common::OrderReport& order,
                     venue_common::FillReport& out) const;
    bool listed_fill(venue_common::Object row, venue_common::FillReport& out) const;
    bool fill(venue_common::Object row, std::string_view fee, std::string_view fee_asset,
              venue_common::FillReport& out) const;
    void balances(venue_common::Object row, venue_common::Incoming& out) const;
    [[nodiscard]] const Instrument* instrument(venue_common::Object row) const;

    const Universe& universe_;
    simdjson::dom::parser json_;
};

}  // namespace parallax::okx
