#pragma once

#include <memory>
#include <string>

#include "adapters/venues/binance/limits.hpp"
#include "adapters/venues/binance/sign.hpp"
#include "adapters/venues/common/rest_dialect.hpp"

namespace parallax::binance {

/// Binance's REST (spot rest-api.md of 2026-07-21, USD-M General Info): parameters in the query,
/// signed last; answers are the result itself, or code and msg. COIN-M speaks USD-M's.
class Rest final : public venue_common::RestDialect {
public:
    /// `host`: "https://api.binance.com", "https://fapi.binance.com", "https://dapi.binance.com".
    /// Without a signer only public calls may be made. `wallet_host`: where /sapi is, for futures
    /// "https://api.binance.com"; empty: at `host`.
    Rest(Product product, std::string host, Signer* signer = nullptr, bool coin_margined = false,
         std::string wallet_host = {});
    ~Rest() override;

    [[nodiscard]] const venue_common::RateTable& rates() const noexcept override;
    void write(const venue_common::RestCall& call, UnixNanos time,
               ports::HttpRequest& out) const override;
    [[nodiscard]] venue_common::RestReading read(const ports::NetEvent& answer) override;
    void feed_back(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
                   const venue_common::RateTicket& ticket, const ports::NetEvent& answer,
                   std::optional<std::int32_t> code, Nanos venue_ahead) override;
    [[nodiscard]] venue_common::RestCall time_call() const override;
    [[nodiscard]] std::optional<UnixNanos> read_time(std::string_view body) override;

private:
    struct Json;
    Product product_;
    std::string host_, wallet_host_;
    Signer* signer_;
    bool coin_margined_;
    std::unique_ptr<Json> json_;
};

}  // namespace parallax::binance
