// What happens to exposures: order events, money that comes and goes, prices.
#include "services/risk/service.hpp"

#include <algorithm>

namespace parallax::risk {

using messages::OrderEventKind;
using messages::Purpose;

// ---- what venues say

void Service::on(const messages::OrderEvent& event) {
    if (!limits_.knows(event.instrument)) {
        ++counters_.malformed;
        return;
    }
    OrderRecord* record = orders_.find(event.id);
    if (event.kind == OrderEventKind::Filled) {
        if (record != nullptr && record->instrument != event.instrument) {
            ++counters_.malformed;
            return;
        }
        fill(event, record);
        return;
    }
    if (record == nullptr || !record->open) return;
    if (event.kind == OrderEventKind::Unknown) {
        if (!record->unknown_since.known()) ++unknown_;
        if (!record->unknown_since.known()) record->unknown_since = event.received;
        return;
    }
    answered(*record);
    if (event.kind == OrderEventKind::Accepted) return;
    const Venue venue = limits_.rules(record->instrument).venue;
    VenueRecord& record_of_venue = venues_[static_cast<std::size_t>(venue)];
    record_of_venue.orders.add(event.received, 1);
    const bool rejected = event.kind == OrderEventKind::Rejected;
    if (rejected) record_of_venue.rejects.add(event.received, 1);
    end(*record);
    if (rejected) judge_rejects(venue, event.received);
}

void Service::answered(OrderRecord& record) noexcept {
    if (!record.unknown_since.known()) return;
    record.unknown_since = UnixNanos{};
    --unknown_;
}

void Service::end(OrderRecord& record) noexcept {
    exposures_.close(record, limits_.rules(record.instrument));
    record.in_flight = InFlight{};
    orders_.close(record);
}

void Service::fill(const messages::OrderEvent& event, OrderRecord* record) {
    const Quantity most = std::max(event.quantity, event.cumulative);
    if (event.price.raw() <= 0 || event.quantity.raw() < 0 || event.fee.magnitude() > kAbsurd ||
        universe_.quote_value(event.instrument, event.price, most, Rounding::Up) > kAbsurd ||
        universe_.base_value(event.instrument, event.price, most, Rounding::Up) > kAbsurd) {
        ++counters_.malformed;
        return;
    }
    const Quantity fresh =
        record != nullptr ? record->fills.accept(event.trade_id, event.quantity, event.cumulative)
                          : event.quantity;
    if (fresh.is_zero()) {
        ++counters_.duplicates;
        return;
    }
    const Side side = record != nullptr ? record->side : event.side;
    const Amount quote =
        universe_.quote_value(event.instrument, event.price, fresh, Rounding::HalfEven);
    const Amount base =
        universe_.base_value(event.instrument, event.price, fresh, Rounding::HalfEven);
    if (record == nullptr) ++counters_.strange_fills;
    const Rules& rules = limits_.rules(event.instrument);
    exposures_.fill(event.instrument, rules, side, fresh, base,
                    is_spot(rules.kind) ? quote : Amount{});
    if (event.fee_asset.valid() && event.fee_asset.index() < limits_.asset_count()) {
        exposures_.move(event.fee_asset, -event.fee);
    }
    revalue(event.instrument, event.price);
    if (record == nullptr) return;
    if (record->purpose == Purpose::Entry) {
        markouts_.add(event.instrument, side, event.price, event.received + config_.markout_after);
    }
    if (!record->open) {
        ++counters_.late_fills;
        return;
    }
    if (record->remaining().is_zero()) {  // full: the venue's Done, if it comes, is old news
        answered(*record);
        venues_[static_cast<std::size_t>(rules.venue)].orders.add(event.received, 1);
        end(*record);
        return;
    }
    const InFlight left = in_flight(*record);
    exposures_.shift(*record, rules, record->in_flight, left);
    record->in_flight = left;
}

InFlight Service::in_flight(const OrderRecord& record) const noexcept {
    const Quantity left = record.remaining();
    if (left.is_zero()) return {};
    const Rules& rules = limits_.rules(record.instrument);
    const Amount quote = universe_.quote_value(record.instrument, record.price, left, Rounding::Up);
    const Amount base = universe_.base_value(record.instrument, record.price, left, Rounding::Up);
    return {base, is_spot(rules.kind) ? quote : Amount{}, value_of(rules.quote, quote)};
}

Amount Service::value_of(AssetId asset, Amount amount) const noexcept {
    return limits_.value(asset, amount);
}

// ---- what the ledger says

/// Opening balances, deposits, funding and the like count as exposure from the moment the ledger
/// has them. Fills and their fees have been counted when they came.
void Service::on(const messages::LedgerEntry& entry) {
    using messages::Bucket;
    using messages::EntryKind;
    const auto own = [](Bucket bucket) {
        return bucket == Bucket::Available || bucket == Bucket::Reserved ||
               bucket == Bucket::Margin || bucket == Bucket::InTransit;
    };
    if (entry.asset.index() >= limits_.asset_count() || entry.amount.magnitude() > kAbsurd) {
        ++counters_.malformed;
        return;
    }
    const bool counted = entry.kind == EntryKind::Fill || entry.kind == EntryKind::Fee;
    if (!counted && own(entry.credit)) exposures_.move(entry.asset, entry.amount);
    if (!counted && own(entry.debit)) exposures_.move(entry.asset, -entry.amount);
    const bool suspense = entry.debit == Bucket::Suspense || entry.credit == Bucket::Suspense;
    if (suspense && entry.kind != EntryKind::Correction) judge_difference(entry);
}

void Service::on(const messages::PositionAdopted& adopted) {
    if (!limits_.knows(adopted.instrument)) {
        ++counters_.malformed;
        return;
    }
    const InstrumentId id = adopted.instrument;
    const Rules& rules = limits_.rules(id);
    const Symbol& symbol = universe_.symbol_of(id);
    const Quantity size =
        to_quantity(adopted.quantity.magnitude(), symbol.quantity_scale, Rounding::Up);
    const Quantity price = to_quantity(adopted.entry, symbol.price_scale, Rounding::HalfEven);
    const Price entry = Price::from_raw(std::max<std::int64_t>(price.raw(), 1));
    const Amount base = universe_.base_value(id, entry, size, Rounding::HalfEven);
    const bool exact = to_amount(size, symbol.quantity_scale) == adopted.quantity.magnitude();
    if (!exact || base > kAbsurd ||
        universe_.quote_value(id, entry, size, Rounding::Up) > kAbsurd) {
        ++counters_.malformed;
        return;
    }
    const Side side = adopted.quantity.is_negative() ? Side::Sell : Side::Buy;
    exposures_.fill(id, rules, side, size, base, Amount{});
    revalue(id, entry);
}

// ---- market data

/// Values the position of a listing at a price.
void Service::revalue(InstrumentId id, Price price) noexcept {
    const std::int64_t position = exposures_.at(id).position.raw();
    const Quantity size = Quantity::from_raw(position < 0 ? -position : position);
    const Amount quote = universe_.quote_value(id, price, size, Rounding::Up);
    exposures_.value(id, limits_.rules(id),
                     value_of(limits_.rules(id).quote, std::min(quote, kAbsurd)));
}

/// Mid of the own book, else the mark; 0 = none.
Price Service::reference(InstrumentId id) const noexcept {
    if (books_.contains(id) && books_[id].tradable()) {
        const Level bid = books_[id].best_bid();
        const Level ask = books_[id].best_ask();
        if (!bid.quantity.is_zero() && !ask.quantity.is_zero()) {
            return Price::from_raw((bid.price.raw() + ask.price.raw()) / 2);
        }
    }
    return exposures_.at(id).mark;
}

/// Values the base asset of a listing whose quote asset has a value.
bool Service::price_base(InstrumentId id) noexcept {
    const Rules& rules = limits_.rules(id);
    const Amount quote_value = limits_.asset(rules.quote).unit_value;
    const Price price = reference(id);
    if (quote_value.is_zero() || price.raw() <= 0 || limits_.asset(rules.base).at_par) return false;
    const Amount one = Amount::units(1);
    const Amount in_quote = Amount::from_raw(
        multiply_divide(one.raw(), price.raw(),
                        pow10(universe_.symbol(rules.symbol).price_scale.decimals), Rounding::Up));
    const Amount value = limits_.value(rules.quote, in_quote);
    if (value.is_zero() || value > kAbsurd) return false;
    limits_.price(rules.base, value, config_);
    return true;
}

void Service::on(const messages::MarkPrice& mark) {
    if (!limits_.knows(mark.instrument) || mark.mark.raw() <= 0) return;
    exposures_.at(mark.instrument).mark = mark.mark;
}

/// Once a second: values of assets and positions. Only the first listing of an asset against a par
/// quote counts, so that the result does not depend on who moved last.
void Service::slow_loop(UnixNanos now) {
    last_slow_ = now;
    for (int pass = 0; pass < 2;
         ++pass) {  // first against dollars, then crosses whose quote has a value by now
        std::uint64_t done = 0;
        AssetId last;
        for (std::size_t i = 0; i < limits_.size(); ++i) {
            const InstrumentId id{static_cast<std::uint32_t>(i)};
            const Rules& rules = limits_.rules(id);
            if ((pass == 0) != rules.quote_at_par || rules.base == last) continue;
            if (pass == 1 && !limits_.asset(rules.base).unit_value.is_zero()) continue;
            if (price_base(id)) {
                last = rules.base;
                ++done;
            }
        }
        if (done == 0 && pass == 0) break;
    }
    for (std::size_t i = 0; i < limits_.size(); ++i) {
        const InstrumentId id{static_cast<std::uint32_t>(i)};
        if (exposures_.at(id).position.is_zero()) continue;
        const Price price = reference(id);
        if (price.raw() > 0) revalue(id, price);
    }
}

}  // namespace parallax::risk
