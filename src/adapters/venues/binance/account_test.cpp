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

class BinanceMovements : public BinanceTransfers {
protected:
    void SetUp() override {
        BinanceTransfers::SetUp();
        accounts = std::make_unique<Accounts>(universe, AccountSettings{});
    }
    Result<std::string> read(AccountTopic topic, std::string body) {
        AccountRequest request;
        request.topic = topic;
        RestAnswer told;
        told.body = std::move(body);
        return accounts->read(request, 0, told, facts);
    }
    [[nodiscard]] const std::vector<ports::MovementReport>& rows() const {
        return std::get<std::vector<ports::MovementReport>>(facts);
    }
    AccountFacts facts;
};

TEST_F(BinanceMovements, EachListHasItsOwnWords) {
    using State = ports::MovementReport::State;
    ASSERT_TRUE(
        read(AccountTopic::Withdrawals,
             R"([{"id":"a1","amount":"8.91","transactionFee":"0.004","coin":"USDT","status":6,)"
             R"("txId":"0x5","applyTime":"2026-02-28 23:59:58"},)"
             R"({"id":"a2","amount":"1","transactionFee":"0","coin":"USDT","status":3,)"
             R"("applyTime":"2026-02-28 23:59:57"},)"
             R"({"id":"a3","amount":"1","transactionFee":"0","coin":"NOBODYKNOWS","status":6,)"
             R"("applyTime":"2026-02-28 23:59:57"},)"
             R"({"id":"a4","amount":"1","transactionFee":"0","coin":"USDT","status":99,)"
             R"("applyTime":"2026-02-28 23:59:56"}])"));
    ASSERT_EQ(rows().size(), 3U);
    EXPECT_EQ(rows()[0].time.millis(), 1'772'323'198'000);
    EXPECT_EQ(rows()[0].fee.text(), "0.004");
    EXPECT_EQ(rows()[0].transaction, "0x5");
    EXPECT_EQ(rows()[0].state, State::Done);
    EXPECT_EQ(rows()[1].state, State::Failed);
    EXPECT_EQ(rows()[2].state, State::Pending) << "not in the documents";
    facts = {};
    ASSERT_TRUE(read(AccountTopic::Deposits,
                     R"([{"id":"77","amount":"0.5","coin":"BTC","status":6,"txId":"t",)"
                     R"("insertTime":1772323198123}])"));
    EXPECT_EQ(rows().at(0).state, State::Done);
    EXPECT_EQ(rows().at(0).time.millis(), 1'772'323'198'123);
    EXPECT_FALSE(
        read(AccountTopic::Withdrawals,
             R"([{"id":"a","coin":"USDT","status":6,"applyTime":"2026-02-30 10:00:00"}])"));
    EXPECT_FALSE(read(AccountTopic::Deposits, R"({"code":0})"));
}

TEST_F(BinanceMovements, ALongListGoesOnWhereThePageEndedAndTakesNoRowTwice) {
    const auto page = [](int from, int count) {
        std::string text = "[";
        for (int i = from; i < from + count; ++i)
            text += (i == from ? "" : ",") + std::string{R"({"id":")"} + std::to_string(i) +
                    R"(","amount":"1","coin":"USDT","status":1,"insertTime":)" +
                    std::to_string(1'772'323'198'000 - i) + "}";
        return text + "]";
    };
    const auto next = read(AccountTopic::Deposits, page(0, 1'000));
    ASSERT_TRUE(next);
    AccountRequest request;
    request.topic = AccountTopic::Deposits;
    EXPECT_NE(accounts->write(request, 0, *next, {}).query.find("endTime=1772323197001"),
              std::string::npos);
    EXPECT_EQ(*read(AccountTopic::Deposits, page(999, 3)), "");
    EXPECT_EQ(rows().size(), 1'002U);
    EXPECT_EQ(*read(AccountTopic::Deposits, page(0, 1'000)), "") << "told again and again";
}

TEST_F(BinanceMovements, TheyGoByTheSpotWallet) {
    AccountRequest request;
    request.topic = AccountTopic::Deposits;
    EXPECT_TRUE(accounts->check(request));
    AccountSettings settings;
    settings.wallet_api = false;
    EXPECT_EQ(Accounts(universe, settings).check(request).error().code, Errc::Rejected);
    settings = {};
    settings.product = Product::Usdm;
    EXPECT_EQ(Accounts(universe, settings).check(request).error().code, Errc::Rejected);
}

}  // namespace
}  // namespace parallax::binance
