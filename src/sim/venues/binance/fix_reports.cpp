// Execution reports: to every order entry session of the account, and a second later to drop copies
// (sheet: 6.1, 6.5).
#include "sim/venues/binance/fix.hpp"
#include "sim/venues/binance/messages.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::CloseReason;
using sim_engine::OrderChange;
using sim_engine::OrderStatus;
using sim_engine::OrderType;

constexpr Nanos kDropCopyDelay = Nanos::seconds(1);

const char* order_status(const Order& order) {
    switch (order.status) {
        case OrderStatus::New:
            return "0";
        case OrderStatus::PartiallyFilled:
            return "1";
        case OrderStatus::Filled:
            return "2";
        default:
            return std::string_view{status_text(order)} == "CANCELED" ? "4" : "C";
    }
}

const char* execution_type(const sim_engine::OrderUpdate& update) {
    switch (update.change) {
        case OrderChange::Accepted:
            return "0";
        case OrderChange::Filled:
            return "F";
        case OrderChange::Amended:
            return "5";
        default:
            return order_status(update.order);
    }
}

int expiry(const Order& order) {
    switch (order.reason) {
        case CloseReason::ImmediateOrCancel:
            return 5;
        case CloseReason::FillOrKill:
            return 6;
        case CloseReason::NoLiquidity:
        case CloseReason::TooManyMatches:
            return 7;
        case CloseReason::PriceProtection:
            return 8;
        default:
            return 2;
    }
}

const char* force(const Order& order) {
    const std::string_view name = force_text(order, Product::Spot);
    return name == "IOC" ? "3" : name == "FOK" ? "4" : "1";
}

}  // namespace

sim_fix::Writer Fix::report(const sim_engine::OrderUpdate& update, std::uint64_t number,
                            UnixNanos time) const {
    const Order& order = update.order;
    const Listing& l = venue_.listing(order.listing);
    const sim_engine::Execution& e = update.execution;
    const bool fill = update.change == OrderChange::Filled;
    const bool limit = order.type == OrderType::Limit;
    const std::string cancel_id =
        update.change == OrderChange::Closed ? api_.cancel_id(order.id) : std::string{};
    const bool open = is_open(order.status);
    Writer w{"8"};
    w.add(11, cancel_id.empty() ? order.client_id.text() : cancel_id);
    w.add(14, text(l, order.filled)).add(17, static_cast<std::int64_t>(number));
    if (order.post_only) w.add(18, "6");
    if (fill) w.add(31, text(l, e.price));
    w.add(32, fill ? text(l, e.quantity) : text(l, Quantity{}));
    w.add(37, static_cast<std::int64_t>(order.id.raw()));
    if (!order.in_quote()) w.add(38, text(l, order.quantity));
    w.add(39, order_status(order)).add(40, limit ? "2" : "1");
    if (!cancel_id.empty()) w.add(41, order.client_id.text());
    if (limit) w.add(44, text(l, order.price));
    w.add(54, order.side == Side::Buy ? "1" : "2").add(55, l.definition.venue_symbol);
    w.add(59, force(order)).add(60, sim_fix::time_text(time));
    if (fill) {
        w.add(136, 1).add(137, text(e.fee)).add(138, venue_.asset_name(e.fee_asset)).add(139, "4");
    }
    w.add(150, execution_type(update));
    w.add(151, open ? text(l, order.remaining()) : text(l, Quantity{}));
    if (order.in_quote()) w.add(152, text(order.quote_quantity));
    w.add(636, open && limit ? "Y" : "N");
    if (fill) {
        w.add(1003, static_cast<std::int64_t>(e.trade.raw())).add(1057, e.maker ? "N" : "Y");
    }
    w.add(25001, static_cast<int>(order.self_trade) + 1);
    w.add(25017, text(order.filled_quote)).add(25018, sim_fix::time_text(order.created));
    w.add(25023, sim_fix::time_text(order.created));
    if (std::string_view{order_status(order)} == "C") w.add(25056, expiry(order));
    return w;
}

void Fix::tell(const sim_engine::OrderUpdate& update, std::uint64_t number, UnixNanos time) {
    if (sessions_.size() == 0 || update.change == OrderChange::Rejected ||
        !spot(venue_.listing(update.order.listing)))
        return;
    const AccountId account = update.order.account;
    std::optional<Writer> made;
    bool copied = false;
    for (auto& [id, s] : sessions_) {
        if (s.state.stage != State::Stage::Live || s.state.account != account ||
            s.state.door == FixDoor::MarketData)
            continue;
        if (!made) made = report(update, number, time);
        if (s.state.door == FixDoor::DropCopy) {
            if (!copied) late_.push_back({now_ + kDropCopyDelay, account, *made});
            copied = true;
            continue;
        }
        const bool answer = s.id == asking_ && update.change != OrderChange::Filled;
        if (!s.state.only_acks || answer) send(s, *made);
    }
}

}  // namespace parallax::sim_binance
