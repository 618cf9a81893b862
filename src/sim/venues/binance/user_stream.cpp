#include "sim/venues/binance/front.hpp"
#include "sim/venues/binance/messages.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {

using sim_engine::BalanceReason;
using sim_engine::OrderChange;
using sim_engine::Wallet;

void BinanceFront::tell_user(AccountId account, Product product, const Json& event) {
    for (auto& [id, s] : sessions_) {
        if (s.state.product != product) continue;
        if (s.state.role == Role::User) {
            if (api_.listener(s.state.listen_key, now_) != account) continue;
            sessions_.send(s, s.state.combined
                                  ? text_of(Json{{"stream", s.state.listen_key}, {"data", event}})
                                  : text_of(event));
        } else if (s.state.role == Role::Socket) {
            for (const auto& [number, key_id] : s.state.subscriptions) {
                const sim_front::ApiKey* const key = keys_.find(key_id);
                if (key != nullptr && key->account == account)
                    sessions_.send(s, text_of(Json{{"subscriptionId", number}, {"event", event}}));
            }
        }
    }
}

void BinanceFront::tell_private(const sim_engine::PrivateEvent& event) {
    if (const auto* update = std::get_if<sim_engine::OrderUpdate>(&event.body)) {
        // What belongs to one request is told as: orders, then balances and positions.
        if (update->change == OrderChange::Rejected) return;  // the request's answer told it
        fix_.tell(*update, event.number, event.time);
        const AccountId account = update->order.account;
        const bool fill = update->change == OrderChange::Filled;
        if (venue_.listing(update->order.listing).perpetual) {
            tell_user(account, Product::Futures, order_trade_update(venue_, *update, event.time));
            if (fill) tell_user(account, Product::Futures, trade_lite(venue_, *update, event.time));
            if (update->order.liquidation && fill && !is_open(update->order.status))
                tell_forced(update->order, event.time);
        } else {
            if (fill && update->order.filled == update->execution.quantity)
                api_.limits(Product::Spot).filled(account, update->execution.maker, event.time);
            const std::string cancel_id =
                update->change == OrderChange::Closed ? api_.cancel_id(update->order.id) : "";
            tell_user(account, Product::Spot,
                      execution_report(venue_, *update, event.number, event.time, cancel_id));
        }
    } else if (const auto* balance = std::get_if<sim_engine::BalanceChange>(&event.body)) {
        if (balance->wallet == Wallet::Funding) return;
        const Product product =
            balance->wallet == Wallet::Derivatives ? Product::Futures : Product::Spot;
        changed_balances_[{balance->account, product}].insert(balance->asset);
        if (product == Product::Futures)
            reasons_[balance->account] = balance->reason == BalanceReason::Funding ? "FUNDING_FEE"
                                         : balance->reason == BalanceReason::Movement ? "DEPOSIT"
                                                                                      : "ORDER";
    } else if (const auto* position = std::get_if<sim_engine::PositionChange>(&event.body)) {
        changed_positions_[position->account].insert(position->listing);
    } else if (const auto* funding = std::get_if<sim_engine::FundingPayment>(&event.body)) {
        api_.funded(event.time, *funding);
    } else if (const auto* movement = std::get_if<sim_engine::Movement>(&event.body)) {
        const bool in = movement->status == sim_engine::MovementStatus::Done &&
                        movement->to == Wallet::Trading &&
                        movement->kind != sim_engine::MovementKind::Withdrawal;
        const bool out = movement->from == Wallet::Trading &&
                         movement->kind != sim_engine::MovementKind::Deposit &&
                         movement->status == sim_engine::MovementStatus::Done;
        if (in == out) return;
        tell_user(movement->account, Product::Spot,
                  {{"e", "balanceUpdate"},
                   {"E", event.time.millis()},
                   {"a", venue_.asset_name(movement->asset)},
                   {"d", text(in ? movement->amount : -movement->amount - movement->fee)},
                   {"T", event.time.millis()}});
    }
}

void BinanceFront::flush_accounts(UnixNanos now) {
    for (auto& [account, listings] : changed_positions_)
        changed_balances_[{account, Product::Futures}];
    for (const auto& [who, assets] : changed_balances_) {
        const auto [account, product] = who;
        if (product == Product::Spot) {
            Json rows = Json::array();
            for (const AssetId asset : assets) {
                const auto& balance = venue_.balance(account, Wallet::Trading, asset);
                rows.push_back({{"a", venue_.asset_name(asset)},
                                {"f", text(balance.free())},
                                {"l", text(balance.held)}});
            }
            tell_user(account, product,
                      {{"e", "outboundAccountPosition"},
                       {"E", now.millis()},
                       {"u", venue_.now().millis()},
                       {"B", std::move(rows)}});
            continue;
        }
        Json balances = Json::array();
        for (const AssetId asset : assets) {
            const auto& balance = venue_.balance(account, Wallet::Derivatives, asset);
            balances.push_back({{"a", venue_.asset_name(asset)},
                                {"wb", text(balance.total)},
                                {"cw", text(balance.total)},
                                {"bc", "0"}});
        }
        Json positions = Json::array();
        for (const ListingId id : changed_positions_[account]) {
            const Listing& l = venue_.listing(id);
            const auto& p = venue_.position(account, id);
            positions.push_back({{"s", l.definition.venue_symbol},
                                 {"pa", text(l, p.quantity())},
                                 {"ep", text(l, p.entry_price(l))},
                                 {"bep", text(l, p.entry_price(l))},
                                 {"cr", text(p.realised())},
                                 {"up", text(p.unrealised(l, venue_.desk(id).reference()))},
                                 {"mt", "cross"},
                                 {"iw", "0"},
                                 {"ps", "BOTH"},
                                 {"ma", l.definition.quote}});
        }
        const auto reason = reasons_.find(account);
        tell_user(account, product,
                  {{"e", "ACCOUNT_UPDATE"},
                   {"E", now.millis()},
                   {"T", venue_.now().millis()},
                   {"a",
                    {{"m", reason == reasons_.end() ? "ORDER" : reason->second},
                     {"B", std::move(balances)},
                     {"P", std::move(positions)}}}});
    }
    changed_balances_.clear();
    changed_positions_.clear();
    reasons_.clear();
}

}  // namespace parallax::sim_binance
