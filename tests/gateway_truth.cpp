#include "gateway_truth.hpp"

#include <gtest/gtest.h>

namespace parallax::gateway_testing {

using messages::OrderEvent;
using messages::OrderEventKind;

void expect_same_fills(const Owner& owner, const Universe& universe,
                       const std::vector<OrderEvent>& events) {
    std::vector<OrderEvent> ours;
    for (const OrderEvent& event : events) {
        if (event.kind == OrderEventKind::Filled) ours.push_back(event);
    }
    const auto theirs = owner.venue.fills_since(owner.account, 0);
    EXPECT_EQ(ours.size(), theirs.size()) << "each fill is told once";
    std::vector<bool> used(ours.size());
    for (const sim_engine::Fill& fill : theirs) {
        const sim_engine::Listing& l = owner.venue.listing(fill.listing);
        bool found = false;
        for (std::size_t i = 0; i < ours.size() && !found; ++i) {
            const OrderEvent& e = ours[i];
            const Symbol& symbol = universe.symbol_of(e.instrument);
            found =
                !used[i] &&
                universe.instrument(e.instrument).venue_symbol == l.definition.venue_symbol &&
                is_spot(symbol.kind) != l.perpetual && e.side == fill.side &&
                e.price.text(symbol.price_scale) == l.text(fill.execution.price) &&
                to_amount(e.quantity, symbol.quantity_scale) == l.amount(fill.execution.quantity) &&
                e.fee == fill.execution.fee && e.fee_asset.valid() &&
                universe.asset_name(e.fee_asset) ==
                    owner.venue.asset_name(fill.execution.fee_asset) &&
                e.maker == fill.execution.maker && e.realised_told == l.perpetual &&
                e.realised == fill.execution.realised;
            if (found) used[i] = true;
        }
        EXPECT_TRUE(found) << "a fill of " << l.amount(fill.execution.quantity).text() << " at "
                           << l.text(fill.execution.price) << ", fee " << fill.execution.fee.text();
    }
}

void expect_same_balances(const Owner& owner, const Universe& universe,
                          const std::vector<OrderEvent>& events,
                          std::map<std::string, Amount> sum) {
    for (const OrderEvent& event : events) {
        if (event.kind != OrderEventKind::Filled) continue;
        const Instrument& i = universe.instrument(event.instrument);
        const Symbol& symbol = universe.symbol_of(event.instrument);
        const Amount quote =
            universe.quote_value(event.instrument, event.price, event.quantity, Rounding::Down);
        const Amount base = to_amount(event.quantity, symbol.quantity_scale);
        const bool buy = event.side == Side::Buy;
        if (is_spot(i.kind)) sum["BTC"] += buy ? base : -base;
        // Of a perpetual only what a whole round brings is in the wallet; see below.
        sum["USDT"] += buy ? -quote : quote;
        if (event.fee_asset.valid()) sum[universe.asset_name(event.fee_asset)] -= event.fee;
    }
    if (owner.perpetual)
        sum["USDT"] += owner.venue.position(owner.account, *owner.perpetual).entry_value();
    for (const auto& [asset, amount] : sum)
        EXPECT_EQ(amount.text(), owner.balance(asset).text()) << asset;
}

}  // namespace parallax::gateway_testing
