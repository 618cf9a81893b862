#include "sim/venues/bybit/user_stream.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {

using sim_engine::AccountId;
using sim_engine::OrderChange;

bool UserStream::known(std::string_view topic) noexcept {
    constexpr std::array<std::string_view, 12> kTopics{
        "order",          "order.spot",          "order.linear",
        "execution",      "execution.spot",      "execution.linear",
        "execution.fast", "execution.fast.spot", "execution.fast.linear",
        "position",       "position.linear",     "wallet"};
    return std::find(kTopics.begin(), kTopics.end(), topic) != kTopics.end();
}

bool UserStream::categorised(std::string_view topic) noexcept {
    return topic.ends_with(".spot") || topic.ends_with(".linear");
}

void UserStream::tell(AccountId account, std::string_view topic, std::string_view category,
                      Json data, UnixNanos now) {
    const std::string special = std::string{topic} + '.' + std::string{category};
    std::string text;
    for (auto& [raw, session] : sockets_) {
        const Socket& socket = session.state;
        if (socket.kind != SocketKind::Private || !socket.key || socket.key->account != account) {
            continue;
        }
        const auto whole = socket.topics.find(topic);
        const auto special_at = socket.topics.find(special);
        if (whole == socket.topics.end() && special_at == socket.topics.end()) continue;
        const std::string name = whole != socket.topics.end() ? std::string{topic} : special;
        if (text.empty()) ++last_id_;
        Json message = {{"topic", name},
                        {"id", uuid_of(last_id_ | std::uint64_t{1} << 63)},
                        {"creationTime", now.millis()},
                        {"data", data}};
        text = message.dump();
        sockets_.send(session, text);
    }
}

bool UserStream::followed(AccountId account) noexcept {
    for (auto& [raw, session] : sockets_) {
        if (session.state.key && session.state.key->account == account) return true;
    }
    return false;
}

void UserStream::order(const sim_engine::OrderUpdate& u, UnixNanos time, std::uint64_t number,
                       UnixNanos now) {
    if (u.change == OrderChange::Rejected) return;  // told by rejected(), or by the answer
    if (u.change == OrderChange::Filled) memory_.filled(u.order.id, u.execution);
    if (!followed(u.order.account)) return;
    const std::string_view category = category_of(venue_.listing(u.order.listing));
    if (u.change == OrderChange::Filled) {
        tell(u.order.account, "execution.fast", category,
             Json::array({fast_execution_json(venue_, u.order, u.execution, time, number)}), now);
        tell(u.order.account, "execution", category,
             Json::array({execution_json(venue_, u.order, u.execution, time, number)}), now);
    }
    tell(u.order.account, "order", category,
         Json::array({order_json(venue_, u.order, memory_.costs(u.order.id), true)}), now);
}

void UserStream::rejected(const OrderMemory::Refused& refused, UnixNanos now) {
    const std::string_view category = category_of(venue_.listing(refused.order.listing));
    tell(refused.order.account, "order", category,
         Json::array({order_json(venue_, refused.order, {}, true, refused.reason)}), now);
}

void UserStream::happened(std::span<const sim_engine::PrivateEvent> events, UnixNanos now) {
    std::set<AccountId> wallets;  // one message for all coins that changed together
    for (const sim_engine::PrivateEvent& event : events) {
        if (const auto* const update = std::get_if<sim_engine::OrderUpdate>(&event.body)) {
            order(*update, event.time, event.number, now);
        } else if (const auto* const p = std::get_if<sim_engine::PositionChange>(&event.body)) {
            if (followed(p->account)) {
                tell(p->account, "position", "linear",
                     Json::array(
                         {position_json(venue_, p->account, p->listing, event.number, true)}),
                     now);
            }
        } else if (const auto* const f = std::get_if<sim_engine::FundingPayment>(&event.body)) {
            memory_.paid(*f, event.time, event.number);
            if (followed(f->account)) {
                tell(f->account, "execution", "linear",
                     Json::array({funding_json(venue_, *f, event.time, event.number)}), now);
            }
        } else if (const auto* const b = std::get_if<sim_engine::BalanceChange>(&event.body)) {
            if (b->wallet == sim_engine::Wallet::Trading) wallets.insert(b->account);
        }
    }
    for (const AccountId account : wallets) {
        if (followed(account))
            tell(account, "wallet", "", Json::array({wallet_json(venue_, account)}), now);
    }
}

}  // namespace parallax::sim_bybit
