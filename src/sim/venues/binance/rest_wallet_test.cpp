#include "sim/venues/binance/front_testing.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::Wallet;

struct WalletCalls : ::testing::Test, BinanceWorld {
    void may_withdraw() {
        using sim_front::Permission;
        sim_front::ApiKey key;
        key.id = "key";
        key.secret = "secret";
        key.permissions = {Permission::Read, Permission::Withdraw};
        key.account = world.accounts[0];
        keys.add(key);
    }
    Amount held(Wallet wallet) {
        return world.venue.balance(world.accounts[0], wallet, world.usdt).total;
    }
    Json listed(const char* what, const std::string& query = {}) {
        const Answer answer = call("GET", std::string{"/sapi/v1/capital/"} + what, query);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.body;
    }
    static constexpr const char* kFifty =
        "coin=USDT&address=home&amount=50&withdrawOrderId=mine&network=USDT";
};

TEST_F(WalletCalls, AKeyHasToBeAllowedToWithdraw) {
    const auto refused = call("POST", "/sapi/v1/capital/withdraw/apply", kFifty);
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(listed("withdraw/history"), Json::array());
}

TEST_F(WalletCalls, AWithdrawalPaysItsFeeOutOfItsAmountAndIsFoundByItsName) {
    may_withdraw();
    const Amount before = held(Wallet::Trading);
    const auto sent = call("POST", "/sapi/v1/capital/withdraw/apply", kFifty);
    ASSERT_EQ(sent.status, 200) << sent.body;
    EXPECT_EQ((before - held(Wallet::Trading)).text(), "50");
    Json rows = listed("withdraw/history", "withdrawOrderId=mine");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0]["id"], sent.body["id"]);
    EXPECT_EQ(rows[0]["amount"], "49.99900000");
    EXPECT_EQ(rows[0]["transactionFee"], "0.00100000");
    EXPECT_EQ(rows[0]["status"], 4);
    EXPECT_EQ(rows[0]["address"], "home");
    EXPECT_EQ(rows[0]["applyTime"].get<std::string>().size(), 19U);
    EXPECT_FALSE(rows[0].contains("completeTime"));
    step(Nanos::seconds(300));
    rows = listed("withdraw/history");
    EXPECT_EQ(rows.at(0)["status"], 6);
    EXPECT_TRUE(rows.at(0).contains("completeTime"));
    EXPECT_EQ(listed("withdraw/history", "withdrawOrderId=others"), Json::array());
    EXPECT_EQ(listed("withdraw/history", "status=4"), Json::array());
    EXPECT_EQ(listed("withdraw/history", "coin=BTC"), Json::array());
}

TEST_F(WalletCalls, WrongWithdrawalsMoveNothing) {
    may_withdraw();
    const Amount before = held(Wallet::Trading);
    const auto code = [&](const std::string& query) {
        return call("POST", "/sapi/v1/capital/withdraw/apply", query).body["code"].get<int>();
    };
    EXPECT_EQ(code("coin=USDT&amount=5"), -1102);
    EXPECT_EQ(code("coin=NONE&address=a&amount=5"), -1102);
    EXPECT_EQ(code("coin=USDT&address=a&amount=0.001"), -1102) << "all of it would be the fee";
    EXPECT_EQ(code("coin=USDT&address=a&amount=-5"), -1102);
    EXPECT_EQ(code("coin=USDT&address=a&amount=5&network=ETH"), -1102);
    EXPECT_EQ(code("coin=USDT&address=a&amount=1000000000"), -4026);
    EXPECT_EQ(code("coin=USDT&address=a&amount=5&walletType=1"), -4026) << "nothing in that wallet";
    EXPECT_EQ(held(Wallet::Trading).text(), before.text());
}

TEST_F(WalletCalls, DepositsAreListedNewestFirstAndByPages) {
    for (int i = 1; i <= 3; ++i) {
        ASSERT_TRUE(world.venue.deposit(world.accounts[0], Wallet::Trading, world.usdt,
                                        Amount::units(i), world.now));
        step(Nanos::seconds(45));
    }
    const Json rows = listed("deposit/hisrec");
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0]["amount"], "3.00000000");
    EXPECT_EQ(rows[0]["status"], 0) << "takes a minute";
    EXPECT_EQ(rows[2]["status"], 1);
    EXPECT_EQ(rows[2]["confirmTimes"], "1/1");
    EXPECT_EQ(listed("deposit/hisrec", "limit=1&offset=1").at(0)["amount"], "2.00000000");
    EXPECT_EQ(listed("deposit/hisrec", "status=1").size(), 2U);
    const std::string second = std::to_string(rows[1]["insertTime"].get<std::int64_t>());
    EXPECT_EQ(listed("deposit/hisrec", "endTime=" + second).size(), 2U);
    EXPECT_EQ(listed("deposit/hisrec", "startTime=" + second).size(), 2U);
    EXPECT_EQ(call("GET", "/sapi/v1/capital/deposit/hisrec", "startTime=1").body["code"], -1127);
}

TEST_F(WalletCalls, BothWalletsAreListed) {
    EXPECT_EQ(call("POST", "/sapi/v1/asset/get-funding-asset").body, Json::array());
    (void)call("POST", "/sapi/v1/asset/transfer", "type=MAIN_FUNDING&asset=USDT&amount=7");
    const Json rows = call("POST", "/sapi/v1/asset/get-funding-asset").body;
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0]["free"], "7.00000000");
    EXPECT_EQ(call("GET", "/sapi/v1/account/status").body["data"], "Normal");
}

TEST_F(WalletCalls, ATickerCoversTheWindowThatIsAskedFor) {
    world.place(world.limit(1, Side::Sell, 100, 400));
    world.place(world.limit(0, Side::Buy, 100, 400));
    step(Nanos::seconds(120));
    const auto ticker = [&](const std::string& query) {
        return call("GET", "/api/v3/ticker", query, false).body;
    };
    EXPECT_EQ(ticker("symbol=BTCUSDT")["count"], 1);
    EXPECT_EQ(ticker("symbol=BTCUSDT&windowSize=1m")["count"], 0);
    EXPECT_EQ(ticker("symbol=BTCUSDT&windowSize=1h")["volume"], "0.40000000");
    EXPECT_FALSE(ticker("symbol=BTCUSDT&windowSize=1h").contains("bidPrice"));
    EXPECT_FALSE(ticker("symbol=BTCUSDT&type=MINI").contains("priceChange"));
    for (const char* const wrong : {"60m", "24h", "8d", "1w", "0m", "m", "-1m"})
        EXPECT_EQ(ticker(std::string{"symbol=BTCUSDT&windowSize="} + wrong)["code"], -1130)
            << wrong;
    EXPECT_EQ(ticker("")["code"], -1128);
}

TEST_F(WalletCalls, FlagsAreReadAsClientsWriteThem) {
    const std::string order = "symbol=BTCPERP&side=BUY&type=MARKET&quantity=1&reduceOnly=";
    EXPECT_EQ(call("POST", "/fapi/v1/order", order + "maybe").body["code"], -1130);
    EXPECT_EQ(call("POST", "/fapi/v1/order", order + "True").body["code"], -2022);
}

}  // namespace
}  // namespace parallax::sim_binance
