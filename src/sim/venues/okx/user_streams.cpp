#include "sim/venues/okx/user_streams.hpp"

#include <algorithm>

#include "sim/venues/common/front.hpp"
#include "sim/venues/okx/account_messages.hpp"
#include "sim/venues/okx/order_messages.hpp"

namespace parallax::sim_okx {

using sim_engine::AccountId;
using sim_engine::BalanceChange;
using sim_engine::BalanceReason;
using sim_engine::FundingPayment;
using sim_engine::LiquidationNotice;
using sim_engine::ListingId;
using sim_engine::Movement;
using sim_engine::Order;
using sim_engine::OrderChange;
using sim_engine::OrderStatus;
using sim_engine::OrderUpdate;
using sim_engine::PositionChange;
using sim_engine::Wallet;

std::optional<PrivateChannel> find_private_channel(std::string_view name) noexcept {
    constexpr std::string_view kNames[] = {"orders", "account", "positions", "balance_and_position",
                                           "fills"};
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
        if (kNames[i] == name) return static_cast<PrivateChannel>(i);
    }
    return std::nullopt;
}

bool UserStreams::subscribe(ports::SessionId session, AccountId account, const PrivateTopic& topic,
                            std::string arg, UnixNanos now) {
    for (const Follower& f : followers_) {
        if (f.session == session && f.topic == topic) return false;
    }
    followers_.push_back({session, account, topic, std::move(arg), now});
    snapshot(followers_.back(), now);
    return true;
}

bool UserStreams::unsubscribe(ports::SessionId session, const PrivateTopic& topic) {
    return std::erase_if(followers_, [&](const Follower& f) {
               return f.session == session && f.topic == topic;
           }) > 0;
}

void UserStreams::drop(ports::SessionId session) {
    std::erase_if(followers_, [&](const Follower& f) { return f.session == session; });
}

std::size_t UserStreams::connections(AccountId account, PrivateChannel channel) const {
    std::set<ports::SessionId> sessions;
    for (const Follower& f : followers_) {
        if (f.account == account && f.topic.channel == channel) sessions.insert(f.session);
    }
    return sessions.size();
}

UserStreams::Touched& UserStreams::touched(AccountId account) {
    for (Touched& t : touched_) {
        if (t.account == account) return t;
    }
    touched_.push_back({account, {}, {}, {}, "filled"});
    return touched_.back();
}

void UserStreams::on(const sim_engine::PrivateEvent& event) {
    const auto once = [](auto& list, const auto& value) {
        if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
    };
    if (const auto* update = std::get_if<OrderUpdate>(&event.body)) {
        order(*update, event.time);
    } else if (const auto* balance = std::get_if<BalanceChange>(&event.body)) {
        if (balance->wallet != Wallet::Trading) return;
        Touched& t = touched(balance->account);
        once(t.assets, balance->asset);
        if (balance->reason == BalanceReason::Movement) t.reason = "transferred";
        if (balance->reason == BalanceReason::Funding) t.reason = "funding_fee";
        if (balance->reason == BalanceReason::Liquidation) t.reason = "liquidation";
    } else if (const auto* position = std::get_if<PositionChange>(&event.body)) {
        once(touched(position->account).positions, position->listing);
        PositionNote& note = notes_.position(position->account, position->listing);
        if (!note.created.known()) note.created = event.time;
        note.updated = event.time;
    } else if (const auto* funding = std::get_if<FundingPayment>(&event.body)) {
        notes_.position(funding->account, funding->listing).funding -= funding->amount;
        Bill bill;
        bill.time = event.time;
        bill.type = "8";
        bill.sub_type = funding->amount.is_negative() ? "174" : "173";
        bill.change = -funding->amount;
        bill.listing = funding->listing;
        add_bill(funding->account, venue_.listing(funding->listing).quote, std::move(bill));
    } else if (const auto* liquidation = std::get_if<LiquidationNotice>(&event.body)) {
        Touched& t = touched(liquidation->account);
        once(t.positions, liquidation->listing);
        t.reason = "liquidation";
    } else if (const auto* movement = std::get_if<Movement>(&event.body)) {
        asset_bill(*movement, event.time);
        const bool in = movement->to == Wallet::Trading;
        if (movement->kind != sim_engine::MovementKind::Transfer ||
            movement->status != sim_engine::MovementStatus::Done)
            return;
        Bill bill;
        bill.time = event.time;
        bill.type = "1";
        bill.sub_type = in ? "11" : "12";
        bill.change = in ? movement->amount : -movement->amount;
        add_bill(movement->account, movement->asset, std::move(bill));
    }
}

