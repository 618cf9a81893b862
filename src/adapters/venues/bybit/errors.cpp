#include "adapters/venues/bybit/errors.hpp"

namespace parallax::bybit {
namespace {

using enum venue_common::Reaction;
using venue_common::CodeRule;

constexpr CodeRule kCodes[] = {
    {-2015, -2015, Halt, "the API key has expired"},
    {-1, -1, ResyncClock, "the request has expired"},
    {0, 0, None, "accepted for processing: the streams say what became of it"},
    {429, 429, BackOff, "system protection"},
    {10000, 10000, Unknown, "the server timed out: the outcome is unknown"},
    {10001, 10001, Reject, "a parameter is wrong (also: the position index)"},
    {10002, 10002, ResyncClock, "the timestamp is outside the window"},
    {10003, 10005, Halt, "the API key, the signature or the permission is wrong"},
    {10006, 10006, BackOff, "too many requests, until the reset time"},
    {10007, 10007, Halt, "authentication failed"},
    {10009, 10009, Halt, "the IP is banned"},
    {10010, 10010, Halt, "the IP is not on the key's list"},
    {10014, 10014, Unknown, "a duplicate request: the first one lives"},
    {10016, 10016, Unknown, "a server error or a restart"},
    {10019, 10019, Unknown, "the trade service restarts: connect anew"},
    {10024, 10024, Halt, "compliance rules"},
    {10027, 10027, Halt, "the account is banned from this"},
    {10029, 10029, ReloadInstruments, "no such symbol, or not for this account"},
    {10403, 10403, BackOff, "too many requests of this IP"},
    {10404, 10404, Reject, "no such operation or category"},
    {10429, 10429, BackOff, "system protection"},
    {20001, 20001, Done, "this connection is signed in already"},
    {20003, 20003, BackOff, "too many requests in this session"},
    {20006, 20006, Unknown, "a repeated request id: the first one lives"},
    {30208, 30209, Reject, "the price is outside its limits"},
    {30228, 30228, StopInstrument, "only reducing orders are allowed"},
    {33004, 33004, Halt, "the API key has expired"},
    {34040, 34040, Done, "nothing to change"},
    {40004, 40004, BackOff, "the order is being processed: again shortly"},
    {110001, 110001, NotFound, "no such order: read the history"},
    {110003, 110003, Reject, "the price is outside its limits"},
    {110004, 110004, Reject, "not enough balance"},
    {110006, 110007, Reject, "not enough balance or margin"},
    {110008, 110008, Done, "the order is filled or cancelled already"},
    {110009, 110009, Reject, "too many stop orders"},
    {110010, 110010, Done, "the order is cancelled already"},
    {110012, 110012, Reject, "not enough balance"},
    {110013, 110013, Reject, "the risk tier does not allow this leverage"},
    {110017, 110017, Reject, "the quantity rounds to zero, or nothing is left to reduce"},
    {110020, 110020, Reject, "too many open orders"},
    {110023, 110023, StopInstrument, "only reducing orders are allowed"},
    {110025, 110026, Done, "nothing to change"},
    {110043, 110043, Done, "nothing to change"},
    {110044, 110045, Reject, "not enough margin or balance"},
    {110051, 110053, Reject, "not enough balance"},
    {110063, 110063, StopInstrument, "settlement is running"},
    {110072, 110072, Unknown, "this client id exists: an earlier attempt lives"},
    {110074, 110074, StopInstrument, "the contract is not live"},
    {110079, 110079, BackOff, "the order is being processed: again shortly"},
    {110086, 110086, Reject, "the leverage does not fit the risk tier"},
    {110090, 110090, Reject, "above the position of this leverage"},
    {110094, 110094, ReloadInstruments, "below the smallest order value"},
    {110103, 110103, StopInstrument, "only post-only orders are allowed"},
    {110120, 110121, Reject, "the price is outside its limits"},
    {110132, 110132, Halt, "the region is not served"},
    {131228, 131228, Reject, "not enough balance: recent deposits are locked"},
    {170001, 170001, Unknown, "an internal error"},
    {170005, 170005, BackOff, "too many orders"},
    {170007, 170007, Unknown, "the backend timed out: the outcome is unknown"},
    {170032, 170032, Unknown, "a network error inside"},
    {170033, 170033, Reject, "not enough margin"},
    {170124, 170124, ReloadInstruments, "above the largest amount"},
    {170131, 170131, Reject, "not enough balance"},
    {170132, 170133, Reject, "the price is outside its limits"},
    {170134, 170134, ReloadInstruments, "too many decimals in the price"},
    {170136, 170136, ReloadInstruments, "below the smallest quantity"},
    {170137, 170137, ReloadInstruments, "too many decimals in the quantity"},
    {170139, 170139, Done, "the order is filled already"},
    {170140, 170140, ReloadInstruments, "below the smallest value"},
    {170141, 170141, Unknown, "this client id exists: an earlier attempt lives"},
    {170142, 170142, Done, "the order is cancelled already"},
    {170143, 170143, NotFound, "no such order in the book"},
    {170146, 170147, Unknown, "creating or cancelling timed out: the outcome is unknown"},
    {170148, 170148, ReloadInstruments, "too many decimals in the market order"},
    {170151, 170151, StopInstrument, "the symbol is not open"},
    {170157, 170157, StopInstrument, "the symbol is not open to this"},
    {170190, 170190, Done, "the order is finished already"},
    {170191, 170191, BackOff, "the order is being processed: again shortly"},
    {170192, 170194, Reject, "the price is outside its limits"},
    {170212, 170212, BackOff, "the order is being processed: again shortly"},
    {170213, 170213, NotFound, "no such order: read the history"},
    {170217, 170218, StopInstrument, "only post-only orders are allowed"},
    {170222, 170222, BackOff, "too many orders"},
    {170234, 170234, Unknown, "a system error"},
    {170310, 170310, Unknown, "amending timed out: the outcome is unknown"},
    {170341, 170341, Reject, "too many open orders"},
    {170371, 170372, Reject, "the price is outside its limits"},
    {170381, 170381, ReloadInstruments, "above the largest quantity"},
    {170810, 170810, Reject, "too many open orders"},
};

constexpr CodeRule kStatus[] = {
    {400, 400, Reject, "malformed request"},
    {401, 401, Halt, "not authorised"},
    {403, 403, BackOff,
     "this IP asked too often: silence for ten minutes (or a region not served)"},
    {404, 405, Reject, "no such endpoint or method"},
    {429, 429, BackOff, "system protection"},
    {500, 599, Unknown, "a server error: the outcome is unknown"},
};
static_assert(venue_common::well_formed(kCodes) && venue_common::well_formed(kStatus));

}  // namespace

std::span<const CodeRule> codes() noexcept { return kCodes; }

venue_common::Verdict judge(int status, std::optional<std::int32_t> code) noexcept {
    return code ? look_up(kCodes, *code, {}) : look_up(kStatus, status, {});
}

}  // namespace parallax::bybit
