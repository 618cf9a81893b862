#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/engine/venue.hpp"
#include "sim/venues/common/json.hpp"
#include "sim/venues/common/keyring.hpp"
#include "sim/venues/common/parameters.hpp"

namespace parallax::sim_binance {

using sim_engine::AccountId;
using sim_engine::ListingId;
using sim_engine::Order;
using sim_engine::OrderId;
using sim_engine::SimVenue;
using sim_front::Json;

enum class Product : std::uint8_t { Spot, Futures };
[[nodiscard]] constexpr Market market_of(Product product) noexcept {
    return product == Product::Spot ? Market::BinanceSpot : Market::BinanceUsdm;
}

/// A refusal as Binance words it.
struct Fault {
    int code = 0;
    std::string msg;
    std::uint16_t status = 400;  ///< of HTTP
    Json data{};                 ///< cancelReplace only
};
using Reply = tl::expected<Json, Fault>;
[[nodiscard]] inline tl::unexpected<Fault> refuse(int code, std::string msg,
                                                  std::uint16_t status = 400) {
    return tl::unexpected<Fault>{Fault{code, std::move(msg), status, {}}};
}
[[nodiscard]] Json fault_json(const Fault& fault);
/// JSON as it goes out; text that is no UTF-8 is replaced, never an exception.
[[nodiscard]] std::string text_of(const Json& json);

/// One request, by HTTP or over the WebSocket API.
struct Call {
    Product product{};
    UnixNanos now;
    std::string peer;
    sim_front::Parameters params;
    const sim_front::ApiKey* key = nullptr;
    [[nodiscard]] AccountId account() const noexcept { return key->account; }
};

/// Reads a call's parameters and keeps the first thing that is wrong with them.
class Arguments {
public:
    explicit Arguments(const Call& call) : params_{call.params} {}
    std::string_view must(std::string_view name);
    [[nodiscard]] std::string_view may(std::string_view name);
    std::optional<std::int64_t> number(std::string_view name);
    std::int64_t number_or(std::string_view name, std::int64_t otherwise, std::int64_t most);
    bool flag(std::string_view name, bool otherwise = false);
    void wrong(int code, std::string msg) {
        if (!fault_) fault_ = Fault{code, std::move(msg), 400, {}};
    }
    [[nodiscard]] const std::optional<Fault>& fault() const noexcept { return fault_; }
    [[nodiscard]] tl::unexpected<Fault> failure() const { return tl::unexpected<Fault>{*fault_}; }

private:
    const sim_front::Parameters& params_;
    std::optional<Fault> fault_;
};

/// Why the venue did not do it.
[[nodiscard]] Fault fault_of(sim_engine::Reject reason, Product product);
[[nodiscard]] Fault cancel_fault();
[[nodiscard]] Fault unknown_order();

}  // namespace parallax::sim_binance
