#pragma once

#include <string>
#include <string_view>

#include "sim/venues/bybit/account_text.hpp"
#include "sim/venues/bybit/socket.hpp"

namespace parallax::sim_bybit {

/// Topics of the private socket: order, execution, execution.fast, position, wallet, each whole or
/// of one category ("order.linear"); wallet is whole only.
class UserStream {
public:
    UserStream(const sim_engine::SimVenue& venue, Sockets& sockets, OrderMemory& memory)
        : venue_{venue}, sockets_{sockets}, memory_{memory} {}

    [[nodiscard]] static bool known(std::string_view topic) noexcept;
    /// "order.linear" -> true, "order" -> false; a request may not mix the two.
    [[nodiscard]] static bool categorised(std::string_view topic) noexcept;

    void happened(std::span<const sim_engine::PrivateEvent> events, UnixNanos now);
    /// An order that was acknowledged and then rejected.
    void rejected(const OrderMemory::Refused& refused, UnixNanos now);

private:
    void order(const sim_engine::OrderUpdate& update, UnixNanos time, std::uint64_t number,
               UnixNanos now);
    /// To the account's sockets that follow the topic, as a whole or in this category.
    void tell(sim_engine::AccountId account, std::string_view topic, std::string_view category,
              Json data, UnixNanos now);
    [[nodiscard]] bool followed(sim_engine::AccountId account) noexcept;

    const sim_engine::SimVenue& venue_;
    Sockets& sockets_;
    OrderMemory& memory_;
    std::uint64_t last_id_ = 0;
};

}  // namespace parallax::sim_bybit
