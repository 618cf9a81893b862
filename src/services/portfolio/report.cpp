#include "services/portfolio/service.hpp"

// The reports of the service: cold code that reads the state and changes nothing.

namespace parallax::portfolio {

Mark Service::position_mark(InstrumentId id, const Position& position) const {
    const Mark mark = marks_.mark(id);
    if (mark.source != MarkSource::None || position.last.raw() <= 0) return mark;
    return {MarkSource::LastFill, position.last, {}, true};
}

Amount Service::open_profit(InstrumentId id, const Position& position) const {
    if (position.net.is_zero()) return position.basis;
    return unrealised(position, unit_value(universe_, id, position_mark(id, position).price));
}

std::vector<PositionReport> Service::positions() const {
    std::vector<PositionReport> reports;
    for (const auto& [id, position] : positions_) {
        reports.push_back({id, position.net, position.basis, position.margin, position.realised,
                           open_profit(id, position), position_mark(id, position)});
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
            if (const auto rate = marks_.peek(asset, reporting, market.venue)) {
                holding.value = Wide::product(all, rate->value).rounded(Rounding::HalfEven);
                holding.stale = rate->stale;
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
        p.stale += holding.stale ? 1 : 0;
        const auto rate = marks_.peek(holding.asset, p.reporting_asset, venue_of(holding.wallet));
        p.unrealised += Wide::product(holding.unrealised, rate ? rate->value : Amount{})
                            .rounded(Rounding::HalfEven);
    }
    for (const auto& [id, position] : positions_) {
        if (!position.net.is_zero() && position_mark(id, position).stale) ++p.stale;
    }
    for (const messages::Attribution& total : totals_) {
        const auto rate = marks_.peek(total.value_asset, p.reporting_asset);
        if (!rate) ++p.unvalued;
        p.realised += Wide::product(total.realised, rate ? rate->value : Amount{})
                          .rounded(Rounding::HalfEven);
    }
    p.entries = ledger_.sequence();
    // Each posting is checked for its amount, its sequence and its balance (I1, I2, I4).
    p.invariant_checks =
        3 * p.entries + counters_.fill_checks + counters_.verify_checks + reconciler_.compared();
    p.counters = counters_;
    return p;
}

}  // namespace parallax::portfolio
