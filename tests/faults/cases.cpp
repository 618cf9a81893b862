#include "world.hpp"

namespace parallax::fault_testing {
namespace {

using F = FaultCase;

constexpr const char* kDisconnect =
    "0s disconnect venue=VENUE\n1.5s disconnect venue=VENUE\n3s disconnect venue=VENUE";
constexpr const char* kGoodbye =
    "0s disconnect venue=VENUE code=1001\n2s disconnect venue=VENUE code=1012";
constexpr const char* kStall = "0s stall venue=VENUE for=700ms\n1.5s stall venue=VENUE for=2.5s";
constexpr const char* kReorder = "0s reorder venue=VENUE for=4s chance=0.3";
constexpr const char* kDuplicate = "0s duplicate venue=VENUE for=4s";
constexpr const char* kCorrupt = "0s corrupt venue=VENUE for=4s chance=0.3";
constexpr const char* kTruncate = "0s truncate venue=VENUE for=4s chance=0.3";
constexpr const char* kGap =
    "0s gap venue=VENUE count=2\n1s gap venue=VENUE count=3\n2s gap venue=VENUE for=1s chance=0.5";
constexpr const char* kSilence = "0s gap venue=VENUE for=4s";
constexpr const char* kSlow =
    "0s slow venue=VENUE delay=500ms for=2s\n2s slow venue=VENUE delay=3s for=2s";
constexpr const char* kTooMany = "0s http venue=VENUE status=429 count=6";
constexpr const char* kBanned = "0s http venue=VENUE status=418 count=4";
constexpr const char* kServerErrors =
    "0s http venue=VENUE status=500 for=1s\n1.2s http venue=VENUE status=502 for=1s\n"
    "2.4s http venue=VENUE status=503 for=1s";
constexpr const char* kLostRequests =
    "0s lose_request venue=VENUE count=2\n1s lose_request venue=VENUE count=3 delay=300ms\n"
    "2s lose_request venue=VENUE for=1s chance=0.5";
constexpr const char* kLostAnswers =
    "0s lose_answer venue=VENUE count=2\n1s lose_answer venue=VENUE count=3 delay=300ms\n"
    "2s lose_answer venue=VENUE for=1s chance=0.5";
constexpr const char* kClockForward = "0s clock by=1.5s\n2s clock by=4s";
constexpr const char* kClockBack = "0s clock by=-1.5s\n3s clock by=-2s";
constexpr const char* kMaintenance = "0s maintenance venue=VENUE for=3s";
constexpr const char* kCertificate = "0s certificate\n2s certificate";
constexpr const char* kCut =
    "0s network cut door=DOOR\n1s network refuse door=DOOR for=1s\n"
    "3s network cut door=DOOR";
constexpr const char* kHalfOpen =
    "0s network stall door=DOOR for=1s\n1.5s network lose_answers door=DOOR for=2s";
/// Servers move twice: each time who is there is told two seconds before.
constexpr const char* kMove =
    "0s maintenance venue=VENUE for=0s notice=2s\n"
    "2.2s maintenance venue=VENUE for=0s notice=2s";
constexpr const char* kNoticedMaintenance = "0s maintenance venue=VENUE for=2s notice=2s";
constexpr const char* kListenKeys = "0s listen_keys venue=binance\n2s listen_keys venue=binance";

/// What strikes orders and market data alike, and then what is one's own.
std::vector<FaultCase> with_common(std::vector<FaultCase> own) {
    std::vector<FaultCase> all{
        {"None", "", F::kAnything},
        {"Disconnect", kDisconnect, F::kMessages, F::kEnded},
        {"Goodbye", kGoodbye, F::kMessages, F::kEnded},
        {"Stall", kStall, F::kMessages},
        {"Gap", kGap, F::kMessages},
        {"Silence", kSilence, F::kMessages},
        {"Duplicate", kDuplicate, F::kMessages},
        {"Reorder", kReorder, F::kMessages},
        {"Corrupt", kCorrupt, F::kMessages, F::kNonsense},
        {"Truncate", kTruncate, F::kMessages, F::kNonsense},
        {"ClockForward", kClockForward, F::kAnything},
        {"ClockBack", kClockBack, F::kAnything},
        {"Certificate", kCertificate, F::kMessages, F::kEnded},
        {"HalfOpen", kHalfOpen, F::kAnything},
        {"NoticedMaintenance", kNoticedMaintenance, F::kAnything},
        {"Move", kMove, F::kFix},
    };
    all.insert(all.end(), own.begin(), own.end());
    return all;
}

}  // namespace

const std::vector<FaultCase>& order_faults() {
    static const std::vector<FaultCase> kAll = with_common({
        {"SlowRest", kSlow, F::kRequests},
        {"TooMany", kTooMany, F::kRequests},
        {"Banned", kBanned, F::kRequests},
        {"ServerErrors", kServerErrors, F::kRequests},
        {"LostRequests", kLostRequests, F::kAnything, F::kLost},
        {"LostAnswers", kLostAnswers, F::kAnything, F::kLost},
        {"LateFills",
         "0s late_fill venue=VENUE count=4 part=0.5 delay=400ms\n"
         "2s late_fill venue=VENUE count=4 part=1 delay=900ms",
         F::kAnything},
        {"PartialFills",
         "0s fill venue=VENUE part=0.3\n0.2s fill venue=VENUE part=0.5\n"
         "0.9s fill venue=VENUE part=0.4\n1.7s fill venue=VENUE part=1\n"
         "2.5s fill venue=VENUE part=0.2\n3s fill venue=VENUE part=0.6",
         F::kAnything},
        {"Rejects",
         "0s reject venue=VENUE count=2 reason=halted\n"
         "1s reject venue=VENUE count=2 reason=insufficient_balance\n"
         "2s reject venue=VENUE count=2 reason=price_too_high",
         F::kAnything, F::kRefused},
        {"Maintenance", kMaintenance, F::kAnything},
        {"Halt",
         "0s halt venue=VENUE symbol=SYMBOL\n1.5s resume venue=VENUE symbol=SYMBOL\n"
         "2.5s halt venue=VENUE symbol=SYMBOL\n3.5s resume venue=VENUE symbol=SYMBOL",
         F::kAnything, F::kRefused},
        {"Delisting", "1s delist venue=VENUE symbol=SYMBOL", F::kAnything, F::kRefused},
        {"TickChange", "1s tick venue=VENUE symbol=SYMBOL value=10", F::kAnything, F::kRefused},
        {"ListenKeys", kListenKeys, F::kBinanceSocket},
        {"Cut", kCut, F::kAnything},
        {"Everything",
         "0s lose_answer venue=VENUE count=2\n0.2s duplicate venue=VENUE for=3s chance=0.5\n"
         "0.4s late_fill venue=VENUE count=3 part=0.5 delay=500ms\n"
         "0.6s gap venue=VENUE count=3\n0.8s disconnect venue=VENUE\n"
         "1s http venue=VENUE status=503 count=3\n1.5s lose_request venue=VENUE count=2\n"
         "1.7s slow venue=VENUE delay=900ms for=1s\n2s fill venue=VENUE part=0.5\n"
         "2.5s clock by=-1s\n3s truncate venue=VENUE count=2\n3.2s network cut door=DOOR",
         F::kAnything},
    });
    return kAll;
}

const std::vector<FaultCase>& feed_faults() {
    static const std::vector<FaultCase> kAll = with_common({
        {"CutAndSlowRest", "0s disconnect venue=VENUE\n0s slow venue=VENUE delay=2s for=4s",
         F::kAnything},
        {"CutAndTooMany", "0s disconnect venue=VENUE\n0s http venue=VENUE status=429 count=6",
         F::kAnything},
        {"CutAndBanned", "0s disconnect venue=VENUE\n0s http venue=VENUE status=418 count=4",
         F::kAnything},
        {"CutAndServerErrors", "0s disconnect venue=VENUE\n0s http venue=VENUE status=502 for=3s",
         F::kAnything},
        {"CutAndLostRequests",
         "0s disconnect venue=VENUE\n0s lose_request venue=VENUE for=2s chance=0.7", F::kAnything},
        {"CutAndLostAnswers",
         "0s disconnect venue=VENUE\n0s lose_answer venue=VENUE for=2s chance=0.7", F::kAnything},
        {"Maintenance", kMaintenance, F::kMessages, F::kEnded},
        {"Halt", "0s halt venue=VENUE symbol=SYMBOL\n2s resume venue=VENUE symbol=SYMBOL",
         F::kAnything},
        {"Delisting", "0s delist venue=VENUE symbol=SYMBOL", F::kAnything},
        {"TickChange", "0s tick venue=VENUE symbol=SYMBOL value=0.5", F::kAnything},
        {"MuchCoarserTick", "0s tick venue=VENUE symbol=SYMBOL value=10", F::kAnything},
        {"FinerTick", "0s tick venue=VENUE symbol=SYMBOL value=0.001", F::kAnything},
        {"Cut", kCut, F::kAnything, F::kEnded},
        {"Everything",
         "0s gap venue=VENUE count=4\n0.3s reorder venue=VENUE for=2s chance=0.2\n"
         "0.5s truncate venue=VENUE count=3\n1s disconnect venue=VENUE\n"
         "1s lose_request venue=VENUE count=2\n1.5s http venue=VENUE status=429 count=2\n"
         "2s corrupt venue=VENUE for=1s chance=0.2\n2.5s clock by=2s\n"
         "3s network cut door=DOOR\n3.5s stall venue=VENUE for=1s",
         F::kAnything, F::kEnded},
    });
    return kAll;
}

}  // namespace parallax::fault_testing
