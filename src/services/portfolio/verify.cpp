#include "services/portfolio/service.hpp"

// The proof over the whole state, beside the assertions made with each step: cold code that folds,
// sums and compares again from the other end.

namespace parallax::portfolio {

std::optional<std::string> Service::verify() {
    if (auto failure = ledger_.verify(counters_.verify_checks)) return failure;
    counters_.verify_checks += ledger_.assets() * (kMarketCount * 4 + 1);
    if (auto failure = verify_reservations()) return failure;
    if (auto failure = verify_transfers()) return failure;
    return verify_positions();
}

/// I5: what is reserved is the worst case and fee of every open order, each computed anew from the
/// order, and what is held for orders that have not left yet; less what venues took beyond it.
std::optional<std::string> Service::verify_reservations() const {
    std::map<std::pair<Market, AssetId>, Amount> expected;
    std::size_t open = 0;
    for (const std::uint64_t plan : plans_.keys()) {
        for (const Reservation& held : plans_.find(plan)->reservations) {
            const std::string name =
                "I5: the reservation of order " + std::to_string(held.order.raw());
            if (held.amount.is_negative() || held.amount > held.needed)
                return name + " is not what it needs";
            const Order* order = orders_.find(held.order);
            if (held.sent != (order != nullptr && !order->closed()))
                return name + " outlives its order or lacks it";
            open += held.sent ? 1 : 0;
            if (held.sent && worst_case(*order).amount != held.needed)
                return name + " is not its worst case and fee";
            expected[{held.wallet, held.asset}] += held.amount;
        }
    }
    if (open != orders_.open()) return "I5: an open order has no reservation";
    for (const MarketInfo& market : kMarkets) {
        for (std::uint16_t i = 0; i < ledger_.assets(); ++i) {
            const auto it = expected.find({market.market, AssetId{i}});
            if (ledger_.balance(market.market, AssetId{i}, Bucket::Reserved) !=
                (it == expected.end() ? Amount{} : it->second)) {
                return "I5: " + std::string(market.name) + " " + universe_.asset_name(AssetId{i}) +
                       " reserved is not the sum of its reservations";
            }
        }
    }
    return std::nullopt;
}

/// I6: what lies in transit is what the open transfers sent.
std::optional<std::string> Service::verify_transfers() const {
    for (std::uint16_t i = 0; i < ledger_.assets(); ++i) {
        const auto other = other_transit_.find(AssetId{i});
        const Amount expected = transfers_.in_transit(AssetId{i}) +
                                (other == other_transit_.end() ? Amount{} : other->second);
        if (ledger_.total(AssetId{i}, Bucket::InTransit) != expected)
            return "I6: " + universe_.asset_name(AssetId{i}) +
                   " in transit is not that of transfers";
    }
    return std::nullopt;
}

/// I11: profit and margin of the ledger are those of the positions.
std::optional<std::string> Service::verify_positions() const {
    std::map<std::pair<Market, AssetId>, std::pair<Amount, Amount>> sums;  // profit, margin
    for (const auto& [key, profit] : other_pnl_) sums[key].first += profit;
    for (const auto& [id, position] : positions_) {
        const Instrument& listing = universe_.instrument(id);
        if (position.realised + position.basis != position.gains ||
            (position.net.is_zero() && !position.basis.is_zero() && !position.told)) {
            return "I11: the profit of " + listing.venue_symbol + " does not tie to its fills";
        }
        auto& [profit, margin] = sums[{wallet_of(listing.market), listing.settle}];
        profit += position.realised;
        margin += position.margin;
    }
    for (const MarketInfo& market : kMarkets) {
        for (std::uint16_t i = 0; i < ledger_.assets(); ++i) {
            const auto it = sums.find({market.market, AssetId{i}});
            const auto [profit, margin] =
                it == sums.end() ? std::pair<Amount, Amount>{} : it->second;
            if (ledger_.balance(market.market, AssetId{i}, Bucket::Pnl) != -profit ||
                ledger_.balance(market.market, AssetId{i}, Bucket::Margin) != margin) {
                return "I11: " + std::string(market.name) + " " + universe_.asset_name(AssetId{i}) +
                       " profit or margin is not that of its positions";
            }
        }
    }
    return std::nullopt;
}

}  // namespace parallax::portfolio
