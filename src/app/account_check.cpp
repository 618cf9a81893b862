#include "app/account_check.hpp"

#include <algorithm>

namespace parallax::app {
namespace {

using ports::AccountTopic;

/// What the venue calls the balance, by the ledger.
Amount ours(const Pipeline& pipeline, Market wallet, AssetId asset) {
    const auto& ledger = pipeline.portfolio().ledger();
    if (asset.index() >= ledger.assets()) return {};
    return ledger.holdings(wallet, asset) -
           ledger.balance(wallet, asset, messages::Bucket::InTransit);
}

/// The ledger has never moved any of it.
bool untouched(const Pipeline& pipeline, Market wallet, AssetId asset) {
    const auto& ledger = pipeline.portfolio().ledger();
    return asset.index() >= ledger.assets() || ledger.movements(wallet, asset) == 0;
}

}  // namespace

bool AccountCheck::has(Market wallet) const noexcept {
    return std::ranges::any_of(markets_,
                               [wallet](Market market) { return wallet_of(market) == wallet; });
}

Amount AccountCheck::balance(Market wallet, AssetId asset) const noexcept {
    for (const Wallet& one : wallets_) {
        if (one.wallet == wallet && one.asset == asset) return one.total;
    }
    return {};
}

void AccountCheck::ask_again() noexcept {
    balances_known_ = false;
    if (due_.known() && failed_) return;  // it will be asked soon enough
    due_ = UnixNanos{};
}

UnixNanos AccountCheck::next_due() const noexcept { return asking_ ? kNever : due_; }

UnixNanos AccountCheck::later(UnixNanos now, Nanos pause) const noexcept {
    return config_.interval == Nanos{} ? kNever : now + pause;
}

// ---- asking

std::uint64_t AccountCheck::ask(AccountTopic topic) {
    ports::AccountRequest request;
    request.topic = topic;
    const auto asked = account_.ask(request);
    if (asked) return *asked;
    // A wallet that has no such thing: spot has no positions.
    if (asked.error().code == Errc::Rejected && topic == AccountTopic::Positions) return 0;
    failed_ = true;
    why_ = asked.error().detail;
    return 0;
}

void AccountCheck::begin(UnixNanos now, AccountActivity activity, const Pipeline& pipeline) {
    asking_ = true;
    failed_ = false;
    then_ = activity;
    balances_.clear();
    positions_.clear();
    const std::size_t assets = pipeline.universe().asset_count();
    with_balances_ = !balances_known_ || !opened_ || assets_known_ < assets;
    balances_asked_ = positions_asked_ = 0;
    if (with_balances_) balances_asked_ = ask(AccountTopic::Balances);
    assets_asked_ = assets;
    listings_asked_ = pipeline.universe().instruments().size();
    positions_asked_ = ask(AccountTopic::Positions);
    with_positions_ = positions_asked_ != 0;
    due_ = now;
}

void AccountCheck::on(const ports::AccountAnswer& answer) {
    const bool balances = answer.token == balances_asked_;
    const bool positions = answer.token == positions_asked_;
    if (!balances && !positions) return;
    (balances ? balances_asked_ : positions_asked_) = 0;
    if (answer.error) {
        failed_ = true;
        why_ = answer.error->detail;
        return;
    }
    // An account without anything may be answered with no facts at all.
    if (std::holds_alternative<std::monostate>(answer.facts)) return;
    const auto* wallets = std::get_if<std::vector<messages::BalanceReport>>(&answer.facts);
    const auto* held = std::get_if<std::vector<ports::PositionReport>>(&answer.facts);
    if (balances && wallets != nullptr) {
        balances_ = *wallets;
    } else if (positions && held != nullptr) {
        positions_ = *held;
    } else {
        failed_ = true;
        why_ = "the venue's answer is about something else";
    }
}

bool AccountCheck::is_behind(const Universe& universe) const noexcept {
    const auto& all = universe.instruments();
    for (std::size_t i = listings_known_; i < all.size(); ++i) {
        if (!is_spot(all[i].kind) && std::ranges::find(markets_, all[i].market) != markets_.end())
            return true;
    }
    return false;
}

void AccountCheck::advance(UnixNanos now, AccountActivity activity, Pipeline& pipeline) {
    behind_ = opened_ && is_behind(pipeline.universe());
    if (behind_ && why_.empty()) why_ = "a new instrument's position is not known yet";
    if (asking_) {
        if (balances_asked_ != 0 || positions_asked_ != 0) return;
        asking_ = false;
        if (failed_) {
            due_ = now + config_.pause;
        } else {
            judge(now, activity, pipeline);
        }
        return;
    }
    const bool unasked = behind_ && pipeline.universe().instruments().size() > listings_asked_;
    const bool lacking =
        unasked || assets_known_ < pipeline.universe().asset_count() || !balances_known_;
    const bool at_once = lacking && opened_ && !failed_;
    if (now < due_ && !at_once) return;
    begin(now, activity, pipeline);
}

// ---- judging

void AccountCheck::on(const messages::BalanceReport& told, Pipeline& pipeline) {
    report(told, !opened_ && !pipeline.resumed_from().known(), pipeline);
}

AccountCheck::Wallet& AccountCheck::wallet_of_report(Market wallet, AssetId asset) {
    for (Wallet& one : wallets_) {
        if (one.wallet == wallet && one.asset == asset) return one;
    }
    return wallets_.emplace_back(Wallet{wallet, asset, Amount{}, {}});
}

/// An account with a position is paid and pays funding before anybody here has seen its wallet.
bool AccountCheck::in_opening(const messages::CashEvent& event) const noexcept {
    return std::ranges::any_of(wallets_, [&](const Wallet& one) {
        return one.wallet == wallet_of(event.wallet) && one.asset == event.asset &&
               one.opened.known() && event.time <= one.opened;
    });
}

void AccountCheck::on(const messages::CashEvent& event, Pipeline& pipeline) {
    const bool fresh = !pipeline.resumed_from().known();
    if (fresh && !opened_) {
        early_.push_back(event);
    } else if (!fresh || !in_opening(event)) {
        pipeline.on(event);
    }
}

/// `opening`: nothing of ours can have moved the wallet, so what the ledger lacks was there before.
/// So was what it holds of an asset that the universe has only just learned of.
void AccountCheck::report(const messages::BalanceReport& told, bool opening, Pipeline& pipeline) {
    Wallet& wallet = wallet_of_report(told.wallet, told.asset);
    wallet.total = told.total;
    const bool first = opening || (opened_ && told.asset.index() >= assets_known_);
    const bool unknown =
        !pipeline.resumed_from().known() || untouched(pipeline, told.wallet, told.asset);
    // Without an opening balance there is nothing to hold the report against.
    if (!opened_ && !first && unknown) return;
    const Amount more = told.total - ours(pipeline, told.wallet, told.asset);
    if (first && unknown) wallet.opened = std::max(wallet.opened, told.time);
    if (first && !more.is_zero() && unknown)
        pipeline.on(messages::ExternalFlow{told.wallet, told.asset, more, told.time});
    pipeline.on(told);
}

/// Venues leave out what is empty, so what a whole answer does not name is zero.
void AccountCheck::report_all(UnixNanos now, bool opening, Pipeline& pipeline) {
    for (const messages::BalanceReport& told : balances_) report(told, opening, pipeline);
    for (const MarketInfo& market : kMarkets) {
        if (market.wallet != market.market || !has(market.market)) continue;
        for (std::uint16_t i = 0; i < pipeline.universe().asset_count(); ++i) {
            const AssetId asset{i};
            const bool named = std::ranges::any_of(balances_, [&](const auto& told) {
                return told.wallet == market.market && told.asset == asset;
            });
            if (named || (balance(market.market, asset).is_zero() &&
                          ours(pipeline, market.market, asset).is_zero()))
                continue;
            report({market.market, asset, Amount{}, now, 0}, opening, pipeline);
        }
    }
    balances_known_ = true;
    assets_known_ = std::max(assets_known_, assets_asked_);
}

std::string AccountCheck::balances_differ(const Pipeline& pipeline) const {
    for (const Wallet& wallet : wallets_) {
        const Amount mine = ours(pipeline, wallet.wallet, wallet.asset);
        if (wallet.total == mine) continue;
        return "the wallet " + std::string{to_string(wallet.wallet)} + " holds " +
               wallet.total.text() + " " + pipeline.universe().asset_name(wallet.asset) +
               ", the ledger says " + mine.text();
    }
    return {};
}

void AccountCheck::judge(UnixNanos now, AccountActivity activity, Pipeline& pipeline) {
    const bool moved = then_.busy || activity.busy || then_.fills != activity.fills;
    const bool opening = !opened_ && !moved;
    if (with_balances_) report_all(now, opening, pipeline);
    if (moved) {  // what was asked at two times may differ in good faith
        const bool waiting = !opened_ || differing_ > 0 || behind_;
        due_ = waiting
                   ? now + config_.busy_pause
                   : later(now, std::max(config_.busy_pause, Nanos{config_.interval.count() / 4}));
        if (!opened_) why_ = "orders of ours are still under way";
        return;
    }
    std::string difference = with_positions_ ? compare_positions(now, pipeline) : std::string{};
    listings_known_ = listings_asked_;
    behind_ = is_behind(pipeline.universe());
    // Later on balances are portfolio's to judge: it knows what is in flight.
    if (difference.empty() && !opened_) difference = balances_differ(pipeline);
    if (difference.empty()) {
        opened_ = true;
        for (const messages::CashEvent& event : std::exchange(early_, {})) on(event, pipeline);
        differing_ = 0;
        why_.clear();
        due_ = later(now, config_.interval);
        return;
    }
    differing_ = std::min(differing_ + 1, config_.patience);
    why_ = std::move(difference);
    due_ = now + config_.pause;
}

}  // namespace parallax::app
