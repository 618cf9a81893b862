// Who may begin a session (sheet: 6.1, 6.3).
#include <algorithm>

#include "sim/venues/binance/fix.hpp"

namespace parallax::sim_binance {
namespace {

bool good_sender(std::string_view text) {
    return !text.empty() && text.size() <= 8 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

std::size_t most_connections(FixDoor door) { return door == FixDoor::MarketData ? 100 : 10; }

std::string signed_text(const sim_fix::Message& m) {
    std::string text;
    for (const int tag : {35, 49, 56, 34, 52}) {
        if (!text.empty()) text += sim_fix::kSoh;
        text += m.text(tag);
    }
    return text;
}

}  // namespace

std::optional<Fix::Refusal> Fix::check_places(const Session& s, AccountId account,
                                              std::string_view sender) {
    std::size_t same_door = 0;
    for (const auto& [id, other] : sessions_) {
        if (other.state.stage != State::Stage::Live || other.state.account != account) continue;
        same_door += other.state.door == s.state.door ? 1U : 0U;
        if (other.state.sender == sender)
            return Refusal{99, -1033, 49,
                           "SenderCompID<49> is currently in use. Concurrent use of the same "
                           "SenderCompID within one account is not allowed."};
    }
    const auto blocked = blocked_.find({account, std::string{sender}});
    if (blocked != blocked_.end() && blocked->second > now_)
        return Refusal{99, -1033, 49,
                       "SenderCompID<49> is currently in use: its last session did not log out."};
    sim_front::RateTable& attempts = attempts_[static_cast<std::size_t>(s.state.door)];
    const bool by_account = attempts.add("#" + std::to_string(account.raw()), now_);
    if (!by_account || same_door >= most_connections(s.state.door))
        return Refusal{99, -1034, 0, "Too many concurrent connections or connection attempts."};
    return std::nullopt;
}

std::optional<Fix::Refusal> Fix::check_logon(Session& s, const Message& m) {
    const auto missing = [](int tag) { return Refusal{1, -1102, tag, "Required tag missing."}; };
    const auto wrong = [](int tag) {
        return Refusal{5, -1130, tag, "Value is incorrect (out of range) for this tag."};
    };
    if (m.type != "A")
        return Refusal{99, -1180, 0, "Logon<A> must be the first message in the session."};
    for (const int tag : {49, 56, 34, 52, 98, 108, 95, 96, 141, 553, 25035}) {
        if (!m.has(tag)) return missing(tag);
    }
    if (!good_sender(m.text(49))) return wrong(49);
    if (m.text(56) != "SPOT") return wrong(56);
    if (m.text(141) != "Y")
        return Refusal{99, -1175, 141,
                       "Continuation of sequence numbers to new session is currently unsupported. "
                       "Sequence numbers must be reset for each new session."};
    if (m.number(34) != 1)
        return Refusal{99, -1179, 34, "MsgSeqNum<34> contains an unexpected value. Expected: '1'."};
    if (m.text(98) != "0") return wrong(98);
    const auto heartbeat = m.number(108);
    if (!heartbeat || *heartbeat < 5 || *heartbeat > 60) return wrong(108);
    if (m.text(25035) != "1" && m.text(25035) != "2") return wrong(25035);
    if (m.has(25036) && m.text(25036) != "1" && m.text(25036) != "2") return wrong(25036);
    const bool drop_copy = m.text(9406) == "Y";
    if (m.has(9406) && !drop_copy && m.text(9406) != "N") return wrong(9406);
    if (drop_copy != (s.state.door == FixDoor::DropCopy))
        return drop_copy ? wrong(9406) : missing(9406);
    if (m.number(95) != static_cast<std::int64_t>(m.text(96).size())) return wrong(95);
    if (auto late = check_time(m, Nanos::seconds(5))) return late;

    sim_front::RateTable& attempts = attempts_[static_cast<std::size_t>(s.state.door)];
    if (!attempts.add(s.peer, now_))
        return Refusal{99, -1034, 0, "Too many connection attempts of this address."};
    using sim_front::Permission;
    const sim_front::ApiKey* const key = keys_.find(m.text(553));
    const Permission needed =
        s.state.door == FixDoor::OrderEntry ? Permission::Trade : Permission::Read;
    if (key == nullptr || key->kind != sim_front::KeyKind::Ed25519 || !key->from(s.peer) ||
        !key->may(needed))
        return Refusal{99, -2015, 553, "Invalid API-key, IP, or permissions for action."};
    if (!key->signed_by(signed_text(m), m.text(96), sim_front::ApiKey::Encoding::Base64))
        return Refusal{8, -1022, 96, "Signature for this request is not valid."};
    if (auto full = check_places(s, key->account, m.text(49))) return full;
    s.state.account = key->account;
    return std::nullopt;
}

void Fix::log_on(Session& s, const Message& m) {
    s.state.sender = m.has(49) ? m.text(49).substr(0, 64) : "UNKNOWN";
    if (const auto why = check_logon(s, m)) {
        reject(s, m, *why);
        return end(s);
    }
    s.state.stage = State::Stage::Live;
    s.state.key = m.text(553);
    s.state.heartbeat = Nanos::seconds(*m.number(108));
    s.state.only_acks = m.text(25036) == "2";
    s.state.next_in = 2;
    std::string uuid;
    for (int i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) uuid += '-';
        uuid += "0123456789abcdef"[random_.below(16)];
    }
    send(s, Writer{"A"}.add(98, "0").add(108, m.text(108)).add(25037, uuid));
}

}  // namespace parallax::sim_binance