/// What a movement did to the funding account, if it did.
void UserStreams::asset_bill(const Movement& m, UnixNanos time) {
    using sim_engine::MovementKind;
    using sim_engine::MovementStatus;
    const bool done = m.status == MovementStatus::Done;
    const bool pending = m.status == MovementStatus::Pending;
    AssetBill bill;
    if (m.kind == MovementKind::Deposit && done && m.to == Wallet::Funding) {
        bill.type = "1";
        bill.change = m.amount;
    } else if (m.kind == MovementKind::Withdrawal && !done && m.from == Wallet::Funding) {
        bill.type = pending ? "2" : "13";
        bill.change = pending ? -(m.amount + m.fee) : m.amount + m.fee;
    } else if (m.kind == MovementKind::Transfer && pending && m.from == Wallet::Funding) {
        bill.type = "131";
        bill.change = -m.amount;
    } else if (m.kind == MovementKind::Transfer && done && m.to == Wallet::Funding) {
        bill.type = "130";
        bill.change = m.amount;
    } else {
        return;
    }
    bill.id = ++next_bill_;
    bill.time = time;
    bill.asset = m.asset;
    bill.movement = m.id;
    notes_.add_asset_bill(m.account, bill);
}

void UserStreams::add_bill(AccountId account, AssetId asset, Bill bill) {
    bill.id = ++next_bill_;
    bill.asset = asset;
    bill.balance = venue_.balance(account, Wallet::Trading, asset).total;
    notes_.add_bill(account, std::move(bill));
}

/// What a fill adds to the notes of its order and position.
void UserStreams::book_fill(const OrderUpdate& update, UnixNanos now) {
    const Order& o = update.order;
    const sim_engine::Execution& fill = update.execution;
    const sim_engine::Listing& listing = venue_.listing(o.listing);
    OrderNote& note = notes_.order(o.id);
    note.fee_asset = fill.fee_asset;
    note.last = fill;
    note.filled_at = now;
    note.pnl += fill.realised;
    // Rebates have a field of their own, except those of a spot maker who sells (okx.md 4.5).
    const bool in_fee = !listing.perpetual && fill.maker && o.side == Side::Sell;
    (fill.fee.is_negative() && !in_fee ? note.rebate : note.fee) -= fill.fee;
    if (listing.perpetual) {
        PositionNote& position = notes_.position(o.account, o.listing);
        position.fee -= fill.fee;
        position.last_trade = fill.trade.raw();
    }
    Touched& t = touched(o.account);
    t.trades.emplace_back(o.listing, fill.trade.raw());
    Bill bill;
    bill.time = now;
    bill.type = "2";
    bill.sub_type = o.side == Side::Buy ? "1" : "2";
    bill.fee = -fill.fee;
    bill.order = o.id;
    bill.listing = o.listing;
    bill.change = listing.perpetual     ? fill.realised - fill.fee
                  : o.side == Side::Buy ? listing.amount(fill.quantity) - fill.fee
                                        : fill.quote - fill.fee;
    const bool base = !listing.perpetual && o.side == Side::Buy;
    add_bill(o.account, base ? listing.base : listing.quote, std::move(bill));
}

