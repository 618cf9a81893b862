#pragma once

#include <string>

#include "adapters/fix/transport.hpp"
#include "adapters/venues/binance/sign.hpp"

namespace parallax::binance {

/// A FIX.4.4 session of Binance spot, whichever door it is (sheet: sections 6.1 to 6.4): messages
/// in order, a SenderCompID of its own for each connection, a signed Logon with the fields of
/// `more` behind. `clock` and signer outlive the sessions.
[[nodiscard]] fix::SessionProfile fix_session(const fix::Transport& clock, Signer& signer,
                                              std::string name, std::string url, int heartbeat_s,
                                              fix::TextFields more = {});

/// What asks a fix::Transport for the Logon; its answer carries the key (fix::kAskTag).
[[nodiscard]] std::string fix_logon(std::uint64_t key, UnixNanos venue_time);

/// Errors: Rejected (not an Ed25519 key, or a heartbeat that is none).
[[nodiscard]] Result<void> fit_for_fix(const Signer& signer, int heartbeat_s);

}  // namespace parallax::binance
