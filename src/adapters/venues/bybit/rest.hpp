#pragma once

#include <memory>
#include <string>

#include "adapters/venues/bybit/limits.hpp"
#include "adapters/venues/bybit/sign.hpp"
#include "adapters/venues/common/rest_dialect.hpp"

namespace parallax::bybit {

/// Bybit's REST (v5 guide, copy of 2026-07-24): headers signed with the time in milliseconds,
/// answers with retCode, retMsg and result.
class Rest final : public venue_common::RestDialect {
public:
    /// `host`: "https://api.bybit.com". Without a signer only public calls may be made.
    explicit Rest(std::string host, const Signer* signer = nullptr);
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
    std::string host_;
    const Signer* signer_;
    std::unique_ptr<Json> json_;
};

}  // namespace parallax::bybit
