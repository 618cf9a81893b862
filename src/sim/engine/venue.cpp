#include "sim/engine/venue.hpp"

#include <algorithm>

namespace parallax::sim_engine {

SimVenue::SimVenue(VenueSettings settings)
    : settings_{std::move(settings)}, next_order_{settings_.first_order} {
    AccountSettings house;
    house.name = "house";
    house.watched = false;
    open_account(std::move(house));
    if (!settings_.discount_asset.empty()) discount_ = asset(settings_.discount_asset);
}

AssetId SimVenue::asset(std::string_view name) {
    if (const auto known_asset = find_asset(name)) return *known_asset;
    assets_.emplace_back(name);
    values_.emplace_back();
    ledger_.add_asset();
    for (Account& account : accounts_) account.margin.resize(assets_.size());
    return AssetId{static_cast<AssetId::rep>(assets_.size() - 1)};
}

Result<ListingId> SimVenue::list(const InstrumentDefinition& definition) {
    if (venue_of(definition.market) != settings_.venue ||
        find_listing(definition.market, definition.venue_symbol)) {
        return fail(Errc::Rejected, definition.venue_symbol + ": listed, or another venue's");
    }
    auto made = Listing::make(definition);
    if (!made) return tl::unexpected{made.error()};
    Desk& desk = desks_.emplace_back();
    desk.listing = std::move(*made);
    desk.listing.id = ListingId{static_cast<ListingId::rep>(desks_.size() - 1)};
    desk.listing.base = asset(definition.base);
    desk.listing.quote = asset(definition.quote);
    desk.last_trade = TradeId{settings_.first_trade - 1};
    desk.book.count_update(settings_.first_update);
    for (Account& account : accounts_) {
        account.positions.resize(desks_.size());
        account.open.resize(desks_.size());
        account.open_reduce_only.resize(desks_.size());
    }
    return desk.listing.id;
}

Result<void> SimVenue::change_rules(const InstrumentDefinition& definition) {
    const auto id = find_listing(definition.market, definition.venue_symbol);
    if (!id) return fail(Errc::Rejected, definition.venue_symbol + ": not listed");
    Desk& desk = desks_[id->index()];
    auto changed = desk.listing.change(definition);
    if (changed) publish(ListingChange{*id, desk.listing.state});
    return changed;
}

void SimVenue::set_state(ListingId id, ListingState state, UnixNanos now) {
    PLX_ASSERT(known(id));
    begin(now);
    Desk& desk = desks_[id.index()];
    if (desk.listing.state != state) {
        desk.listing.state = state;
        publish(ListingChange{id, state});
    }
    if (state == ListingState::Delisted) {
        for (Account& account : accounts_) {
            const std::vector<OrderId> open = account.open[id.index()];
            for (const OrderId order : open) take_off(orders_.find(order), CloseReason::Delisted);
        }
    }
    end();
}

AccountId SimVenue::open_account(AccountSettings settings) {
    Account& account = accounts_.emplace_back();
    account.settings = std::move(settings);
    account.positions.resize(desks_.size());
    account.open.resize(desks_.size());
    account.open_reduce_only.resize(desks_.size());
    account.margin.resize(assets_.size());
    ledger_.add_account();
    return AccountId{static_cast<AccountId::rep>(accounts_.size() - 1)};
}

bool SimVenue::set_hedge_mode(AccountId id, bool on) {
    PLX_ASSERT(known(id));
    Account& account = accounts_[id.index()];
    for (std::size_t i = 0; i < desks_.size(); ++i) {
        const bool busy = !account.open[i].empty() || !account.positions[i].magnitude().is_zero();
        if (desks_[i].listing.perpetual && busy) return false;
    }
    account.settings.hedge_mode = on;
    return true;
}

void SimVenue::set_fees(AccountId account, const FeeSchedule& fees) {
    PLX_ASSERT(known(account));
    accounts_[account.index()].settings.fees = fees;
}

void SimVenue::set_pays_with_discount_asset(AccountId account, bool pays) {
    PLX_ASSERT(known(account));
    accounts_[account.index()].settings.pays_with_discount_asset = pays;
}

void SimVenue::grant(AccountId account, Wallet wallet, AssetId asset_id, Amount amount) {
    PLX_ASSERT(known(account) && asset_id.index() < assets_.size());
    ledger_.deposit(account, wallet, asset_id, amount);
}

void SimVenue::grant_insurance(AssetId asset_id, Amount amount) {
    PLX_ASSERT(asset_id.index() < assets_.size());
    ledger_.deposit(kHouse, Wallet::Funding, asset_id, amount);
    ledger_.insure(kHouse, Wallet::Funding, asset_id, -amount);
}

void SimVenue::begin(UnixNanos now) { now_ = std::max(now_, now); }

/// Tells what the request changed: positions, balances and best prices once, as they are now.
void SimVenue::end() {
    for (std::size_t i = 0; i < touched_positions_.size(); ++i) {
        const auto [account, listing_id] = touched_positions_[i];
        trim_reduce_only(account, listing_id);  // may cancel, which touches balances
        const Position& p = position(account, listing_id);
        notify(account,
               PositionChange{account, listing_id, p.quantity(), p.entry_value(), p.realised()});
    }
    touched_positions_.clear();
    for (const TouchedBalance& t : touched_balances_) {
        const Balance& b = ledger_.balance(t.account, t.wallet, t.asset);
        notify(t.account, BalanceChange{t.account, t.wallet, t.asset, b.total, b.held, t.reason});
    }
    touched_balances_.clear();
    for (const ListingId id : touched_books_) {
        Desk& desk = desks_[id.index()];
        const Level bid = desk.book.top(Side::Buy);
        const Level ask = desk.book.top(Side::Sell);
        if (bid == desk.told_bid && ask == desk.told_ask) continue;
        desk.told_bid = bid;
        desk.told_ask = ask;
        publish(BestChange{id, bid, ask, desk.book.update()});
    }
    touched_books_.clear();
}

void SimVenue::level_changed(Desk& desk, Side side, Price price, Quantity before) {
    const Queue* const queue = desk.book.find(side, price);
    const Quantity after = queue == nullptr ? Quantity{} : queue->quantity;
    if (after == before) return;
    const std::uint64_t update = desk.book.count_update(desk.listing.policy.update_stride);
    publish(LevelChange{desk.listing.id, side, price, before, after,
                        queue == nullptr ? 0 : queue->orders, update});
    const auto& books = touched_books_;
    if (std::find(books.begin(), books.end(), desk.listing.id) == books.end())
        touched_books_.push_back(desk.listing.id);
}

void SimVenue::touch_balance(AccountId account, Wallet wallet, AssetId asset_id,
                             BalanceReason reason) {
    if (!accounts_[account.index()].settings.watched) return;
    for (const TouchedBalance& t : touched_balances_) {
        if (t.account == account && t.wallet == wallet && t.asset == asset_id) return;
    }
    touched_balances_.push_back({account, wallet, asset_id, reason});
}

void SimVenue::touch_position(AccountId account, ListingId listing_id) {
    const std::pair key{account, listing_id};
    const auto& touched = touched_positions_;
    if (std::find(touched.begin(), touched.end(), key) == touched.end())
        touched_positions_.push_back(key);
}

}  // namespace parallax::sim_engine
