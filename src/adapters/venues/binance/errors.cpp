#include "adapters/venues/binance/errors.hpp"

namespace parallax::binance {
namespace {

using enum venue_common::Reaction;
using venue_common::CodeRule;

constexpr CodeRule kSpot[] = {
    {-5013, -5013, Reject, "a transfer of more than there is"},
    {-2043, -2043, Reject, "the symbol has no reference price"},
    {-2042, -2042, Reject, "too many subscriptions on this connection"},
    {-2039, -2039, Reject, "the two ids given are of different orders"},
    {-2038, -2038, Reject, "the amendment was refused"},
    {-2036, -2036, ResyncBook, "the user stream is not active: subscribe again"},
    {-2035, -2035, Done, "the user stream is active already"},
    {-2026, -2026, NotFound, "the order was archived: no fills, older than 90 days"},
    {-2022, -2022, Reject, "cancel and new order both failed"},
    {-2021, -2021, Unknown, "one half of a cancel-replace failed: look at both"},
    {-2015, -2014, Halt, "the API key, its IP list or its permissions are wrong"},
    {-2013, -2013, NotFound, "no such order"},
    {-2011, -2011, Done, "cancel refused: the order is closed or unknown; read its state"},
    {-2010, -2010, Unknown, "an open order has this id already: an earlier attempt lives",
     "Duplicate order sent"},
    {-2010, -2010, StopInstrument, "the market is closed", "Market is closed"},
    {-2010, -2010, Reject, "the venue refused the order: its message says why"},
    {-1220, -1220, ReloadInstruments, "the symbol's status is not the expected one"},
    {-1145, -1145, Reject, "bad cancelRestrictions"},
    {-1130, -1123, Reject, "malformed request"},
    {-1122, -1122, ReloadInstruments, "the symbol's status does not allow this"},
    {-1121, -1121, ReloadInstruments, "no such symbol"},
    {-1120, -1100, Reject, "malformed request"},
    {-1035, -1035, Relogin, "the FIX session must log out"},
    {-1034, -1034, BackOff, "too many FIX connections"},
    {-1033, -1033, BackOff, "the FIX SenderCompID is in use: wait two heartbeats"},
    {-1022, -1022, Halt, "the signature is wrong"},
    {-1021, -1021, ResyncClock, "the timestamp is outside the window"},
    {-1020, -1020, Reject, "not supported here"},
    {-1016, -1016, Halt, "this service is shutting down"},
    {-1015, -1015, BackOff, "too many orders in the interval"},
    {-1013, -1013, ReloadInstruments, "a filter refuses it: our rules may be old"},
    {-1008, -1008, BackOff, "the server is overloaded"},
    {-1007, -1006, Unknown, "the matching engine did not answer in time"},
    {-1003, -1003, BackOff, "too much request weight, or banned for it"},
    {-1001, -1001, Unknown, "the server lost its connection inside"},
    {-1000, -1000, Unknown, "unknown error"},
};

constexpr CodeRule kUsdm[] = {
    {-5028, -5028, ResyncClock, "the engine's time window has passed"},
    {-5022, -5021, Reject, "a fill-or-kill or post-only order could not be had as asked"},
    {-5013, -5013, Reject, "a transfer of more than there is"},
    {-4531, -4531, Reject, "the position mode cannot be switched now"},
    {-4519, -4517, StopInstrument, "only reducing orders are allowed"},
    {-4407, -4407, StopInstrument, "only reducing orders are allowed"},
    {-4405, -4405, StopInstrument, "only reducing orders are allowed"},
    {-4400, -4400, StopInstrument, "only reducing orders are allowed"},
    {-4171, -4171, Done, "nothing to change"},
    {-4164, -4164, Reject, "below the minimum notional"},
    {-4142, -4142, Reject, "the order would trigger at once"},
    {-4141, -4140, StopInstrument, "the symbol is closed, or takes no new positions"},
    {-4131, -4131, Reject, "a market order would leave the price band"},
    {-4120, -4120, Reject, "conditional orders belong to the algo endpoint"},
    {-4118, -4118, Reject, "reduce-only refused: look at the position and its orders"},
    {-4116, -4116, Unknown, "this client id exists: an earlier attempt lives"},
    {-4068, -4067, Reject, "the position mode cannot be switched with open orders or positions"},
    {-4061, -4061, Reject, "positionSide does not fit the position mode: read the mode again"},
    {-4059, -4059, Done, "the position mode is so already"},
    {-4046, -4046, Done, "the margin type is so already"},
    {-4045, -4045, Reject, "too many stop orders"},
    {-4028, -4028, Reject, "no such leverage"},
    {-4024, -4023, ReloadInstruments, "quantity off its step, or price below the band"},
    {-4016, -4013, ReloadInstruments, "price off its tick or band, or a bad client id"},
    {-4005, -4002, ReloadInstruments, "price or quantity outside the filters"},
    {-2028, -2027, Reject, "the leverage allows no such position"},
    {-2025, -2025, Reject, "too many open orders"},
    {-2022, -2022, Reject, "reduce-only refused: the position is smaller or others reduce it"},
    {-2021, -2021, Reject, "the order would trigger at once"},
    {-2019, -2018, Reject, "not enough balance or margin"},
    {-2015, -2014, Halt, "the API key, its IP list or its permissions are wrong"},
    {-2013, -2013, NotFound, "no such order"},
    {-2011, -2011, Done, "cancel refused: the order is closed or unknown; read its state"},
    {-2010, -2010, Reject, "the venue refused the order: its message says why"},
    {-1130, -1126, Reject, "malformed request"},
    {-1125, -1125, ResyncBook, "the listen key is gone: make another, subscribe again"},
    {-1124, -1123, Reject, "malformed request"},
    {-1122, -1121, ReloadInstruments, "no such symbol, or not in this status"},
    {-1120, -1100, Reject, "malformed request"},
    {-1022, -1022, Halt, "the signature is wrong"},
    {-1021, -1021, ResyncClock, "the timestamp is outside the window"},
    {-1015, -1015, BackOff, "too many orders in the interval"},
    {-1013, -1013, ReloadInstruments, "a filter refuses it: our rules may be old"},
    {-1008, -1008, BackOff, "overloaded: failed and not counted; reducing orders still pass"},
    {-1007, -1006, Unknown, "the matching engine did not answer in time"},
    {-1003, -1003, BackOff, "too much request weight, or banned for it"},
    {-1001, -1001, Unknown, "the server lost its connection inside"},
    {-1000, -1000, Unknown, "unknown error"},
};

/// Status 503 of USD-M; spot documents none, so that there a 503 stays unknown.
constexpr CodeRule kUsdm503[] = {
    {503, 503, Unknown, "the outcome is unknown: verify first", "Unknown error"},
    {503, 503, BackOff, "failed and not counted: again after 200, 400, 800 ms",
     "Service Unavailable"},
    {503, 503, BackOff, "failed", "Internal error; unable to process your request"},
    {503, 503, BackOff, "failed and not counted: fewer requests at a time",
     "Request throttled by system-level protection"},
    {503, 503, Unknown, "an undocumented 503: the outcome is unknown"},
};

constexpr CodeRule kStatus[] = {
    {200, 299, None, "done"},
    {400, 400, Reject, "malformed request"},
    {401, 401, Halt, "not authorised: key, signature or permission"},
    {403, 403, BackOff, "the firewall refused it"},
    {404, 405, Reject, "no such endpoint or method"},
    {408, 408, Unknown, "the server gave up waiting for the engine"},
    {409, 409, Unknown, "a cancel-replace was half done: look at both halves"},
    {418, 418, BackOff, "banned for not minding 429, until Retry-After"},
    {429, 429, BackOff, "too many requests, until Retry-After"},
    {500, 599, Unknown, "a server error: the outcome is unknown"},
};

static_assert(venue_common::well_formed(kUsdm) && venue_common::well_formed(kUsdm503) &&
              venue_common::well_formed(kStatus) && venue_common::well_formed(kSpot));

Verdict judge(std::span<const CodeRule> codes, int status, std::int32_t code,
              std::string_view message) noexcept {
    if (code < 0) return look_up(codes, code, message);
    return look_up(kStatus, status, message);
}

}  // namespace

std::span<const CodeRule> spot_codes() noexcept { return kSpot; }
std::span<const CodeRule> usdm_codes() noexcept { return kUsdm; }

Verdict judge_spot(int status, std::int32_t code, std::string_view message) noexcept {
    return judge(kSpot, status, code, message);
}

Verdict judge_usdm(int status, std::int32_t code, std::string_view message) noexcept {
    if (status == 503) {
        // Its texts decide even when a code is there: "Unknown error" comes as -1000 or without.
        const Verdict by_text = look_up(kUsdm503, 503, message);
        if (by_text.reaction != Unknown || code == 0) return by_text;
    }
    return judge(kUsdm, status, code, message);
}

}  // namespace parallax::binance
