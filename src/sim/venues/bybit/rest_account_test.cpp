// What an account and its money may do, what its margin is, and who holds the perpetuals.
#include "sim/venues/bybit/front_testing.hpp"

namespace parallax::sim_bybit::testing {
namespace {

using sim_engine::Wallet;

constexpr std::int64_t kStart = 1'767'225'600'000;  // 2026-01-01, the world's begin

struct Office : Desk {
    Json ask_market(const std::string& path, const std::string& query) {
        return ask(Desk::plain("/v5/market/" + path, query));
    }
    /// The account buys from the second one, at 100.
    void buy(std::size_t account, std::int64_t thousandths) {
        const auto order = [&](std::size_t who, Side side) {
            return world.on_perpetual(world.limit(who, side, 100, thousandths));
        };
        ASSERT_TRUE(world.venue.place(order(1, Side::Sell), world.now));
        ASSERT_TRUE(world.venue.place(order(account, Side::Buy), world.now));
    }
    void mark_after(std::int64_t ms) {
        wait(ms);
        world.venue.set_index(world.perpetual, world.price(100), world.now);
        wait(1);
    }
};

TEST(BybitDepositAddress, IsOnePerAccountAndCoinAndStaysTheSame) {
    Desk d;
    const std::string path = "/v5/asset/deposit/query-address";
    const Json usdt = d.get(path, "coin=USDT")["result"];
    EXPECT_EQ(usdt["coin"], "USDT");
    ASSERT_EQ(usdt["chains"].size(), 1U);
    EXPECT_EQ(usdt["chains"][0]["chain"], "USDT");
    EXPECT_EQ(usdt["chains"][0]["chainType"], "USDT");
    const std::string address = usdt["chains"][0]["addressDeposit"];
    EXPECT_TRUE(address.starts_with("simulated-")) << address;
    EXPECT_EQ(d.get(path, "coin=USDT&chainType=USDT")["result"], usdt);
    EXPECT_NE(d.get(path, "coin=BTC")["result"]["chains"][0]["addressDeposit"], address);
    EXPECT_NE(d.get(path, "coin=USDT", "KEY1")["result"]["chains"][0]["addressDeposit"], address);
    EXPECT_EQ(d.get(path)["retCode"], 10001);
    EXPECT_EQ(d.get(path, "coin=NOPE")["retCode"], 10001);
    EXPECT_EQ(d.get(path, "coin=USDT&chainType=ETH")["retCode"], 10001);
    ASSERT_TRUE(d.world.venue.deposit(d.world.accounts[0], Wallet::Funding, d.world.usdt,
                                      Amount::units(1), d.world.now));
    EXPECT_EQ(d.get("/v5/asset/deposit/query-record")["result"]["rows"][0]["toAddress"], address);
}

TEST(BybitFees, WithoutACategoryAreThoseOfDerivatives) {
    Desk d;
    const std::string path = "/v5/account/fee-rate";
    const Json all = d.get(path)["result"];
    ASSERT_EQ(all["list"].size(), 1U);
    EXPECT_EQ(all["list"][0]["symbol"], "BTCPERP");
    EXPECT_EQ(all["list"][0]["takerFeeRate"], "0.00055");
    EXPECT_FALSE(all.contains("category"));
    EXPECT_EQ(d.get(path, "symbol=BTCPERP")["result"], all);
    EXPECT_EQ(d.get(path, "category=linear")["result"], all);
    const Json spot = d.get(path, "category=spot&symbol=BTCUSDT")["result"];
    EXPECT_EQ(spot["category"], "spot");
    EXPECT_EQ(spot["list"][0]["takerFeeRate"], "0.001");
    d.wait(1'100);
    EXPECT_TRUE(d.get(path, "category=option&baseCoin=BTC")["result"]["list"].empty());
    EXPECT_TRUE(d.get(path, "category=inverse")["result"]["list"].empty());
    EXPECT_EQ(d.get(path, "category=margin")["retCode"], 10001);
    EXPECT_EQ(d.get(path, "symbol=BTCUSDT")["retCode"], 10001);
}

TEST(BybitMarket, TheRatioCountsAccountsThatHoldThePerpetual) {
    Office d;
    const std::string linear = "category=linear&symbol=BTCPERP", path = "account-ratio";
    d.mark_after(1'000);  // nobody holds anything: no ratio
    EXPECT_TRUE(d.ask_market(path, linear + "&period=5min")["result"]["list"].empty());
    d.buy(0, 5'000);
    d.buy(2, 1'000);
    d.mark_after(300'000);
    const Json rows = d.ask_market(path, linear + "&period=5min")["result"]["list"];
    ASSERT_EQ(rows.size(), 1U) << rows;
    EXPECT_EQ(rows[0]["symbol"], "BTCPERP");
    EXPECT_EQ(rows[0]["buyRatio"], "0.6667");  // two of three, whatever they hold
    EXPECT_EQ(rows[0]["sellRatio"], "0.3333");
    EXPECT_EQ(rows[0]["timestamp"], std::to_string(kStart + 300'000));
    d.buy(3, 1'000);
    d.mark_after(300'000);
    const Json page = d.ask_market(path, linear + "&period=5min&limit=1")["result"];
    EXPECT_EQ(page["list"][0]["buyRatio"], "0.75");  // newest first
    EXPECT_EQ(page["nextPageCursor"], "1");
    EXPECT_EQ(d.ask_market(path, linear + "&period=5min&endTime=" +
                                     std::to_string(kStart + 599'999))["result"]["list"],
              rows);
    // The first sample of the hour is of when nobody held any.
    EXPECT_TRUE(d.ask_market(path, linear + "&period=1h")["result"]["list"].empty());
    EXPECT_EQ(d.ask_market(path, linear)["retCode"], 10001);
    EXPECT_EQ(d.ask_market(path, linear + "&period=2h")["retCode"], 10001);
    EXPECT_EQ(d.ask_market(path, linear + "&period=1h&limit=0")["retCode"], 10001);
    EXPECT_EQ(d.ask_market(path, "category=linear&period=1h")["retCode"], 10001);
    EXPECT_EQ(d.ask_market(path, "category=spot&symbol=BTCUSDT&period=1h")["retCode"], 10001);
}

TEST(BybitMarket, InsuranceIsTheEnginesFund) {
    Office d;
    d.world.venue.grant_insurance(d.world.usdt, Amount::units(50));
    const Json fund = d.ask_market("insurance", "")["result"];
    EXPECT_EQ(fund["updatedTime"], std::to_string(kStart));
    ASSERT_EQ(fund["list"].size(), 1U) << fund;
    EXPECT_EQ(fund["list"][0]["coin"], "USDT");
    EXPECT_EQ(fund["list"][0]["symbols"], "BTCPERP");
    EXPECT_EQ(fund["list"][0]["balance"], "50");
    EXPECT_EQ(fund["list"][0]["value"], "50");
    EXPECT_TRUE(d.ask_market("insurance", "coin=BTC")["result"]["list"].empty());
    EXPECT_EQ(d.ask_market("insurance", "coin=NOPE")["retCode"], 10001);
}

TEST(BybitMarket, NothingIsDeliveredAndNothingAnnounced) {
    Office d;
    for (const std::string category : {"linear", "inverse", "option"}) {
        const Json out = d.ask_market("delivery-price", "category=" + category)["result"];
        EXPECT_EQ(out["category"], category);
        EXPECT_EQ(out["list"], Json::array());
        EXPECT_EQ(d.get("/v5/asset/delivery-record", "category=" + category)["result"], out);
    }
    EXPECT_EQ(d.ask_market("delivery-price", "category=spot")["retCode"], 10001);
    EXPECT_EQ(d.ask_market("delivery-price", "category=linear&symbol=NOPE")["retCode"], 10001);
    EXPECT_EQ(d.ask_market("delivery-price", "category=linear&limit=x")["retCode"], 10001);
    EXPECT_EQ(d.get("/v5/asset/delivery-record")["retCode"], 10001);
    const std::string news = "/v5/announcements/index";
    EXPECT_EQ(d.ask(Desk::plain(news, "locale=en-US"))["result"]["total"], 0);
    EXPECT_EQ(d.ask(Desk::plain(news))["retCode"], 10001);
}

TEST(BybitBalances, OfOneCoinSayWhatCanLeave) {
    Desk d;
    const std::string path = "/v5/asset/transfer/query-account-coin-balance";
    d.world.venue.grant(d.world.accounts[0], Wallet::Funding, d.world.btc, Amount::units(3));
    EXPECT_EQ(d.create(d.limit("spot", "Buy", "90", "2"))["retCode"], 0);
    const Json trading = d.get(path, "accountType=UNIFIED&coin=USDT")["result"];
    EXPECT_EQ(trading["accountType"], "UNIFIED");
    EXPECT_EQ(trading["balance"]["coin"], "USDT");
    EXPECT_EQ(trading["balance"]["walletBalance"], "1000000");
    EXPECT_EQ(trading["balance"]["transferBalance"], "999820");  // 180 are held
    EXPECT_EQ(trading["balance"]["transferSafeAmount"], "");
    EXPECT_EQ(
        d.get(
            path,
            "accountType=FUND&coin=BTC&withTransferSafeAmount=1&memberId=" +
                trading["memberId"].get<std::string>())["result"]["balance"]["transferSafeAmount"],
        "3");
    EXPECT_EQ(d.get(path, "accountType=FUND")["retCode"], 10001);
    d.wait(1'100);
    EXPECT_EQ(d.get(path, "accountType=SPOT&coin=BTC")["retCode"], 10001);
    EXPECT_EQ(d.get(path, "accountType=FUND&coin=BTC&memberId=1")["retCode"], 10001);
    EXPECT_EQ(d.get("/v5/asset/transfer/query-account-coins-balance",
                    "accountType=FUND&memberId=1")["retCode"],
              10001);
    const std::string out = "/v5/asset/withdraw/withdrawable-amount";
    const Json usdt = d.get(out, "coin=USDT")["result"]["withdrawableAmount"];
    EXPECT_EQ(usdt["UTA"]["withdrawableAmount"], "999820");
    EXPECT_EQ(usdt["FUND"]["availableBalance"], "0");
    EXPECT_EQ(d.get(out)["retCode"], 10001);
}

TEST(BybitBalances, CoinsToTransferAndToTrade) {
    Desk d;
    const std::string coins = "/v5/asset/transfer/query-transfer-coin-list";
    EXPECT_EQ(d.get(coins, "fromAccountType=FUND&toAccountType=UNIFIED")["result"]["list"],
              Json::array({"BTC", "USDT"}));
    EXPECT_EQ(d.get(coins, "fromAccountType=FUND&toAccountType=FUND")["retCode"], 10001);
    EXPECT_EQ(d.get(coins, "fromAccountType=FUND")["retCode"], 10001);

    const std::string quota = "/v5/order/spot-borrow-check", spot = "category=spot&symbol=BTCUSDT";
    EXPECT_EQ(d.create(d.limit("spot", "Sell", "110", "1.5"))["retCode"], 0);
    d.world.venue.grant(d.world.accounts[0], Wallet::Trading, d.world.btc,
                        *Amount::parse("0.00019"));
    const Json sell = d.get(quota, spot + "&side=Sell")["result"];
    EXPECT_EQ(sell["spotMaxTradeQty"], "998.5001");  // four digits, less what is held
    EXPECT_EQ(sell["maxTradeQty"], sell["spotMaxTradeQty"]);
    EXPECT_EQ(sell["spotMaxTradeAmount"], "1000000");
    EXPECT_EQ(sell["borrowCoin"], "BTC");
    EXPECT_EQ(d.get(quota, spot + "&side=Buy")["result"]["borrowCoin"], "USDT");
    EXPECT_EQ(d.get(quota, spot)["retCode"], 10001);
    EXPECT_EQ(d.get(quota, "category=linear&symbol=BTCPERP&side=Buy")["retCode"], 10001);
    EXPECT_EQ(d.get(quota, "category=spot&symbol=NOPE&side=Buy")["retCode"], 170121);
}

TEST(BybitMargin, IsCrossedAndNothingHasTriggers) {
    Desk d;
    const auto mode = [&](const Json& body, const std::string& key = "KEY0") {
        return d.post("/v5/account/set-margin-mode", body, key);
    };
    const Json same = mode({{"setMarginMode", "REGULAR_MARGIN"}});
    EXPECT_EQ(same["retCode"], 0);
    EXPECT_EQ(same["result"]["reasons"], Json::array());
    EXPECT_EQ(mode({{"setMarginMode", "ISOLATED_MARGIN"}})["retCode"], 3400045);
    EXPECT_EQ(mode({{"setMarginMode", "PORTFOLIO_MARGIN"}})["retCode"], 3400045);
    EXPECT_EQ(mode(Json::object())["retCode"], 10001);
    EXPECT_EQ(mode({{"setMarginMode", "REGULAR_MARGIN"}}, "READER")["retCode"], 10005);
    EXPECT_EQ(d.get("/v5/account/info")["result"]["marginMode"], "REGULAR_MARGIN");

    const Json linear = {{"category", "linear"}, {"symbol", "BTCPERP"}};
    const Json none = {{"category", "linear"}, {"symbol", "NOPE"}};
    const Json spot = {{"category", "spot"}, {"symbol", "BTCUSDT"}};
    EXPECT_EQ(d.post("/v5/position/switch-isolated", linear)["retCode"], 100028);
    for (const std::string path : {"set-auto-add-margin", "add-margin"}) {
        EXPECT_EQ(d.post("/v5/position/" + path, linear)["retCode"], 110015) << path;
        EXPECT_EQ(d.post("/v5/position/" + path, none)["retCode"], 10001) << path;
        EXPECT_EQ(d.post("/v5/position/" + path, spot)["retCode"], 10001) << path;
    }
    Json stop = linear;
    stop["stopLoss"] = "90";
    const Json refused = d.post("/v5/position/trading-stop", stop);
    EXPECT_EQ(refused["retCode"], 10001);
    EXPECT_NE(refused["retMsg"].get<std::string>().find("not supported"), std::string::npos);
}

}  // namespace
}  // namespace parallax::sim_bybit::testing