void UserStreams::order(const OrderUpdate& update, UnixNanos now) {
    if (update.change == OrderChange::Rejected) return;
    Order o = update.order;
    OrderNote& note = notes_.order(o.id);
    if (note.trade_mode.empty()) {  // the venue's own, such as a liquidation's
        note.trade_mode = venue_.listing(o.listing).perpetual ? "cross" : "cash";
        if (o.type == sim_engine::OrderType::Market) note.kind = "market";
    }
    const Order* const now_is = venue_.order(o.id);
    switch (update.change) {
        case OrderChange::Accepted:
            if (now_is != nullptr && now_is->reason == sim_engine::CloseReason::PostOnly &&
                !post_only_tells_live)
                return;
            tell_order(o, order_json(venue_, o, note, OrderForm::Push));
            return;
        case OrderChange::Filled: {
            book_fill(update, now);
            // An order in quote is done when the rest buys no lot; the engine says that by state.
            if (o.in_quote() && now_is != nullptr && now_is->status == OrderStatus::Filled &&
                now_is->filled == o.filled)
                o.status = OrderStatus::Filled;
            Json row = order_json(venue_, o, note, OrderForm::Push);
            add_fill(row, venue_, o, update.execution, now);
            tell_order(o, row);
            tell_fill(o, update.execution, now);
            break;
        }
        case OrderChange::Amended:
            note.amended_by_user = !note.requests.empty();
            if (note.amended_by_user) {
                note.request = note.requests.front();
                note.requests.erase(note.requests.begin());
            }
            tell_order(o, order_json(venue_, o, note, OrderForm::Push));
            note.amended_by_user = false;
            note.request.clear();
            break;
        case OrderChange::Closed:
            tell_order(o, order_json(venue_, o, note, OrderForm::Push));
            break;
        case OrderChange::Rejected:
            return;
    }
    if (!sim_engine::is_open(o.status)) notes_.closed(o.id, venue_);
}

void UserStreams::tell_order(const Order& o, const Json& row) {
    const std::string_view type = inst_type(venue_.listing(o.listing));
    std::string body;
    for (const Follower& f : followers_) {
        const PrivateTopic& t = f.topic;
        if (f.account != o.account || t.channel != PrivateChannel::Orders) continue;
        if (t.inst_type != "ANY" && t.inst_type != type) continue;
        if (t.listing.valid() && t.listing != o.listing) continue;
        if (body.empty()) body = row.dump();
        wire_.send(f.session, "{\"arg\":" + f.arg + ",\"data\":[" + body + "]}");
    }
}

void UserStreams::tell_fill(const Order& o, const sim_engine::Execution& fill, UnixNanos now) {
    const sim_engine::Listing& listing = venue_.listing(o.listing);
    for (const Follower& f : followers_) {
        const PrivateTopic& t = f.topic;
        if (f.account != o.account || t.channel != PrivateChannel::Fills) continue;
        if (t.listing.valid() && t.listing != o.listing) continue;
        const std::string_view id = o.client_id.text();
        const bool number =
            !id.empty() && id.front() != '0' &&
            std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
        Json row;
        row["instId"] = listing.definition.venue_symbol;
        row["fillSz"] = listing.text(fill.quantity);
        row["fillPx"] = listing.text(fill.price);
        row["side"] = to_string(o.side);
        row["ts"] = millis(now);
        row["ordId"] = id_text(o.id);
        row["clOrdId"] = number ? std::string{id} : "0";
        row["tradeId"] = std::to_string(fill.trade.raw());
        row["execType"] = fill.maker ? "M" : "T";
        row["count"] = "1";
        wire_.send(f.session, "{\"arg\":" + f.arg + ",\"data\":[" + row.dump() + "]}");
    }
}

void UserStreams::flush(UnixNanos now) {
    const std::vector<Touched> all = std::exchange(touched_, {});
    for (const Touched& t : all) {
        for (Follower& f : followers_) {
            if (f.account == t.account) tell_touched(f, t, now);
        }
    }
}

