#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/venues/common/rate_limiter.hpp"
#include "adapters/venues/common/reactions.hpp"
#include "core/time.hpp"
#include "ports/transport.hpp"

namespace parallax::venue_common {

/// When a request that brought no success may be sent once more, before its deadline.
enum class Repeat : std::uint8_t {
    Never,     ///< orders: whoever sent it asks what became of it
    IfUnsent,  ///< when it certainly was not executed
    Always,    ///< it changes nothing at the venue
};

/// One REST request, before it is signed.
struct RestCall {
    RateRequest rate;  ///< call, urgency, orders of a batch, instrument
    std::string_view method = "GET";
    std::string path;   ///< "/api/v5/account/balance"
    std::string query;  ///< without "?", escaped
    std::string body;
    bool is_signed = false;
    Repeat repeat = Repeat::Always;
    /// Waits for the rate limiter and may be repeated until then. Unknown: now or not at all.
    UnixNanos deadline;
    Nanos timeout = Nanos::seconds(10);  ///< of one attempt
};

/// What an answer says, as far as every answer of the venue says it.
struct RestReading {
    std::optional<std::int32_t> code;  ///< the venue's; nothing when the body has none
    Verdict verdict{Reaction::None, {}};
};

/// How a venue writes and reads REST. Stateless but for keys.
class RestDialect {
public:
    virtual ~RestDialect() = default;
    [[nodiscard]] virtual const RateTable& rates() const noexcept = 0;
    /// `time`: by the venue's clock. Overwrites url, headers and body.
    virtual void write(const RestCall& call, UnixNanos time, ports::HttpRequest& out) const = 0;
    /// `answer` is a Response.
    [[nodiscard]] virtual RestReading read(const ports::NetEvent& answer) = 0;
    /// Gives the ticket back and tells the limiter what the answer says about limits.
    virtual void feed_back(RateLimiter& limiter, const RateRequest& request,
                           const RateTicket& ticket, const ports::NetEvent& answer,
                           std::optional<std::int32_t> code, Nanos venue_ahead) = 0;
    /// Asks for the venue's time; read_time() reads the answer's body.
    [[nodiscard]] virtual RestCall time_call() const = 0;
    [[nodiscard]] virtual std::optional<UnixNanos> read_time(std::string_view body) = 0;
};

}  // namespace parallax::venue_common
