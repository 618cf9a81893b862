#include <algorithm>

#include "services/portfolio/service.hpp"

// Plans: an account for each from its first reservation or order until it is settled and explained.

namespace parallax::portfolio {
namespace {

void add(messages::Attribution& total, const messages::Attribution& one) noexcept {
    total.time = one.time;
    total.realised += one.realised;
    total.edge += one.edge;
    total.volume += one.volume;
    total.slippage += one.slippage;
    total.legging += one.legging;
    total.fees += one.fees;
    total.conversion += one.conversion;
    total.funding += one.funding;
    total.inventory += one.inventory;
    total.transfers += one.transfers;
    total.residual += one.residual;
}

}  // namespace

PlanAccount& Service::open_plan(PlanId plan) {
    if (PlanAccount* account = plans_.find(plan.raw())) return *account;
    PlanAccount& account = plans_.add(plan.raw());
    account.plan = plan;
    return account;
}

void Service::value_in(PlanAccount& account, AssetId preferred) {
    if (account.value_asset.valid()) return;
    account.value_asset = preferred.valid() ? preferred : reporting_asset();
}

/// What one unit of an asset is worth to the plan now; its opening mark when nothing quotes it.
Amount Service::value_of(AssetId asset, const PlanAccount& account, const Item& item) {
    const auto rate = marks_.rate(asset, account.value_asset);
    return rate ? rate->value : item.opening;
}

void Service::on(const messages::PlanUpdate& update) {
    const std::span legs{update.legs.data(),
                         std::min<std::size_t>(update.leg_count, messages::kMaxLegs)};
    const bool over = update.state == messages::PlanState::Settled ||
                      update.state == messages::PlanState::Refused;
    PlanAccount* account = plans_.find(update.plan.raw());
    if (account == nullptr) {
        if (over) return;  // nothing was held or sent
        account = &open_plan(update.plan);
    }
    value_in(*account, update.value_asset);
    for (const messages::PlanLeg& leg : legs) {
        const Instrument& listing = universe_.instrument(leg.instrument);
        const TradedItems items = traded_items(listing);
        touch(*account, items.thing, marks_, universe_, &listing, leg.planned_worst)
            .bought_or_sold = true;
        touch(*account, items.money, marks_, universe_, &listing, leg.planned_worst).paid_in = true;
    }
    if (!over) return;
    if (update.state == messages::PlanState::Refused && account->orders.empty() &&
        account->trades.empty()) {
        release_unsent(*account, update.time);
        plans_.erase(update.plan.raw());
        return;
    }
    finish(*account, legs, update.time);
}

void Service::finish(PlanAccount& account, std::span<const messages::PlanLeg> legs, UnixNanos now) {
    for (const ClientOrderId id : account.orders) close_order(id, now);
    release_unsent(account, now);
    PLX_ASSERT(account.reservations.empty());  // I5: nothing is held for a plan that has ended
    // A plan that lives again after a late fill has had its edge counted: all of the rest is
    // legging.
    if (!settled_.insert(account.plan.raw())) legs = {};
    const Settlement settlement = settle(account, legs, now, marks_, universe_);
    ++counters_.attributions;
    if (!settlement.exact) ++counters_.inexact_attributions;
    if (settlement.stale) ++counters_.stale_settlements;
    attributions_.push_back(settlement.attribution);
    const auto same = [&](const messages::Attribution& total) {
        return total.value_asset == account.value_asset;
    };
    auto total = std::find_if(totals_.begin(), totals_.end(), same);
    if (total == totals_.end()) {
        total = totals_.insert(total, messages::Attribution{});
        total->value_asset = account.value_asset;
    }
    add(*total, settlement.attribution);
    plans_.erase(account.plan.raw());
}

}  // namespace parallax::portfolio
