#include <algorithm>
#include <cmath>

#include "services/scanner/service.hpp"

namespace parallax::scanner {

// --- Net prices
// -------------------------------------------------------------------------------------------------

void Service::refresh_all(bool refit) {
    for (Group& group : groups_) refresh(group, refit);
    cycles_stale_ = true;
    prepare_cycles();
}

/// Chooses how many binary digits net prices carry: as many as leave room for 64 times today's
/// highest price.
void Service::fit_fraction(Group& group) noexcept {
    unsigned digits = 0;
    int bits = 1;
    for (const Row& row : group.rows) {
        const Track& track = tracks_[row.id.index()];
        digits = std::max(digits, row.digits);
        const auto highest =
            static_cast<unsigned __int128>(std::max(track.bid.raw(), track.ask.raw())) *
            static_cast<std::uint64_t>(pow10(static_cast<std::uint8_t>(row.digits)));
        const auto high = static_cast<std::uint64_t>(highest >> 64);
        bits = std::max(bits, high != 0 ? 64 + static_cast<int>(std::bit_width(high))
                                        : static_cast<int>(
                                              std::bit_width(static_cast<std::uint64_t>(highest))));
    }
    const int scale_bits =
        static_cast<int>(
            std::bit_width(static_cast<std::uint64_t>(pow10(static_cast<std::uint8_t>(digits))))) -
        1;
    const int room = std::min({54 - bits, 32, static_cast<int>(Multiplier::kBits) - scale_bits});
    group.fraction = static_cast<std::uint8_t>(std::max(room, 0));
}

void Service::refresh(Group& group, bool refit) {
    group.forget();
    group.most_at = 0;
    group.price_decimals = group.quantity_decimals = 0;
    for (const Row& row : group.rows) {
        const Symbol& symbol = universe_.symbol_of(row.id);
        group.price_decimals = std::max(group.price_decimals, symbol.price_scale.decimals);
        group.quantity_decimals = std::max(group.quantity_decimals, symbol.quantity_scale.decimals);
    }
    for (Row& row : group.rows) {
        const Symbol& symbol = universe_.symbol_of(row.id);
        row.digits = static_cast<unsigned>(group.price_decimals - symbol.price_scale.decimals);
        row.factor = pow10(
            static_cast<std::uint8_t>(group.quantity_decimals - symbol.quantity_scale.decimals));
    }
    if (refit) fit_fraction(group);
    for (Row& row : group.rows) refresh_row(group, row);
}

void Service::refresh_row(Group& group, Row& row) {
    const Instrument& instrument = universe_.instrument(row.id);
    const FeeRates& rates = fees_.rates(instrument.market, instrument.kind);
    const ConversionRate conversion = conversions_.between(instrument.quote, group.quote);
    row.terms = {rates.taker, rates.asset, conversion.pay, conversion.receive,
                 shadow(instrument.market, instrument.quote, instrument.base)};
    constexpr unsigned kMostDigits = 13;  // beyond it the mantissa has no room
    row.usable = conversion.usable && row.digits <= kMostDigits;
    const Track& track = tracks_[row.id.index()];
    if (!row.usable) return group.table.clear(track.row);
    const unsigned fraction = group.fraction;
    row.gross_ask = {row.terms.gross_ask(), row.digits, fraction, Rounding::Up};
    row.gross_bid = {row.terms.gross_bid(), row.digits, fraction, Rounding::Down};
    row.net_ask = {row.terms.ask(), row.digits, fraction, Rounding::Up};
    row.net_bid = {row.terms.bid(), row.digits, fraction, Rounding::Down};
    row.price_limit =
        ((std::int64_t{1} << 60) >> fraction) / pow10(static_cast<std::uint8_t>(row.digits));
    if (track.live && std::max(track.bid, track.ask).raw() <= row.price_limit) {
        place(group, track);
    } else {
        group.table.clear(track.row);  // no book, or a price beyond what net prices can hold
    }
}

// --- Balances
// -------------------------------------------------------------------------------------------------

Balance& Service::balance(Market wallet, AssetId asset) {
    const std::size_t index = asset.index() * kMarketCount + static_cast<std::size_t>(wallet);
    if (index >= balances_.size()) balances_.resize((asset.index() + 1) * kMarketCount);
    return balances_[index];
}

Amount Service::available(Market market, AssetId asset) const noexcept {
    const std::size_t index =
        asset.index() * kMarketCount + static_cast<std::size_t>(wallet_of(market));
    const bool known = index < balances_.size() && balances_[index].known;
    if (!known) return config_.unlimited_balances ? Amount::max() : Amount{};
    return std::max(balances_[index].available, Amount{});
}

Rate Service::shadow(Market market, AssetId quote, AssetId base) const noexcept {
    const auto of = [&](AssetId asset) {
        const std::size_t index =
            asset.index() * kMarketCount + static_cast<std::size_t>(wallet_of(market));
        return index < balances_.size() ? balances_[index].shadow : Rate{};
    };
    return of(quote) - of(base);
}

void Service::set_balance(Market wallet, AssetId asset, Amount amount) {
    Balance& entry = balance(wallet_of(wallet), asset);
    entry.available = amount;
    entry.known = true;
    ++epoch_;
    reprice_asset(asset);
}

/// Shadow prices of an asset over its wallets: linear in the distance from the wallet's share,
/// clipped at the cost of moving it (methods 4.3), in steps of 0.1 bp so that most balance changes
/// change no price. A share of 0 takes nothing in: whatever lies there is at its full price.
void Service::reprice_asset(AssetId asset) {
    const std::span<Balance> wallets{&balances_[asset.index() * kMarketCount], kMarketCount};
    const std::string& name = universe_.asset_name(asset);
    Amount total;
    double weights = 0.0;
    std::int64_t known = 0;
    for (std::size_t i = 0; i < wallets.size(); ++i) {
        if (!wallets[i].known) continue;
        total += std::max(wallets[i].available, Amount{});
        weights += config_.inventory_weights.of(static_cast<Market>(i), name);
        ++known;
    }
    bool changed = false;
    for (std::size_t i = 0; i < wallets.size(); ++i) {
        Balance& wallet = wallets[i];
        Rate shadow;
        if (wallet.known && known > 1 && total > Amount{} && weights > 0.0) {
            const double share =
                config_.inventory_weights.of(static_cast<Market>(i), name) / weights;
            const double target = total.approximate() * share;
            const double held = wallet.available.approximate();
            const double distance = target > 0.0
                                        ? (target - held) / (config_.inventory_band * target)
                                        : (held > 0.0 ? -1.0 : 0.0);
            const double limit = static_cast<double>(config_.inventory_cost.raw());
            constexpr std::int64_t kStep = 10'000;
            shadow = Rate::from_raw(std::llround(std::clamp(distance, -1.0, 1.0) * limit / kStep) *
                                    kStep);
        }
        changed |= shadow != wallet.shadow;
        wallet.shadow = shadow;
    }
    if (!changed) return;
    for (Group& group : groups_) {
        const bool concerned =
            group.base == asset ||
            std::any_of(group.rows.begin(), group.rows.end(), [&](const Row& row) {
                return universe_.instrument(row.id).quote == asset;
            });
        if (concerned) refresh(group);
    }
}

}  // namespace parallax::scanner
