#pragma once

#include <string>
#include <string_view>

#include "sim/engine/order.hpp"
#include "sim/engine/reasons.hpp"

namespace parallax::sim_bybit {

/// retCode and retMsg of an answer; 0 is success. Clients switch on the code: texts change.
struct Answer {
    int code = 0;
    std::string text = "OK";
    [[nodiscard]] bool ok() const noexcept { return code == 0; }
};

inline constexpr int kParameter = 10001, kClock = 10002, kKey = 10003, kSignature = 10004,
                     kPermission = 10005, kTooMany = 10006, kUnmatchedIp = 10010,
                     kRepeatedAuth = 20001, kRepeatedRequest = 20006, kUnknownOperation = 10404,
                     kIpLimit = 10403, kNotLoggedIn = 10007;

[[nodiscard]] Answer parameter_error(std::string_view what);
/// What the venue answers to a request the engine refused. Sources: the error table of the sheet;
/// the choice among several codes of one meaning is ours.
[[nodiscard]] Answer refusal(sim_engine::Reject reason, bool spot);
/// rejectReason of an order that was acknowledged and refused afterwards.
[[nodiscard]] std::string_view reject_reason(sim_engine::Reject reason) noexcept;
/// Refusals the matching engine finds, as opposed to mistakes in a request: with late rejects these
/// are told after the acknowledgement.
[[nodiscard]] bool found_late(sim_engine::Reject reason) noexcept;

/// orderStatus, cancelType and rejectReason of an order as it stands.
struct StatusText {
    std::string_view status, cancel_type, reject_reason;
};
[[nodiscard]] StatusText status_of(const sim_engine::Order& order, bool spot) noexcept;

}  // namespace parallax::sim_bybit
