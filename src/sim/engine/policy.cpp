#include "sim/engine/policy.hpp"

namespace parallax::sim_engine {
namespace {

MarketPolicy binance_spot() {
    MarketPolicy p;
    p.max_amends = 10;                                // MAX_NUM_ORDER_AMENDS
    p.market_protection = Rate::basis_points(2'000);  // price-range rule; the width is a choice
    return p;
}

MarketPolicy binance_futures() {
    MarketPolicy p;
    p.amend = AmendRule::AlwaysToTheBack;
    p.max_amends = 10'000;
    p.amend_below_filled = AmendBelowFilled::Cancels;
    p.amend_would_take_cancels = true;
    p.fill_or_kill = Unfit::Rejected;
    p.market_protection = Rate::basis_points(500);  // marketTakeBound
    p.update_stride = 7;  // numbers are shared by all symbols: one symbol's have holes
    p.wallet = Wallet::Derivatives;
    return p;
}

MarketPolicy okx() {
    MarketPolicy p;
    p.amend = AmendRule::KeepsPlaceWhenSmaller;
    p.amend_below_filled = AmendBelowFilled::Fills;
    p.post_only = Unfit::AcceptedThenClosed;
    p.reduce_only_trims = false;
    p.self_trade = SelfTrade::CancelMaker;
    p.band_by_side = true;
    p.market_protection = Rate::basis_points(500);
    p.max_matches = 1'000;
    p.max_open_total = 4'000;
    p.update_stride = 3;  // seqId jumps are arbitrary
    p.fee_decimals = 18;
    return p;
}

MarketPolicy bybit(bool spot) {
    MarketPolicy p;
    p.amend = AmendRule::KeepsPlaceWhenSmaller;
    p.amend_would_take_cancels = true;  // a choice: the documents do not say
    p.post_only = Unfit::AcceptedThenClosed;
    p.client_id_once = true;
    p.band_by_side = true;
    p.market_protection = Rate::basis_points(500);
    p.max_open_total = spot ? 500 : 0;
    p.fee_decimals = 18;
    p.rebate_in_spent_asset = spot;
    return p;
}

}  // namespace

MarketPolicy policy_of(Market market) noexcept {
    const auto of = [market] {
        switch (market) {
            case Market::BinanceSpot:
                return binance_spot();
            case Market::BinanceUsdm:
            case Market::BinanceCoinm:
                return binance_futures();
            case Market::Okx:
                return okx();
            case Market::BybitSpot:
                return bybit(true);
            case Market::BybitLinear:
            case Market::BybitInverse:
                return bybit(false);
        }
        return MarketPolicy{};
    };
    MarketPolicy p = of();
    p.market = market;
    return p;
}

}  // namespace parallax::sim_engine
