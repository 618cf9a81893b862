// The contract of ports::Account, kept at every venue, over real TLS against the simulated one.
#include "gateway_world.hpp"

namespace parallax::gateway_testing {
namespace {

using messages::TimeInForce;
using ports::AccountRequest;
using ports::AccountTopic;
using ports::AccountWallet;
using sim_engine::Wallet;
using sim_front::Permission;

class AccountContract : public ::testing::TestWithParam<VenueParts (*)()> {
protected:
    World w{GetParam()(), true};

    template <class Facts>
    Facts facts(AccountTopic topic) {
        AccountRequest request;
        request.topic = topic;
        return facts<Facts>(request);
    }
    template <class Facts>
    Facts facts(const AccountRequest& request) {
        const ports::AccountAnswer answer = w.told(request);
        EXPECT_FALSE(answer.error) << answer.error->detail;
        EXPECT_EQ(answer.topic, request.topic);
        const auto* const found = std::get_if<Facts>(&answer.facts);
        EXPECT_NE(found, nullptr);
        return found == nullptr ? Facts{} : *found;
    }
    void trade(Side side, std::int64_t price, std::int64_t thousandths, bool perpetual) {
        w.rest(opposite(side), price, thousandths, perpetual);
        const auto order = w.order(side, price, thousandths, TimeInForce::Ioc, perpetual);
        (void)w.end_of(w.place(order));
    }
    [[nodiscard]] AssetId asset(const char* name) { return *w.universe.find_asset(name); }
};

TEST_P(AccountContract, AKeyThatMayWithdrawIsRefused) {
    w.set_key({Permission::Read, Permission::Trade, Permission::Transfer, Permission::Withdraw});
    w.start_account();
    ASSERT_TRUE(w.until([&] { return w.account->refused().has_value(); }));
    EXPECT_FALSE(w.account->ready());
    AccountRequest request;
    request.topic = AccountTopic::Balances;
    EXPECT_EQ(w.account->ask(request).error().code, Errc::Rejected);
    venue_common::AccountConfig config;
    config.may_withdraw = true;
    w.start_account(config);
    EXPECT_TRUE(w.until([&] { return w.account->ready(); }));
}

TEST_P(AccountContract, AKeyThatMayNotTradeIsRefused) {
    w.set_key({Permission::Read});
    w.start_account();
    EXPECT_TRUE(w.until([&] { return w.account->refused().has_value(); }));
}

TEST_P(AccountContract, TellsBalancesToTheLastUnit) {
    w.start_account();
    trade(Side::Buy, 60'010, 13, false);
    const auto reports = facts<std::vector<messages::BalanceReport>>(AccountTopic::Balances);
    EXPECT_EQ(reports.size(), w.parts.has_spot ? 2U : 1U);
    for (const messages::BalanceReport& report : reports) {
        EXPECT_EQ(report.total.text(), w.balance(w.universe.asset_name(report.asset)).text());
        EXPECT_EQ(report.wallet, wallet_of(w.instrument(false).market));
        EXPECT_TRUE(report.time.known());
    }
}

TEST_P(AccountContract, TellsPositionsAndTheirMargin) {
    w.start_account();
    if (!w.parts.has_perpetual) {
        AccountRequest request;
        request.topic = AccountTopic::Positions;
        EXPECT_EQ(w.account->ask(request).error().code, Errc::Rejected);
        return;
    }
    EXPECT_TRUE(facts<std::vector<ports::PositionReport>>(AccountTopic::Positions).empty());
    trade(Side::Sell, 59'990, 50, true);
    const auto positions = facts<std::vector<ports::PositionReport>>(AccountTopic::Positions);
    ASSERT_EQ(positions.size(), 1U);
    const ports::PositionReport& p = positions.front();
    EXPECT_EQ(p.instrument, w.perpetual_id);
    EXPECT_EQ(p.quantity.text(), "-0.05");
    EXPECT_EQ(p.entry.text(), "59990");
    EXPECT_TRUE(p.cross);
    EXPECT_TRUE(p.one_sided);
    const auto margins = facts<std::vector<ports::MarginReport>>(AccountTopic::Margin);
    const auto usdt = std::ranges::find(margins, asset("USDT"), &ports::MarginReport::asset);
    ASSERT_NE(usdt, margins.end());
    const auto theirs = w.venue.margin(w.me, *w.venue.find_asset("USDT"));
    EXPECT_EQ(usdt->initial.text(), theirs.initial.text());
    EXPECT_EQ(usdt->maintenance.text(), theirs.maintenance.text());
    EXPECT_EQ(usdt->equity.text(), theirs.equity.text());
}

TEST_P(AccountContract, TellsALongPositionWithItsSign) {
    if (!w.parts.has_perpetual) GTEST_SKIP() << "spot only";
    w.start_account();
    trade(Side::Buy, 60'010, 30, true);
    trade(Side::Buy, 60'030, 10, true);
    const auto positions = facts<std::vector<ports::PositionReport>>(AccountTopic::Positions);
    ASSERT_EQ(positions.size(), 1U);
    EXPECT_EQ(positions[0].quantity.text(), "0.04");
    EXPECT_EQ(positions[0].entry.text(), "60015");
}

TEST_P(AccountContract, TellsThePositionMode) {
    AccountRequest request;
    request.topic = AccountTopic::PositionMode;
    request.instrument = w.perpetual_id;
    w.start_account();
    if (!w.parts.has_perpetual) {
        EXPECT_EQ(w.account->ask(request).error().code, Errc::Rejected);
        return;
    }
    auto mode = facts<ports::PositionModeReport>(request);
    EXPECT_TRUE(mode.one_way);
    EXPECT_EQ(mode.instrument, w.perpetual_id);
    EXPECT_EQ(mode.whole_account, w.parts.venue != Venue::Bybit);
    ASSERT_TRUE(w.venue.set_hedge_mode(w.me, true));
    mode = facts<ports::PositionModeReport>(request);
    EXPECT_FALSE(mode.one_way);
    // What keeps such an account out: its first order would be refused.
    w.rest(Side::Sell, 60'010, 10, true);
    const auto end = w.end_of(w.place(w.order(Side::Buy, 60'010, 10, TimeInForce::Ioc, true)));
    EXPECT_EQ(end.kind, messages::OrderEventKind::Rejected);
    request.instrument = w.parts.has_spot ? w.spot_id : InstrumentId{7'777};
    EXPECT_EQ(w.account->ask(request).error().code, Errc::Rejected);
}

/// One symbol that had ended left nobody's fees known.
TEST_P(AccountContract, AnInstrumentTheVenueDoesNotListLeavesTheFeesOfTheOthers) {
    InstrumentDefinition d = w.universe.definition(w.parts.has_spot ? w.spot_id : w.perpetual_id);
    d.venue_symbol = "GONEUSDT";
    d.base = "GONE";
    const InstrumentId gone = w.universe.list(d)->id;
    w.start_account();
    const bool by_symbol = w.parts.venue == Venue::Binance;
    for (const bool known : {false, true}) {
        const auto reports = facts<std::vector<ports::FeeReport>>(AccountTopic::Fees);
        const auto of = std::ranges::find(reports, gone, &ports::FeeReport::instrument);
        EXPECT_EQ(of != reports.end(), by_symbol);
        if (of != reports.end()) {
            EXPECT_TRUE(of->unlisted);
        }
        EXPECT_TRUE(std::ranges::any_of(reports, [](const auto& one) { return !one.unlisted; }));
        AccountRequest fills;
        fills.topic = AccountTopic::Fills;
        fills.since = w.loop.client->now() - Nanos::seconds(5);
        EXPECT_TRUE(facts<std::vector<ports::AccountFill>>(fills).empty());
        if (known) break;
        d.status = InstrumentStatus::Delisted;
        ASSERT_TRUE(w.universe.list(d));
    }
}

TEST_P(AccountContract, TellsTheFeesOfTheTier) {
    w.start_account();
    const auto reports = facts<std::vector<ports::FeeReport>>(AccountTopic::Fees);
    const FeeSchedule& theirs = w.venue.account(w.me).settings.fees;
    const bool both = w.parts.has_spot && w.parts.has_perpetual;
    ASSERT_EQ(reports.size(), both ? 2U : 1U);
    for (const ports::FeeReport& report : reports) {
        const FeeRates& rates = theirs.rates(
            report.market, report.spot ? InstrumentKind::Spot : InstrumentKind::LinearPerpetual);
        EXPECT_EQ(report.rates.maker, rates.maker);
        EXPECT_EQ(report.rates.taker, rates.taker);
    }
    EXPECT_TRUE(both ? reports[0].spot != reports[1].spot : reports[0].spot == w.parts.has_spot);
}

TEST_P(AccountContract, TellsOpenOrdersAndFillsOfAllPages) {
    w.start_account();
    AccountRequest fills;
    fills.topic = AccountTopic::Fills;
    fills.since = w.loop.client->now() - Nanos::seconds(5);
    constexpr int kCount = 130;  // more than a page has
    for (int i = 0; i < kCount; ++i) {
        sim_engine::NewOrder order;
        order.account = w.me;
        order.listing = w.spot;
        order.side = Side::Buy;
        order.price = *w.venue.listing(w.spot).parse_price(std::to_string(59'000 + i));
        order.quantity = *w.venue.listing(w.spot).parse_quantity("0.002");
        order.client_id = sim_engine::ClientId{"o" + std::to_string(i)};
        ASSERT_TRUE(w.venue.place(order, w.venue.now()));
    }
    const auto open = facts<std::vector<ports::AccountOrder>>(AccountTopic::OpenOrders);
    EXPECT_EQ(open.size(), std::size_t{kCount});
    w.take(Side::Sell, 59'000, 2 * kCount);
    const auto done = facts<std::vector<ports::AccountFill>>(fills);
    const auto theirs = w.venue.fills_since(w.me, 0);
    ASSERT_EQ(done.size(), theirs.size());
    ASSERT_EQ(done.size(), std::size_t{kCount});
    for (std::size_t i = 0; i < done.size(); ++i) {
        EXPECT_EQ(done[i].client_id,
                  w.parts.fills_name_client_ids ? theirs[i].client_id.text() : "");
        if (!w.parts.fills_name_client_ids) {
            EXPECT_EQ(done[i].trade_id, theirs[i].execution.trade.raw());
        }
        EXPECT_EQ(done[i].fee.text(), theirs[i].execution.fee.text());
        EXPECT_EQ(done[i].maker, theirs[i].execution.maker);
    }
    EXPECT_TRUE(facts<std::vector<ports::AccountOrder>>(AccountTopic::OpenOrders).empty());
}

TEST_P(AccountContract, SetsTheLeverageAndTellsIt) {
    if (!w.parts.has_perpetual) GTEST_SKIP() << "spot only";
    w.start_account();
    AccountRequest request;
    request.topic = AccountTopic::SetLeverage;
    request.instrument = w.perpetual_id;
    request.leverage = 7;
    EXPECT_EQ(facts<ports::LeverageReport>(request).leverage, 7);
    EXPECT_EQ(w.venue.position(w.me, w.perpetual).leverage(), 7);
    EXPECT_EQ(facts<ports::LeverageReport>(request).leverage, 7);  // so already
    request.topic = AccountTopic::Leverage;
    EXPECT_EQ(facts<ports::LeverageReport>(request).leverage, 7);
    EXPECT_TRUE(facts<ports::LeverageReport>(request).cross);
    request.topic = AccountTopic::SetLeverage;
    request.leverage = 9'999;
    EXPECT_EQ(w.told(request).error->code, Errc::Rejected);
    request.instrument = w.parts.has_spot ? w.spot_id : InstrumentId{7'777};
    EXPECT_EQ(w.account->ask(request).error().code, Errc::Rejected);
}

TEST_P(AccountContract, MovesMoneyBetweenTheWalletsOnce) {
    w.start_account();
    AccountRequest request;
    request.topic = AccountTopic::Transfer;
    request.asset = asset("USDT");
    request.amount = *Amount::parse("123.5");
    request.from = AccountWallet::Trading;
    request.to = AccountWallet::Funding;
    request.id = 0xf00d'0000'0000'0001;
    const auto sent = facts<ports::TransferReport>(request);
    EXPECT_EQ(sent.id, request.id);
    EXPECT_NE(sent.state, ports::TransferReport::State::Failed);
    AccountRequest state = request;
    state.topic = AccountTopic::TransferState;
    EXPECT_EQ(facts<ports::TransferReport>(state).state, ports::TransferReport::State::Done);
    const AssetId usdt = *w.venue.find_asset("USDT");
    EXPECT_EQ(w.venue.balance(w.me, w.parts.deposits_wallet, usdt).total.text(), "123.5");
    EXPECT_EQ(w.balance("USDT"), w.start["USDT"] - request.amount);
    state.id = 77;
    EXPECT_EQ(w.told(state).error->code, Errc::Rejected);
    request.id = 2;
    request.amount = Amount::units(5'000'000);
    EXPECT_EQ(w.told(request).error->code, Errc::Rejected);
}

TEST_P(AccountContract, DepositsAndWithdrawalsAreToldFromTheirBeginningToTheirEnd) {
    using Movements = std::vector<ports::MovementReport>;
    using State = ports::MovementReport::State;
    w.start_account();
    if (!w.parts.has_spot) {  // they go by the wallet of spot
        for (const AccountTopic topic : {AccountTopic::Deposits, AccountTopic::Withdrawals}) {
            AccountRequest request;
            request.topic = topic;
            EXPECT_EQ(w.account->ask(request).error().code, Errc::Rejected);
        }
        return;
    }
    EXPECT_TRUE(facts<Movements>(AccountTopic::Deposits).empty());
    const auto usdt = *w.venue.find_asset("USDT");
    UnixNanos time = w.loop.client->now();
    const auto later = [&] {  // the venue's clock goes ahead of ours
        time = time + Nanos::seconds(300);
        w.venue.advance(time);
    };
    ASSERT_TRUE(w.venue.deposit(w.me, Wallet::Funding, usdt, Amount::units(700), time));
    const Movements coming = facts<Movements>(AccountTopic::Deposits);
    ASSERT_EQ(coming.size(), 1U);
    EXPECT_EQ(coming[0].state, State::Pending);
    EXPECT_EQ(coming[0].asset, asset("USDT"));
    EXPECT_EQ(coming[0].amount.text(), "700");
    later();
    const Movements came = facts<Movements>(AccountTopic::Deposits);
    ASSERT_EQ(came.size(), 1U);
    EXPECT_EQ(came[0].state, State::Done);
    EXPECT_EQ(came[0].venue_id, coming[0].venue_id);
    EXPECT_TRUE(came[0].time.known());
    AccountRequest others;
    others.topic = AccountTopic::Deposits;
    others.asset = asset("BTC");
    EXPECT_TRUE(facts<Movements>(others).empty());

    // Asked for once: at Binance the list costs half of what a minute allows.
    const Amount fee = *Amount::parse("0.5");
    const UnixNanos first = time;
    ASSERT_TRUE(w.venue.withdraw(w.me, Wallet::Funding, usdt, Amount::units(20), fee, time));
    later();
    ASSERT_TRUE(w.venue.withdraw(w.me, Wallet::Funding, usdt, Amount::units(30), fee, time));
    const Movements gone = facts<Movements>(AccountTopic::Withdrawals);
    ASSERT_EQ(gone.size(), 2U);
    const auto done = std::ranges::find(gone, State::Done, &ports::MovementReport::state);
    const auto pending = std::ranges::find(gone, State::Pending, &ports::MovementReport::state);
    ASSERT_TRUE(done != gone.end() && pending != gone.end());
    EXPECT_EQ(done->amount.text(), "20");
    EXPECT_EQ(done->fee.text(), "0.5");
    EXPECT_LT(std::abs((done->time - first).count()), Nanos::seconds(1).count() + 1);
    EXPECT_EQ(pending->amount.text(), "30");
    EXPECT_NE(pending->venue_id, done->venue_id);
}

TEST_P(AccountContract, FundingIsToldAsCash) {
    if (!w.parts.has_perpetual) GTEST_SKIP() << "spot only";
    venue_common::AccountConfig config;
    config.funding_interval = Nanos::millis(400);
    w.start_account(config);
    ASSERT_TRUE(w.until([&] { return w.account->ready(); }));
    trade(Side::Buy, 60'010, 50, true);
    const UnixNanos stamp = w.venue.desk(w.perpetual).next_funding;
    ASSERT_TRUE(stamp.known());
    AccountRequest request;
    request.topic = AccountTopic::Funding;
    request.since = stamp - Nanos::seconds(3'600);
    EXPECT_TRUE(facts<std::vector<messages::CashEvent>>(request).empty());
    const Amount before = w.balance("USDT");
    w.venue.advance(stamp);  // the venue's clock goes ahead of ours
    w.front->advance(stamp);
    const auto payments = facts<std::vector<messages::CashEvent>>(request);
    ASSERT_EQ(payments.size(), 1U);
    EXPECT_EQ(payments[0].kind, messages::EntryKind::Funding);
    EXPECT_EQ(payments[0].instrument, w.perpetual_id);
    EXPECT_EQ(payments[0].amount.text(), (w.balance("USDT") - before).text());
    EXPECT_FALSE(payments[0].amount.is_zero());
    EXPECT_NE(payments[0].venue_id, 0U);
}

TEST_P(AccountContract, ItIsToldUntilWhenAllPaymentsAreKnown) {
    venue_common::AccountConfig config;
    config.funding_interval = Nanos::millis(400);
    const UnixNanos started = w.loop.client->now();
    w.start_account(config);
    const auto first = w.account->take_cash_told();
    EXPECT_EQ(first.has_value(), w.parts.has_perpetual) << "spot pays no funding";
    if (!first) return;
    EXPECT_LT(*first, started);
    for (UnixNanos before = *first; before < started - Nanos::seconds(5);) {
        std::optional<UnixNanos> next;
        ASSERT_TRUE(w.until([&] { return (next = w.account->take_cash_told()).has_value(); }));
        EXPECT_GT(*next, before);
        EXPECT_LT(*next, w.loop.client->now());
        before = *next;
    }
}

const char* venue_name(std::size_t index) {
    constexpr const char* kNames[] = {"Okx", "Bybit", "BinanceSpot", "BinanceUsdm"};
    return kNames[index];
}
INSTANTIATE_TEST_SUITE_P(Venues, AccountContract,
                         ::testing::Values(okx_parts, bybit_parts, binance_spot_parts,
                                           binance_usdm_parts),
                         [](const auto& c) { return venue_name(c.index); });

TEST(OkxAccount, TheDeadMansSwitchIsKeptArmedAndCancelsWhenWeFallSilent) {
    World w{okx_parts(), true};
    venue_common::AccountConfig config;
    config.dead_man = Nanos::seconds(10);
    w.start_account(config);
    ASSERT_TRUE(w.until([&] { return w.account->armed().known(); }));
    EXPECT_TRUE(w.account->guarded(w.loop.client->now()));
    const auto order = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(order);
    ASSERT_TRUE(w.until([&] { return w.open_at_the_venue() == 1; }));
    const UnixNanos armed = w.account->armed();
    ASSERT_TRUE(w.until([&] { return w.account->armed() > armed; }));
    EXPECT_EQ(w.open_at_the_venue(), 1U);
    w.account.reset();
    ASSERT_TRUE(w.until([&] { return w.over(id); }, Nanos::seconds(14)));
    EXPECT_EQ(w.last(id).reason.code, messages::ReasonCode::Halted);
    EXPECT_EQ(w.open_at_the_venue(), 0U);
}

}  // namespace
}  // namespace parallax::gateway_testing
