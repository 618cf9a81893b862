#pragma once

#include <string_view>
#include <vector>

#include "sim/venues/bybit/errors.hpp"
#include "sim/venues/bybit/order_memory.hpp"
#include "sim/venues/bybit/order_request.hpp"

namespace parallax::sim_bybit {

/// What a call is answered with, whichever way it came.
struct Reply {
    Answer answer;
    Json result = Json::object();
    Json extra = Json::object();  ///< retExtInfo

    [[nodiscard]] static Reply failed(Answer answer) {
        return {std::move(answer), Json::object(), Json::object()};
    }
};

enum class Operation : std::uint8_t { Create, Amend, Cancel };

/// Places, amends and cancels for both ways in, REST and the trade socket.
class OrderDesk {
public:
    OrderDesk(sim_engine::SimVenue& venue, OrderMemory& memory) : venue_{venue}, memory_{memory} {}

    /// From now on refusals that only the matching engine can know (money, price limits, the state
    /// of the market) come after a successful answer, as orders with the status Rejected.
    void reject_late(bool late) noexcept { late_ = late; }

    [[nodiscard]] Reply one(Operation operation, sim_engine::AccountId account, const Json& request,
                            UnixNanos now);
    /// `allowed`: so many orders the rate limit admits; those behind fail with 10006.
    [[nodiscard]] Reply batch(Operation operation, sim_engine::AccountId account,
                              const Json& request, std::size_t allowed, UnixNanos now);
    /// How many orders a batch counts for; at least 1.
    [[nodiscard]] static std::size_t batch_size(const Json& request) noexcept;
    [[nodiscard]] Reply cancel_all(sim_engine::AccountId account, const Json& request,
                                   UnixNanos now);

    /// Orders acknowledged and rejected since the last call.
    [[nodiscard]] std::vector<OrderMemory::Refused> take_rejected() {
        return std::exchange(rejected_, {});
    }

private:
    [[nodiscard]] Reply create(sim_engine::AccountId account, const Json& request, UnixNanos now);
    [[nodiscard]] Reply amend(sim_engine::AccountId account, const Json& request, UnixNanos now);
    [[nodiscard]] Reply cancel(sim_engine::AccountId account, const Json& request, UnixNanos now);
    struct Found {
        Answer answer;
        const sim_engine::Order* order = nullptr;
        bool spot = false;
    };
    [[nodiscard]] Found find(sim_engine::AccountId account, const Json& request) const;

    sim_engine::SimVenue& venue_;
    OrderMemory& memory_;
    bool late_ = false;
    std::vector<OrderMemory::Refused> rejected_;
};

}  // namespace parallax::sim_bybit
