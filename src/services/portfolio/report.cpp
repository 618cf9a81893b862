#include "services/portfolio/service.hpp"

// The reports of the service and its proof: cold code that reads the state and changes nothing.

namespace parallax::portfolio {

Amount Service::open_profit(InstrumentId id, const Position& position) const {
    if (position.net.is_zero()) return position.basis;
    return unrealised(position,
                      unit_value(universe_, id, marks_.price(id).value_or(position.last)));
}

std::vector<PositionReport> Service::positions() const {
    std::vector<PositionReport> reports;
    for (const auto& [id, position] : positions_) {
        reports.push_back({id, position.net, position.basis, position.margin, position.realised,
                           open_profit(id, position)});
    }
    return reports;
}

std::vector<Holding> Service::holdings() const {
    std::map<std::pair<Market, AssetId>, Amount> open;
    for (const auto& [id, position] : positions_) {
        const Instrument& listing = universe_.instrument(id);
        open[{wallet_of(listing.market), listing.settle}] += open_profit(id, position);
    }
    const AssetId reporting = reporting_asset();
    std::vector<Holding> holdings;
    for (const MarketInfo& market : kMarkets) {
        for (std::uint16_t i = 0; i < ledger_.assets(); ++i) {
            const AssetId asset{i};
            const auto balance = [&](Bucket bucket) {
                return ledger_.balance(market.market, asset, bucket);
            };
            const auto profit = open.find({market.market, asset});
            Holding holding{market.market,
                            asset,
                            balance(Bucket::Available),
                            balance(Bucket::Reserved),
                            balance(Bucket::Margin),
                            balance(Bucket::InTransit),
                            profit == open.end() ? Amount{} : profit->second,
                            std::nullopt};
            const Amount all = ledger_.holdings(market.market, asset) + holding.unrealised;
            if (all.is_zero() && ledger_.movements(market.market, asset) == 0) continue;
            if (const auto rate = marks_.peek(asset, reporting)) {
                holding.value = Wide::product(all, *rate).rounded(Rounding::HalfEven);
            }
            holdings.push_back(holding);
        }
    }
    return holdings;
}

std::vector<Conservation> Service::conservation() const {
    std::vector<Conservation> all;
    for (std::uint16_t i = 0; i < ledger_.assets(); ++i) {
        const AssetId asset{i};
        Conservation c;
        c.asset = asset;
        c.external = -ledger_.total(asset, Bucket::External);
        c.fees = ledger_.total(asset, Bucket::Fee);
        c.funding = ledger_.total(asset, Bucket::Funding);
        c.pnl = ledger_.total(asset, Bucket::Pnl);
        c.conversion = ledger_.total(asset, Bucket::Conversion);
        c.suspense = ledger_.total(asset, Bucket::Suspense);
        Amount sum = c.fees + c.funding + c.pnl + c.conversion + c.suspense;
        for (const MarketInfo& market : kMarkets) {
            Amount& wallet = c.wallets[static_cast<std::size_t>(market.market)];
            wallet = ledger_.holdings(market.market, asset);
            sum += wallet;
        }
        c.residual = c.external - sum;
        all.push_back(c);
    }
    return all;
}

Performance Service::performance() const {
    Performance p;
    p.reporting_asset = reporting_asset();
    for (const Holding& holding : holdings()) {
        if (!holding.value) {
            ++p.unvalued;
            continue;
        }
        p.equity += *holding.value;
        const Amount rate = marks_.peek(holding.asset, p.reporting_asset).value_or(Amount{});
        p.unrealised += Wide::product(holding.unrealised, rate).rounded(Rounding::HalfEven);
    }
    for (const messages::Attribution& total : totals_) {
        const auto rate = marks_.peek(total.value_asset, p.reporting_asset);
        if (!rate) ++p.unvalued;
        p.realised +=
            Wide::product(total.realised, rate.value_or(Amount{})).rounded(Rounding::HalfEven);
    }
    p.entries = ledger_.sequence();
    // Each posting is checked for its amount, its sequence and its balance (I1, I2, I4).
    p.invariant_checks =
        3 * p.entries + counters_.fill_checks + counters_.verify_checks + reconciler_.compared();
    p.counters = counters_;
    return p;
}

std::optional<std::string> Service::verify() {
    if (auto failure = ledger_.verify(counters_.verify_checks)) return failure;
    counters_.verify_checks += ledger_.assets() * kMarketCount * 3;
    if (auto failure = verify_reservations()) return failure;
    return verify_positions();
}

/// I5: what is reserved is what the open plans hold.
std::optional<std::string> Service::verify_reservations() const {
    std::map<std::pair<Market, AssetId>, Amount> held;
    for (const std::uint64_t plan : plans_.keys()) {
        for (const PlanAccount::Held& hold : plans_.find(plan)->holds) {
            if (hold.amount.is_negative())
                return "I5: plan " + std::to_string(plan) + " holds less than nothing";
            held[{hold.wallet, hold.asset}] += hold.amount;
        }
    }
    for (const MarketInfo& market : kMarkets) {
        for (std::uint16_t i = 0; i < ledger_.assets(); ++i) {
            const auto it = held.find({market.market, AssetId{i}});
            const Amount expected = it == held.end() ? Amount{} : it->second;
            if (ledger_.balance(market.market, AssetId{i}, Bucket::Reserved) != expected) {
                return "I5: " + std::string(market.name) + " " + universe_.asset_name(AssetId{i}) +
                       " reserved is not the sum of its holds";
            }
        }
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
            (position.net.is_zero() && !position.basis.is_zero())) {
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
