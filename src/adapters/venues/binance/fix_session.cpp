#include "adapters/venues/binance/fix_session.hpp"

#include <atomic>

#include "adapters/fix/fields.hpp"

namespace parallax::binance {
namespace {

/// A SenderCompID nobody has: it must be unique among the account's live sessions, and one whose
/// session was cut stays taken for two heartbeats.
std::string fresh_sender(std::uint64_t number) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out{"P"};
    for (std::uint64_t rest = number * 0x9E37'79B9'7F4A'7C15ULL; out.size() < 8; rest >>= 6U)
        out += kLetters[rest & 63U];
    return out;
}

/// Numbers rise over restarts, and two sessions of one nanosecond differ.
std::uint64_t next_number(UnixNanos time) {
    static std::atomic<std::uint64_t> last{0};
    const auto now = static_cast<std::uint64_t>(time.nanos());
    std::uint64_t before = last.load();
    std::uint64_t next = 0;
    do {
        next = std::max(before + 1, now);
    } while (!last.compare_exchange_weak(before, next));
    return next;
}

}  // namespace

fix::SessionProfile fix_session(const fix::Transport& clock, Signer& signer, std::string name,
                                std::string url, int heartbeat_s, fix::TextFields more) {
    fix::SessionProfile p;
    p.name = std::move(name);
    p.url = std::move(url);
    p.target = "SPOT";
    p.heartbeat_s = heartbeat_s;
    p.sender = [&clock] { return fresh_sender(next_number(clock.now())); };
    p.logon = [&signer,
               more = std::move(more)](const fix::LogonHeader& header) -> Result<fix::TextFields> {
        auto signature =
            signer.fix_logon(header.sender, header.target, header.number, header.sending_time);
        if (!signature) return tl::unexpected{std::move(signature.error())};
        fix::TextFields fields{{95, std::to_string(signature->size())},
                               {96, std::move(*signature)},
                               {553, signer.api_key()},
                               {25035, "2"}};  // in order: what ends something stays behind it
        fields.insert(fields.end(), more.begin(), more.end());
        return fields;
    };
    return p;
}

std::string fix_logon(std::uint64_t key, UnixNanos venue_time) {
    std::string out;
    fix::append(out, 35, "A");
    fix::append(out, 52, fix::time_text(venue_time));
    fix::append(out, fix::kAskTag, static_cast<std::int64_t>(key));
    return out;
}

Result<void> fit_for_fix(const Signer& signer, int heartbeat_s) {
    if (signer.kind() != venue_common::KeyKind::Ed25519)
        return fail(Errc::Rejected, "FIX needs an Ed25519 key at Binance");
    if (heartbeat_s < 5 || heartbeat_s > 60)
        return fail(Errc::Rejected, "a FIX heartbeat is 5 to 60 seconds at Binance");
    return {};
}

}  // namespace parallax::binance