void UserStreams::tell_touched(Follower& f, const Touched& t, UnixNanos now) {
    const std::string head = "{\"arg\":" + f.arg;
    if (f.topic.channel == PrivateChannel::Account && !t.assets.empty()) {
        std::vector<AssetId> assets = t.assets;
        if (f.topic.asset.valid())
            std::erase_if(assets, [&](AssetId a) { return a != f.topic.asset; });
        if (assets.empty()) return;
        wire_.send(f.session, head + ",\"eventType\":\"event_update\",\"data\":[" +
                                  account_json(venue_, f.account, assets, now).dump() + "]}");
    } else if (f.topic.channel == PrivateChannel::Positions) {
        Json rows = Json::array();
        for (const ListingId id : t.positions) {
            if (f.topic.listing.valid() && f.topic.listing != id) continue;
            rows.push_back(
                position_json(venue_, f.account, id, notes_.position(f.account, id), now));
        }
        if (rows.empty() || f.topic.inst_type == "SPOT") return;
        wire_.send(f.session,
                   head + ",\"eventType\":\"event_update\",\"data\":" + rows.dump() + "}");
    } else if (f.topic.channel == PrivateChannel::BalanceAndPosition &&
               !(t.assets.empty() && t.positions.empty())) {
        Json row;
        row["pTime"] = millis(now);
        row["eventType"] = t.reason;
        row["balData"] = Json::array();
        for (const AssetId asset : t.assets)
            row["balData"].push_back(lean_balance_json(venue_, f.account, asset, now));
        row["posData"] = Json::array();
        for (const ListingId id : t.positions)
            row["posData"].push_back(
                lean_position_json(venue_, f.account, id, notes_.position(f.account, id), now));
        row["trades"] = Json::array();
        for (const auto& [id, trade] : t.trades)
            row["trades"].push_back({{"instId", venue_.listing(id).definition.venue_symbol},
                                     {"tradeId", std::to_string(trade)}});
        wire_.send(f.session, head + ",\"data\":[" + row.dump() + "]}");
    }
}

void UserStreams::snapshot(Follower& f, UnixNanos now) {
    const std::string head = "{\"arg\":" + f.arg;
    const std::string kind =
        ",\"eventType\":\"snapshot\",\"curPage\":1,\"lastPage\":true,\"data\":";
    f.snapshot = now;
    if (f.topic.channel == PrivateChannel::Account) {
        std::vector<AssetId> assets;
        if (f.topic.asset.valid()) assets.push_back(f.topic.asset);
        const Json row = account_json(venue_, f.account, assets, now);
        wire_.send(f.session, head + kind + "[" + row.dump() + "]}");
    } else if (f.topic.channel == PrivateChannel::Positions) {
        Json rows = Json::array();
        for (const ListingId id : positions_of(venue_, f.account)) {
            if (f.topic.listing.valid() && f.topic.listing != id) continue;
            if (f.topic.inst_type != "SPOT")
                rows.push_back(
                    position_json(venue_, f.account, id, notes_.position(f.account, id), now));
        }
        wire_.send(f.session, head + kind + rows.dump() + "}");
    } else if (f.topic.channel == PrivateChannel::BalanceAndPosition) {
        Json row;
        row["pTime"] = millis(now);
        row["eventType"] = "snapshot";
        row["balData"] = Json::array();
        for (const AssetId asset : assets_of(venue_, f.account, Wallet::Trading))
            row["balData"].push_back(lean_balance_json(venue_, f.account, asset, now));
        row["posData"] = Json::array();
        for (const ListingId id : positions_of(venue_, f.account))
            row["posData"].push_back(
                lean_position_json(venue_, f.account, id, notes_.position(f.account, id), now));
        row["trades"] = Json::array();
        wire_.send(f.session, head + ",\"data\":[" + row.dump() + "]}");
    }
}

void UserStreams::advance(UnixNanos now) {
    for (Follower& f : followers_) {
        const bool timed = f.topic.channel == PrivateChannel::Account ||
                           f.topic.channel == PrivateChannel::Positions;
        if (timed && f.topic.interval > Nanos{} && now - f.snapshot >= f.topic.interval)
            snapshot(f, now);
    }
}

UnixNanos UserStreams::next_due() const noexcept {
    UnixNanos due = sim_front::kNever;
    for (const Follower& f : followers_) {
        if (f.topic.interval > Nanos{} && (f.topic.channel == PrivateChannel::Account ||
                                           f.topic.channel == PrivateChannel::Positions))
            due = std::min(due, f.snapshot + f.topic.interval);
    }
    return due;
}

}  // namespace parallax::sim_okx
