#include <algorithm>

#include "adapters/venues/paper/filters.hpp"
#include "adapters/venues/paper/paper_venue.hpp"

// What marks do to open positions: funding at its stamps, and liquidation.

namespace parallax::paper {

/// Mark of a derivative, as far as it was announced; else 0.
Price PaperVenue::mark_of(InstrumentId id) const noexcept {
    return id.index() < funding_.size() ? funding_[id.index()].mark : Price{};
}

/// One wallet's money of one settle asset stands behind all its positions in it. When wallet and
/// open profit fall below the maintenance margin, the venue cancels the orders and closes all of
/// them, in the order of their ids.
void PaperVenue::check_margin(const Instrument& changed) {
    if (is_spot(changed.kind) || accounts_.position(changed.id).quantity.is_zero()) return;
    const Market wallet = wallet_of(changed.market);
    const auto shares = [&](const Instrument& other) {
        return !is_spot(other.kind) && wallet_of(other.market) == wallet &&
               other.settle == changed.settle;
    };
    Amount equity = accounts_.balance(wallet, changed.settle).total;
    Amount needed;
    for (const Instrument& listing : universe_.instruments()) {
        const Price mark = mark_of(listing.id);
        if (!shares(listing) || mark.raw() <= 0) continue;
        const Rate rate = listing.maintenance_margin.raw() != 0 ? listing.maintenance_margin
                                                                : config_.maintenance_margin;
        equity += accounts_.unrealised(listing, mark);
        needed += apply(rate, accounts_.exposure(listing, mark), Rounding::Up);
    }
    if (equity >= needed) return;
    const messages::Reason reason{messages::ReasonCode::InsufficientBalance, nine_decimals(equity),
                                  nine_decimals(needed)};
    for (const Instrument& listing : universe_.instruments()) {
        if (!shares(listing)) continue;
        if (listing.id.index() < resting_.size()) {
            for (const ClientOrderId id : resting_[listing.id.index()])
                finish(orders_.at(id), messages::OrderEventKind::Done, reason,
                       passive_moment(listing.market));
            resting_[listing.id.index()].clear();
        }
        if (mark_of(listing.id).raw() > 0 && !accounts_.position(listing.id).quantity.is_zero())
            liquidate(listing, mark_of(listing.id));
    }
}

void PaperVenue::liquidate(const Instrument& listing, Price mark) {
    const Quantity open = accounts_.position(listing.id).quantity;
    const Accounts::Fee fee = accounts_.liquidate(listing, mark, config_.liquidation_fee);
    ++counters_.liquidations;
    Order forced;
    forced.request.id = ClientOrderId{PlanId{next_liquidation_++}, 0, 0};
    forced.request.instrument = listing.id;
    forced.request.side = open > Quantity{} ? Side::Sell : Side::Buy;
    forced.request.quantity = forced.filled = open > Quantity{} ? open : Quantity{} - open;
    forced.venue_order_id = next_order_id_++;
    messages::OrderEvent event;
    event.trade_id = next_trade_id_++;
    event.price = mark;
    event.quantity = forced.filled;
    event.fee = fee.amount;
    event.fee_asset = fee.asset;
    event.account_update = accounts_.updates(wallet_of(listing.market));
    tell(forced, messages::OrderEventKind::Filled, passive_moment(listing.market), event);
}

void PaperVenue::on(const messages::MarkPrice& mark) {
    settle_funding(mark.stamp.received);
    now_ = std::max(now_, mark.stamp.received);
    if (mark.instrument.index() >= universe_.instruments().size()) return;
    if (mark.instrument.index() >= funding_.size()) funding_.resize(mark.instrument.index() + 1);
    Funding& funding = funding_[mark.instrument.index()];
    if (mark.mark.raw() > 0) {
        funding.mark = mark.mark;
        check_margin(universe_.instrument(mark.instrument));
    }
    if (!mark.has_funding) return;
    funding.rate = mark.funding_rate;
    // A stamp that has passed was settled, or nobody knew of it in time.
    if (mark.next_funding == funding.stamp || mark.next_funding <= now_) return;
    funding.stamp = mark.next_funding;
    find_next_stamp();
}

void PaperVenue::find_next_stamp() noexcept {
    next_stamp_ = kNever;
    for (const Funding& funding : funding_) {
        if (funding.stamp.known()) next_stamp_ = std::min(next_stamp_, funding.stamp);
    }
}

/// Everything due up to now, in order of stamps, then of instruments.
void PaperVenue::settle_funding(UnixNanos now) {
    while (next_stamp_ <= now) {
        now_ = std::max(now_, next_stamp_);
        for (std::size_t i = 0; i < funding_.size(); ++i) {
            if (funding_[i].stamp == next_stamp_)
                pay_funding(InstrumentId{static_cast<InstrumentId::rep>(i)}, funding_[i]);
        }
        find_next_stamp();
    }
}

void PaperVenue::pay_funding(InstrumentId id, Funding& funding) {
    const Instrument& listing = universe_.instrument(id);
    const Amount received = accounts_.fund(listing, funding.mark, funding.rate);
    if (!received.is_zero()) {
        ++counters_.fundings;
        cash_.push_back({messages::EntryKind::Funding, wallet_of(listing.market), listing.settle,
                         id, received, funding.stamp, next_cash_id_++,
                         accounts_.updates(wallet_of(listing.market))});
    }
    funding.stamp = UnixNanos{};
}

}  // namespace parallax::paper
