
#include "sim/venues/binance/front.hpp"

namespace parallax::sim_binance {

std::optional<Fault> BinanceFront::check_time(const Call& call) const {
    Arguments in{call};
    (void)in.must("timestamp");
    auto stamp = in.number("timestamp");
    if (in.fault()) return in.fault();
    sim_front::TimeWindow window;
    if (const std::string_view wanted = in.may("recvWindow"); !wanted.empty()) {
        // Up to three digits behind the point, milliseconds before it.
        const auto span = Amount::parse(wanted);
        if (!span || span->is_negative())
            return Fault{-1100,
                         "Illegal characters found in parameter 'recvWindow'; legal range is "
                         "'^[0-9]{1,20}(\\.[0-9]{1,3})?$'.",
                         400,
                         {}};
        if (*span > Amount::units(60'000))
            return Fault{-1131, "recvWindow must be less than 60000.", 400, {}};
        window.behind = Nanos{static_cast<std::int64_t>(span->raw() / 1'000'000'000'000)};
    }
    // Milliseconds, or microseconds when it is that large; nobody's clock is there for ages.
    const bool micros = *stamp >= 1'000'000'000'000'000;
    constexpr std::int64_t kMost = 9'000'000'000'000'000;
    const UnixNanos time = UnixNanos::from_nanos(std::min(*stamp, micros ? kMost : kMost / 1'000) *
                                                 (micros ? 1'000 : 1'000'000));
    if (window.admits(time, call.now)) return std::nullopt;
    if (time >= call.now)
        return Fault{
            -1021, "Timestamp for this request was 1000ms ahead of the server's time.", 400, {}};
    return Fault{-1021, "Timestamp for this request is outside of the recvWindow.", 400, {}};
}

tl::expected<const sim_front::ApiKey*, Fault> BinanceFront::check_key(std::string_view id,
                                                                      const Call& call,
                                                                      Security security) const {
    if (id.empty() || id.size() > 128) return refuse(-2014, "API-key format invalid.", 401);
    const sim_front::ApiKey* const key = keys_.find(id);
    const bool allowed = key != nullptr && key->from(call.peer) &&
                         (security != Security::Trade || key->may(sim_front::Permission::Trade)) &&
                         (security != Security::Read || key->may(sim_front::Permission::Read));
    if (!allowed) return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    return key;
}

std::optional<Fault> BinanceFront::check_parameters(const Operation& operation, const Call& call) {
    if (const std::string* const name = call.params.duplicate())
        return Fault{-1101, "Duplicate values for parameter '" + *name + "'.", 400, {}};
    // These ignore what they do not know.
    if (call.product == Product::Futures || operation.parameters == std::string_view{"*"})
        return std::nullopt;
    const bool is_signed =
        operation.security == Security::Read || operation.security == Security::Trade;
    const std::string known = std::string{" "} + operation.parameters + " " +
                              (is_signed ? "timestamp recvWindow signature apiKey " : "") +
                              "returnRateLimits ";
    std::size_t read = 0;
    for (const auto& entry : call.params.entries())
        read += known.find(" " + entry.name + " ") != std::string::npos ? 1U : 0U;
    const std::size_t sent = call.params.entries().size();
    if (read == sent) return std::nullopt;
    return Fault{-1104,
                 "Not all sent parameters were read; read '" + std::to_string(read) +
                     "' parameter(s) but was sent '" + std::to_string(sent) + "'.",
                 400,
                 {}};
}

}  // namespace parallax::sim_binance
