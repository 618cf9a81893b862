#include "adapters/venues/paper/accounts.hpp"

#include <algorithm>

namespace parallax::paper {
namespace {

template <class T>
T& grown(std::vector<T>& values, std::size_t index) {
    if (index >= values.size()) values.resize(index + 1);
    return values[index];
}

template <class T>
T entry_or_zero(const std::vector<T>& values, std::size_t index) noexcept {
    return index < values.size() ? values[index] : T{};
}

/// What the closed part of a position was entered for; the last part takes all that is left.
Amount share_of_cost(const Position& position, Quantity closes, Rounding rounding) noexcept {
    const std::int64_t open = position.quantity.raw();
    return Amount::from_raw(
        multiply_divide(position.cost.raw(), closes.raw(), open < 0 ? -open : open, rounding));
}

Rounding opposite(Rounding rounding) noexcept {
    return rounding == Rounding::Up ? Rounding::Down : Rounding::Up;
}

}  // namespace

Balance& Accounts::at(Market wallet, AssetId asset) {
    return grown(balances_[static_cast<std::size_t>(wallet)], asset.index());
}

Balance Accounts::balance(Market wallet, AssetId asset) const noexcept {
    return entry_or_zero(balances_[static_cast<std::size_t>(wallet)], asset.index());
}

Position Accounts::position(InstrumentId instrument) const noexcept {
    return entry_or_zero(positions_, instrument.index());
}

AssetFlow Accounts::flow(AssetId asset) const noexcept {
    return entry_or_zero(flows_, asset.index());
}

void Accounts::move(Market wallet, AssetId asset, Amount change, Other other) {
    Balance& balance = at(wallet, asset);
    balance.total += change;
    balance.used = true;
    ++updates_[static_cast<std::size_t>(wallet)];
    AssetFlow& flow = grown(flows_, asset.index());
    switch (other) {
        case Other::Deposits:
            flow.deposits += change;
            break;
        case Other::Fees:
            flow.fees -= change;
            break;
        case Other::Counterparty:
            flow.counterparty -= change;
            break;
    }
}

void Accounts::deposit(Market wallet, AssetId asset, Amount amount) {
    move(wallet_of(wallet), asset, amount, Other::Deposits);
}

void Accounts::hold(Market market, AssetId asset, Amount amount) {
    if (amount.is_zero()) return;
    Balance& balance = at(wallet_of(market), asset);
    balance.held += amount;
    PLX_ASSERT(!balance.held.is_negative());
}

Amount Accounts::value(const Instrument& listing, Price price, Quantity quantity,
                       Rounding rounding) const {
    return is_inverse(listing.kind) ? universe_.base_value(listing.id, price, quantity, rounding)
                                    : universe_.quote_value(listing.id, price, quantity, rounding);
}

std::int64_t Accounts::leverage(const Instrument& listing) const noexcept {
    return std::max<std::int64_t>(1,
                                  std::min<std::int64_t>(config_.leverage, listing.max_leverage));
}

Quantity Accounts::reducible(InstrumentId instrument, Side side, Quantity quantity) const noexcept {
    const std::int64_t open = position(instrument).quantity.raw();
    const std::int64_t against = side == Side::Buy ? -open : open;
    return std::min(quantity, Quantity::from_raw(std::max<std::int64_t>(0, against)));
}

Accounts::Need Accounts::need(const messages::OrderRequest& order,
                              Quantity quantity) const noexcept {
    const Instrument& listing = universe_.instrument(order.instrument);
    const FeeRates& rates = fees_.rates(listing.market, listing.kind);
    const Rate fee = std::max({rates.taker, rates.maker, Rate{}});
    if (is_spot(listing.kind)) {
        if (order.side == Side::Sell) {
            return {listing.base,
                    to_amount(quantity, universe_.symbol_of(listing.id).quantity_scale)};
        }
        const Amount pays = universe_.quote_value(listing.id, order.price, quantity, Rounding::Up);
        return {listing.quote,
                rates.asset == FeeAsset::Quote ? pays + apply(fee, pays, Rounding::Up) : pays};
    }
    const Quantity opens = quantity - reducible(listing.id, order.side, quantity);
    const Amount opened = value(listing, order.price, opens, Rounding::Up);
    const Amount margin = Amount::from_raw(divide(opened.raw(), leverage(listing), Rounding::Up));
    // Closing is always allowed: its fee comes out of what the position gives back.
    return {listing.settle, margin + apply(fee, opened, Rounding::Up)};
}

Accounts::Fee Accounts::fill(const Instrument& listing, Side side, Price price, Quantity quantity,
                             bool maker) {
    const FeeRates& rates = fees_.rates(listing.market, listing.kind);
    const Rate rate = maker ? rates.maker : rates.taker;
    const Fee fee = is_spot(listing.kind)
                        ? fill_spot(listing, side, price, quantity, rates, rate)
                        : fill_derivative(listing, side, price, quantity, rate, rates.asset);
    move(wallet_of(listing.market), fee.asset, -fee.amount, Other::Fees);
    return fee;
}

Accounts::Fee Accounts::fill_spot(const Instrument& listing, Side side, Price price,
                                  Quantity quantity, const FeeRates& rates, Rate rate) {
    const Market wallet = wallet_of(listing.market);
    const bool buy = side == Side::Buy;
    const Amount base = to_amount(quantity, universe_.symbol_of(listing.id).quantity_scale);
    const Amount quote =
        universe_.paid_value(listing.id, price, quantity, buy ? Rounding::Up : Rounding::Down);
    move(wallet, listing.base, buy ? base : -base, Other::Counterparty);
    move(wallet, listing.quote, buy ? -quote : quote, Other::Counterparty);
    if (rates.asset == FeeAsset::Other) {
        if (const auto fee = other_fee(listing, listing.quote, apply(rate, quote, Rounding::Up)))
            return *fee;
    }
    if (rates.asset != FeeAsset::Quote && buy)
        return {listing.base, apply(rate, base, Rounding::Up)};
    return {listing.quote, apply(rate, quote, Rounding::Up)};
}

Accounts::Fee Accounts::fill_derivative(const Instrument& listing, Side side, Price price,
                                        Quantity quantity, Rate rate, FeeAsset fee_asset) {
    trade_position(listing, side, price, quantity);
    const Amount fee = apply(rate, value(listing, price, quantity, Rounding::Up), Rounding::Up);
    if (fee_asset == FeeAsset::Other) {
        if (const auto other = other_fee(listing, listing.settle, fee)) return *other;
    }
    return {listing.settle, fee};
}

/// The fee in the other asset at the venue's own price of it; none when it is not traded against
/// `valued_in` there or not enough of it is left: the venue then silently takes the usual asset.
std::optional<Accounts::Fee> Accounts::other_fee(const Instrument& listing, AssetId valued_in,
                                                 Amount fee) const {
    const auto asset = universe_.find_asset(config_.other_fee_asset);
    if (!asset || fee.is_negative()) return std::nullopt;
    for (const Instrument& candidate : universe_.instruments()) {
        if (candidate.base != *asset || candidate.quote != valued_in || !is_spot(candidate.kind) ||
            venue_of(candidate.market) != venue_of(listing.market) ||
            !books_.contains(candidate.id)) {
            continue;
        }
        const Level bid = books_[candidate.id].best_bid();
        if (bid.quantity.is_zero() || bid.price.raw() <= 0) continue;
        const Scale scale = universe_.symbol_of(candidate.id).price_scale;
        const Amount amount = divide_by_price(fee, bid.price, scale, Rounding::Up);
        if (balance(wallet_of(listing.market), *asset).available() < amount) return std::nullopt;
        return Fee{*asset, amount};
    }
    return std::nullopt;
}

void Accounts::trade_position(const Instrument& listing, Side side, Price price,
                              Quantity quantity) {
    Position& position = grown(positions_, listing.id.index());
    // What this fill's value is to us: paid, or received. A purchase pays on linear, receives on
    // inverse contracts.
    const bool pays = (side == Side::Buy) != is_inverse(listing.kind);
    const Rounding rounding = pays ? Rounding::Up : Rounding::Down;
    const Quantity closes = reducible(listing.id, side, quantity);
    const Amount closed = value(listing, price, closes, rounding);
    const Amount opened = value(listing, price, quantity, rounding) - closed;
    if (!closes.is_zero()) {
        const Amount entry = share_of_cost(position, closes, opposite(rounding));
        position.cost -= entry;
        move(wallet_of(listing.market), listing.settle, pays ? entry - closed : closed - entry,
             Other::Counterparty);
    }
    position.cost += opened;
    position.quantity += side == Side::Buy ? quantity : Quantity{} - quantity;
    set_margin(listing, position);
}

Amount Accounts::fund(const Instrument& listing, Price mark, Rate rate) {
    const Quantity open = position(listing.id).quantity;
    if (open.is_zero() || mark.raw() <= 0) return {};
    const bool is_long = open.raw() > 0;
    const Rate received = is_long ? -rate : rate;
    const Rounding against_us = received.raw() < 0 ? Rounding::Up : Rounding::Down;
    const Amount worth = value(listing, mark, is_long ? open : Quantity{} - open, against_us);
    const Amount cash = apply(received, worth, Rounding::Down);
    if (!cash.is_zero()) move(wallet_of(listing.market), listing.settle, cash, Other::Counterparty);
    return cash;
}

Amount Accounts::exposure(const Instrument& listing, Price price) const {
    const Quantity open = position(listing.id).quantity;
    return value(listing, price, open < Quantity{} ? Quantity{} - open : open, Rounding::Up);
}

Amount Accounts::unrealised(const Instrument& listing, Price price) const {
    const Position open = position(listing.id);
    // Closing a linear long or an inverse short brings its value in and gives its cost back.
    const bool receives = (open.quantity > Quantity{}) != is_inverse(listing.kind);
    const Quantity size = open.quantity < Quantity{} ? Quantity{} - open.quantity : open.quantity;
    const Amount worth = value(listing, price, size, receives ? Rounding::Down : Rounding::Up);
    return receives ? worth - open.cost : open.cost - worth;
}

Accounts::Fee Accounts::liquidate(const Instrument& listing, Price price, Rate fee) {
    const Quantity open = position(listing.id).quantity;
    const Amount charged = apply(fee, exposure(listing, price), Rounding::Up);
    const bool is_long = open > Quantity{};
    trade_position(listing, is_long ? Side::Sell : Side::Buy, price,
                   is_long ? open : Quantity{} - open);
    move(wallet_of(listing.market), listing.settle, -charged, Other::Fees);
    return {listing.settle, charged};
}

void Accounts::set_margin(const Instrument& listing, Position& position) {
    const Amount margin =
        Amount::from_raw(divide(position.cost.raw(), leverage(listing), Rounding::Up));
    at(wallet_of(listing.market), listing.settle).margin += margin - position.margin;
    position.margin = margin;
}

void Accounts::report(UnixNanos time, std::vector<messages::BalanceReport>& out) const {
    for (const MarketInfo& market : kMarkets) {
        const auto& balances = balances_[static_cast<std::size_t>(market.market)];
        for (std::size_t i = 0; i < balances.size(); ++i) {
            if (!balances[i].used) continue;
            out.push_back({market.market, AssetId{static_cast<AssetId::rep>(i)}, balances[i].total,
                           time, updates_[static_cast<std::size_t>(market.market)]});
        }
    }
}

void Accounts::rescale(InstrumentId instrument, std::int64_t quantity_factor) noexcept {
    if (instrument.index() >= positions_.size()) return;
    Quantity& open = positions_[instrument.index()].quantity;
    open = Quantity::from_raw(open.raw() * quantity_factor);
}

}  // namespace parallax::paper
