#include "app/paper_execution.hpp"

#include <algorithm>
#include <array>

namespace parallax::app {

PaperExecution::PaperExecution(const Settings& settings, const Pipeline& pipeline,
                               std::uint64_t seed)
    : settings_{settings},
      venue_{pipeline.universe(), pipeline.market().books(), settings.fees, settings.paper, seed},
      events_(256) {}

/// What the venue has no room for never left: it is answered like an order it refused, so that the
/// plan behind it goes on. A lost cancel or query leaves an order without an end: trading asks.
void PaperExecution::submit(std::span<const messages::OrderRequest> requests, UnixNanos now) {
    if (requests.empty() || venue_.submit(requests)) return;
    for (const messages::OrderRequest& request : requests) {
        if (venue_.submit({&request, 1})) continue;
        if (request.action != messages::OrderAction::Place) continue;
        messages::OrderEvent event;
        event.kind = messages::OrderEventKind::Rejected;
        event.id = request.id;
        event.instrument = request.instrument;
        event.side = request.side;
        event.received = event.venue_time = now;
        event.reason = {messages::ReasonCode::RateBudget, 0, settings_.paper.max_in_flight};
        refused_.push_back(event);
    }
}

bool PaperExecution::deliver(Pipeline& pipeline) {
    for (const messages::OrderEvent& event : refused_) pipeline.on(event);
    const bool had_refused = !refused_.empty();
    refused_.clear();
    const std::size_t count = venue_.poll(events_);
    for (std::size_t i = 0; i < count; ++i) pipeline.on(events_[i]);
    std::array<messages::CashEvent, 16> cash;
    const std::size_t payments = venue_.poll_cash(cash);
    for (std::size_t i = 0; i < payments; ++i) pipeline.on(cash[i]);
    return had_refused || count != 0 || payments != 0;
}

void PaperExecution::report_balances(Pipeline& pipeline, UnixNanos now) {
    venue_.advance(now);
    for (const messages::BalanceReport& report : venue_.balance_reports()) pipeline.on(report);
}

void PaperExecution::fund(InstrumentId id, Pipeline& pipeline, UnixNanos now) {
    if (id.index() >= funded_.size()) funded_.resize(pipeline.universe().instruments().size());
    if (funded_[id.index()]) return;
    funded_[id.index()] = true;
    const Universe& universe = pipeline.universe();
    const Instrument& listing = universe.instrument(id);
    const Market wallet = wallet_of(listing.market);
    const Level best = pipeline.market().books()[id].best_bid();
    const Amount base = settings_.funding.base_value.is_zero()
                            ? Amount{}
                            : divide_by_price(settings_.funding.base_value, best.price,
                                              universe.symbol_of(id).price_scale, Rounding::Down);
    if (is_inverse(listing.kind)) {
        deposit(wallet, listing.settle, base, pipeline, now);
        return;
    }
    deposit(wallet, listing.quote, settings_.funding.quote_per_wallet, pipeline, now);
    if (is_spot(listing.kind)) deposit(wallet, listing.base, base, pipeline, now);
}

void PaperExecution::deposit(Market wallet, AssetId asset, Amount amount, Pipeline& pipeline,
                             UnixNanos now) {
    const std::uint64_t key = static_cast<std::uint64_t>(wallet) << 32 | asset.raw();
    if (std::ranges::find(funded_keys_, key) != funded_keys_.end()) return;
    funded_keys_.push_back(key);
    const std::string& name = pipeline.universe().asset_name(asset);
    bool named = false;
    for (const Balance& balance : settings_.balances) {
        if (balance.wallet != wallet) continue;
        if (!named)
            amount = Amount{};  // a wallet that is named has what is named, and nothing else
        named = true;
        if (balance.asset == name) amount = balance.amount;
    }
    if (amount <= Amount{}) return;
    venue_.deposit(wallet, asset, amount);
    pipeline.on(messages::ExternalFlow{wallet, asset, amount, now});
}

}  // namespace parallax::app
