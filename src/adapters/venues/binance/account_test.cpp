#include "adapters/venues/binance/account.hpp"

#include <gtest/gtest.h>

namespace parallax::binance {
namespace {

using ports::AccountFacts;
using ports::AccountRequest;
using ports::AccountTopic;
using ports::AccountWallet;
using ports::TransferReport;
using venue_common::RestAnswer;

class BinanceTransfers : public ::testing::Test {
protected:
    Universe universe;
    AssetId usdt;
    std::unique_ptr<Accounts> accounts;

    void SetUp() override {
        InstrumentDefinition d;
        d.market = Market::BinanceUsdm;
        d.kind = InstrumentKind::LinearPerpetual;
        d.venue_symbol = "BTCUSDT";
        d.base = "BTC";
        d.quote = d.settle = "USDT";
        d.tick = "0.1";
        d.lot = "0.001";
        ASSERT_TRUE(universe.list(d));
        usdt = *universe.find_asset("USDT");
        AccountSettings settings;
        settings.product = Product::Usdm;
        accounts = std::make_unique<Accounts>(universe, settings);
    }
    AccountRequest transfer(std::uint64_t id) const {
        AccountRequest request;
        request.topic = AccountTopic::Transfer;
        request.asset = usdt;
        request.amount = *Amount::parse("10");
        request.from = AccountWallet::Trading;
        request.to = AccountWallet::Funding;
        request.id = id;
        return request;
    }
    venue_common::RestCall send(std::uint64_t id) const {
        const AccountRequest request = transfer(id);
        EXPECT_TRUE(accounts->check(request));
        return accounts->write(request, 0, {}, UnixNanos::from_millis(1'700'000'000'000));
    }
    void answer(std::uint64_t id, std::string body) {
        RestAnswer told;
        told.body = std::move(body);
        AccountFacts facts;
        EXPECT_TRUE(accounts->read(transfer(id), 0, told, facts));
    }
    Result<TransferReport> state(std::uint64_t id, std::string body) {
        AccountRequest request;
        request.topic = AccountTopic::TransferState;
        request.id = id;
        RestAnswer told;
        told.body = std::move(body);
        AccountFacts facts;
        const auto read = accounts->read(request, 0, told, facts);
        if (!read) return tl::unexpected{read.error()};
        return std::get<TransferReport>(facts);
    }
};

constexpr const char* kTwo =
    R"({"total":2,"rows":[{"asset":"USDT","amount":"10","type":"UMFUTURE_MAIN",)"
    R"("status":"CONFIRMED","tranId":11,"timestamp":1700000000100},)"
    R"({"asset":"USDT","amount":"10.00","type":"UMFUTURE_MAIN","status":"PENDING","tranId":12,)"
    R"("timestamp":1700000000050}]})";

TEST_F(BinanceTransfers, GoToTheWalletOfDeposits) {
    const auto call = send(1);
    EXPECT_EQ(call.path, "/sapi/v1/asset/transfer");
    EXPECT_EQ(call.query, "type=UMFUTURE_MAIN&asset=USDT&amount=10");
    EXPECT_EQ(call.repeat, venue_common::Repeat::IfUnsent);
}

TEST_F(BinanceTransfers, AnIdIsUsedOnce) {
    (void)send(1);
    EXPECT_EQ(accounts->check(transfer(1)).error().code, Errc::Rejected);
    EXPECT_TRUE(accounts->check(transfer(2)));
}

TEST_F(BinanceTransfers, OneWithoutAnAnswerIsTheOneThatIsNoOthers) {
    (void)send(1);
    (void)send(2);
    answer(1, R"({"tranId":11})");
    const auto first = state(1, kTwo);
    const auto lost = state(2, kTwo);
    ASSERT_TRUE(first && lost);
    EXPECT_EQ(first->state, TransferReport::State::Done);
    EXPECT_EQ(first->venue_id, "11");
    EXPECT_EQ(lost->state, TransferReport::State::Pending);
    EXPECT_EQ(lost->venue_id, "12");
}

TEST_F(BinanceTransfers, OneThatIsNowhereFailedUnlessItWasAccepted) {
    (void)send(1);
    (void)send(2);
    answer(1, R"({"tranId":11})");
    EXPECT_EQ(state(1, R"({"total":0})")->state, TransferReport::State::Pending);
    EXPECT_EQ(state(2, R"({"total":0})")->state, TransferReport::State::Failed);
    EXPECT_EQ(state(3, R"({"total":0})").error().code, Errc::Rejected);
    EXPECT_EQ(state(1, "[]").error().code, Errc::Malformed);
}

}  // namespace
}  // namespace parallax::binance
