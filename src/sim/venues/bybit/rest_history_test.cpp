// What came in, what went out, what was earned: lists of the past, and what is known of prices.
#include "sim/venues/bybit/front_testing.hpp"

namespace parallax::sim_bybit::testing {
namespace {

using sim_engine::Wallet;

constexpr std::int64_t kStart = 1'767'225'600'000;  // 2026-01-01, the world's begin

FrontSettings with_address() {
    FrontSettings out;
    out.withdrawal_addresses = {"home"};
    return out;
}

/// A front whose KEY0 account has money to withdraw, and a key that may.
struct Treasury : Desk {
    Treasury() : Desk{with_address()} {
        sim_front::ApiKey key;
        key.id = "TREASURER";
        key.secret = kSecret;
        key.permissions = {Permission::Read, Permission::Withdraw};
        key.account = world.accounts[0];
        keys.add(key);
        world.venue.grant(world.accounts[0], Wallet::Funding, world.usdt, Amount::units(1'000));
    }
    void pass(std::int64_t ms) {
        server.time = world.now = server.time + Nanos::millis(ms);
        world.venue.advance(world.now);
        front->advance(world.now);
    }
    [[nodiscard]] Json order(const std::string& amount, const std::string& request = {}) const {
        return {{"coin", "USDT"},      {"chain", "USDT"}, {"address", "home"},
                {"amount", amount},    {"forceChain", 1}, {"timestamp", server.time.millis()},
                {"requestId", request}};
    }
    Json withdraw(const Json& body) { return post("/v5/asset/withdraw/create", body, "TREASURER"); }
    [[nodiscard]] std::string funding() const {
        return world.venue.balance(world.accounts[0], Wallet::Funding, world.usdt).total.text();
    }
    Json rows(const std::string& path, const std::string& query = {}) {
        const Json answer = get(path, query);
        EXPECT_EQ(answer["retCode"], 0) << answer;
        return answer["result"]["rows"];
    }
    Json list(const std::string& path, const std::string& query = {},
              const std::string& key = "KEY0") {
        const Json answer = get(path, query, key);
        EXPECT_EQ(answer["retCode"], 0) << answer;
        return answer["result"]["list"];
    }
    /// The second account offers, the first takes it at the market.
    void trade(const std::string& category, const std::string& side, const std::string& price,
               const std::string& qty) {
        const std::string other = side == "Buy" ? "Sell" : "Buy";
        const Json made = create(limit(category, other, price, qty), "KEY1");
        EXPECT_EQ(made["retCode"], 0) << made;
        const Json taken = create(limit(category, side, price, qty, "IOC"), "KEY0");
        EXPECT_EQ(taken["retCode"], 0) << taken;
    }
};

TEST(BybitDeposits, ArePendingThenDoneAndOneSeesItsOwn) {
    Treasury d;
    const std::string path = "/v5/asset/deposit/query-record";
    EXPECT_TRUE(d.rows(path).empty());
    const auto first = d.world.venue.deposit(d.world.accounts[0], Wallet::Funding, d.world.usdt,
                                             *Amount::parse("12.5"), d.world.now);
    ASSERT_TRUE(first);
    const std::string id = std::to_string(first->raw());
    Json row = d.rows(path).at(0);
    EXPECT_EQ(row["id"], id);
    EXPECT_EQ(row["coin"], "USDT");
    EXPECT_EQ(row["amount"], "12.5");
    EXPECT_EQ(row["status"], 1);
    EXPECT_EQ(row["successAt"], std::to_string(kStart));
    EXPECT_EQ(row["confirmations"], "0");
    d.pass(60'000);
    row = d.rows(path).at(0);
    EXPECT_EQ(row["status"], 3);
    EXPECT_EQ(row["successAt"], std::to_string(kStart + 60'000));
    EXPECT_EQ(d.funding(), "1012.5");
    ASSERT_TRUE(d.world.venue.deposit(d.world.accounts[0], Wallet::Trading, d.world.btc,
                                      Amount::units(1), d.world.now));
    EXPECT_EQ(d.rows(path).size(), 2U);
    EXPECT_EQ(d.rows(path).at(0)["coin"], "BTC");  // newest first
    EXPECT_EQ(d.rows(path, "coin=USDT").at(0)["id"], id);
    EXPECT_EQ(d.rows(path, "coin=BTC&id=" + id).at(0)["coin"], "USDT");  // the id goes first
    EXPECT_TRUE(d.rows(path, "txID=nothing").empty());
    const Json page = d.get(path, "limit=1")["result"];
    EXPECT_EQ(page["rows"].at(0)["coin"], "BTC");
    const std::string cursor = page["nextPageCursor"];
    const Json next = d.get(path, "limit=1&cursor=" + cursor)["result"];
    EXPECT_EQ(next["rows"].at(0)["coin"], "USDT");
    EXPECT_EQ(next["nextPageCursor"], "");
    EXPECT_TRUE(d.get(path, "", "KEY1")["result"]["rows"].empty());
    EXPECT_EQ(d.rows(path, "endTime=" + std::to_string(kStart + 1)).size(), 1U);
    EXPECT_TRUE(d.rows(path, "startTime=" + std::to_string(kStart + 61'000)).empty());
    EXPECT_EQ(d.get(path, "limit=0")["retCode"], 10001);
    EXPECT_EQ(d.get(path, "startTime=abc")["retCode"], 10001);
    EXPECT_EQ(d.get(path, "startTime=0&endTime=" + std::to_string(kStart))["retCode"], 10001);
    EXPECT_EQ(d.get(path, "startTime=5&endTime=4")["retCode"], 10001);
}

TEST(BybitWithdrawals, NeedTheirPermissionAnAddressMoneyAndTime) {
    Treasury d;
    const std::string path = "/v5/asset/withdraw/create";
    EXPECT_EQ(d.post(path, d.order("10"), "KEY0")["retCode"], 10005);
    const auto with = [&](const char* name, Json value) {
        Json body = d.order("10");
        body[name] = std::move(value);
        d.pass(1'000);
        return d.withdraw(body)["retCode"].get<int>();
    };
    EXPECT_EQ(with("address", "elsewhere"), 131093);
    EXPECT_EQ(with("address", ""), 10001);
    EXPECT_EQ(with("coin", "NOPE"), 10001);
    EXPECT_EQ(with("chain", "ETH"), 10001);
    EXPECT_EQ(with("timestamp", nullptr), 10001);
    EXPECT_EQ(with("accountType", "SPOT"), 10001);
    EXPECT_EQ(with("forceChain", 2), 10001);
    EXPECT_EQ(with("feeType", 7), 10001);
    EXPECT_EQ(with("requestId", "a b"), 10001);
    EXPECT_EQ(with("amount", "-1"), 10001);
    EXPECT_EQ(with("amount", "0.001"), 131096);
    EXPECT_EQ(with("amount", "1000"), 131085);  // the fee comes on top
    EXPECT_EQ(d.funding(), "1000");
    EXPECT_TRUE(d.rows("/v5/asset/withdraw/query-record").empty());
}

TEST(BybitWithdrawals, AreOnceARequestPendingThenDone) {
    Treasury d;
    const std::string list = "/v5/asset/withdraw/query-record";
    const Json made = d.withdraw(d.order("100", "req1"));
    ASSERT_EQ(made["retCode"], 0) << made;
    const std::string id = made["result"]["id"];
    EXPECT_EQ(d.withdraw(d.order("100", "req1"))["result"]["id"], id);
    EXPECT_EQ(d.funding(), "899.999");
    EXPECT_EQ(d.withdraw(d.order("100", "req2"))["retCode"], 10006);  // one in ten seconds
    Json row = d.rows(list).at(0);
    EXPECT_EQ(row["withdrawId"], id);
    EXPECT_EQ(row["status"], "Pending");
    EXPECT_EQ(row["amount"], "100");
    EXPECT_EQ(row["withdrawFee"], "0.001");
    EXPECT_EQ(row["toAddress"], "home");
    EXPECT_EQ(row["txID"], "");
    EXPECT_EQ(row["createTime"], std::to_string(kStart));
    d.pass(120'000);
    row = d.rows(list).at(0);
    EXPECT_EQ(row["status"], "success");
    EXPECT_NE(row["txID"], "");
    EXPECT_EQ(row["updateTime"], std::to_string(kStart + 120'000));
    EXPECT_EQ(d.post("/v5/asset/withdraw/cancel", {{"id", id}}, "TREASURER")["result"]["status"],
              0);
    // The fee out of the amount, and back again.
    Json body = d.order("50", "req3");
    body["feeType"] = 1;
    const Json second = d.withdraw(body);
    ASSERT_EQ(second["retCode"], 0) << second;
    EXPECT_EQ(d.funding(), "849.999");
    EXPECT_EQ(d.rows(list, "limit=1").at(0)["amount"], "49.999");
    const Json cancelled =
        d.post("/v5/asset/withdraw/cancel", {{"id", second["result"]["id"]}}, "TREASURER");
    EXPECT_EQ(cancelled["result"]["status"], 1);
    EXPECT_EQ(d.funding(), "899.999");
    EXPECT_EQ(d.rows(list).at(0)["status"], "CancelByUser");
    EXPECT_EQ(d.rows(list, "withdrawID=" + id).at(0)["status"], "success");
    EXPECT_EQ(d.rows(list, "coin=USDT").size(), 2U);
    EXPECT_TRUE(d.rows(list, "coin=BTC").empty());
    EXPECT_TRUE(d.rows(list, "withdrawType=1").empty());
    EXPECT_EQ(d.rows(list, "withdrawType=2").size(), 2U);
    EXPECT_EQ(d.get(list, "withdrawType=3")["retCode"], 10001);
    EXPECT_EQ(d.post("/v5/asset/withdraw/cancel", {{"id", "999"}}, "TREASURER")["retCode"], 10001);
}

TEST(BybitWithdrawals, TheOldestRequestIsForgottenAfterManyMore) {
    Treasury d;
    const auto id_of = [&](const std::string& request) {
        d.pass(10'000);
        const Json answer = d.withdraw(d.order("0.002", request));
        EXPECT_EQ(answer["retCode"], 0) << answer;
        return answer["result"]["id"].get<std::string>();
    };
    const std::string first = id_of("r0"), second = id_of("r1");
    for (int i = 2; i < 4'096; ++i) (void)id_of("r" + std::to_string(i));
    EXPECT_EQ(id_of("r0"), first);
    (void)id_of("r4096");
    EXPECT_EQ(id_of("r1"), second);
    EXPECT_NE(id_of("r0"), first);
}

/// Each line's balance is that of the line before plus its change; the last is the wallet's.
void expect_chain(const Treasury& d, const Json& newest_first) {
    std::map<std::string, Amount> after;
    for (const Json& row : newest_first) {
        const std::string coin = row["currency"];
        const Amount balance = *Amount::parse(row["cashBalance"].get<std::string>());
        const auto known = after.find(coin);
        const AssetId asset = *d.world.venue.find_asset(coin);
        const Amount expected =
            known == after.end()
                ? d.world.venue.balance(d.world.accounts[0], Wallet::Trading, asset).total
                : known->second;
        EXPECT_EQ(balance.text(), expected.text()) << row;
        after[coin] = balance - *Amount::parse(row["change"].get<std::string>());
    }
}

TEST(BybitTransactionLog, HasEveryChangeAndTheBalanceAfterIt) {
    Treasury d;
    const std::string path = "/v5/account/transaction-log";
    EXPECT_TRUE(d.list(path).empty());
    d.trade("spot", "Buy", "100", "2");
    d.trade("linear", "Buy", "100", "3");
    d.pass(1'000);
    d.trade("linear", "Sell", "101", "1");
    ASSERT_EQ(d.post("/v5/asset/transfer/inter-transfer",
                     {{"transferId", "42c0cfb0-6bca-c242-bc76-4e6df6cbab16"},
                      {"coin", "USDT"},
                      {"amount", "7"},
                      {"fromAccountType", "UNIFIED"},
                      {"toAccountType", "FUND"}})["retCode"],
              0);
    d.pass(8 * 3'600'000);  // a funding
    const Json rows = d.list(path, "limit=50");
    ASSERT_EQ(rows.size(), 6U) << rows;
    expect_chain(d, rows);
    EXPECT_EQ(rows[0]["type"], "SETTLEMENT");
    EXPECT_EQ(rows[0]["side"], "Buy");
    EXPECT_EQ(rows[0]["size"], "2");
    EXPECT_EQ(rows[0]["change"], rows[0]["funding"]);
    EXPECT_EQ(rows[1]["type"], "TRANSFER_OUT");
    EXPECT_EQ(rows[1]["cashFlow"], "-7");
    EXPECT_EQ(rows[1]["category"], "");
    EXPECT_EQ(rows[2]["type"], "TRADE");
    EXPECT_EQ(rows[2]["side"], "Sell");
    EXPECT_EQ(rows[2]["qty"], "1");
    EXPECT_EQ(rows[2]["size"], "2");
    EXPECT_EQ(rows[2]["cashFlow"], "1");
    EXPECT_EQ(rows[2]["fee"], "0.05555");
    EXPECT_EQ(rows[2]["change"], "0.94445");
    EXPECT_EQ(rows[2]["feeRate"], "0.00055");
    EXPECT_EQ(rows[3]["size"], "3");
    EXPECT_EQ(rows[3]["cashFlow"], "0");
    const Json quote = d.list(path, "category=spot&currency=USDT").at(0);
    EXPECT_EQ(quote["qty"], "-200");
    EXPECT_EQ(quote["fee"], "0");
    const Json base = d.list(path, "category=spot&currency=BTC").at(0);
    EXPECT_EQ(base["qty"], "2");
    EXPECT_EQ(base["fee"], "0.002");  // what is bought pays
    EXPECT_EQ(base["change"], "1.998");
    EXPECT_NE(base["id"], quote["id"]);
    EXPECT_EQ(d.list("/v5/execution/list", "category=spot").at(0)["execId"], base["tradeId"]);
    EXPECT_EQ(d.list(path, "type=TRADE").size(), 4U);
    EXPECT_EQ(d.list(path, "baseCoin=BTC").size(), 5U);
    EXPECT_TRUE(d.list(path, "category=option").empty());
    EXPECT_EQ(d.list(path, "endTime=" + std::to_string(kStart + 500)).size(), 3U);
    EXPECT_EQ(d.get(path, "category=none")["retCode"], 10001);
    EXPECT_EQ(d.get(path, "accountType=FUND")["retCode"], 10001);
    EXPECT_EQ(d.get(path, "startTime=0&endTime=" + std::to_string(kStart))["retCode"], 10001);
    const Json page = d.get(path, "limit=4")["result"];
    EXPECT_EQ(d.list(path, "limit=4&cursor=" + page["nextPageCursor"].get<std::string>()).size(),
              2U);
}

TEST(BybitTransactionLog, ALiquidationsFeeIsALineOfItsOwn) {
    Treasury d;
    d.trade("linear", "Buy", "100", "900");
    ASSERT_EQ(d.post("/v5/position/set-leverage", {{"category", "linear"},
                                                   {"symbol", "BTCPERP"},
                                                   {"buyLeverage", "50"},
                                                   {"sellLeverage", "50"}})["retCode"],
              0);
    ASSERT_TRUE(d.world.venue.transfer(d.world.accounts[0], Wallet::Trading, Wallet::Funding,
                                       d.world.usdt, Amount::units(990'000), d.world.now));
    // An order whose end changes another coin in the same moment.
    ASSERT_EQ(d.create(d.limit("spot", "Sell", "120", "3"))["retCode"], 0);
    d.pass(1'000);
    d.world.venue.set_index(d.world.perpetual, d.world.price(89.5), d.world.now);
    d.pass(1'000);
    const Json rows = d.list("/v5/account/transaction-log", "currency=USDT");
    expect_chain(d, rows);
    EXPECT_EQ(rows.at(0)["type"], "LIQUIDATION") << rows;
    EXPECT_EQ(rows.at(1)["type"], "TRADE");
    EXPECT_EQ(rows.at(1)["size"], "0");
    EXPECT_EQ(d.list("/v5/position/closed-pnl", "category=linear").at(0)["execType"], "BustTrade");
}

TEST(BybitClosedPnl, IsAfterTheFeesOfBothEnds) {
    Treasury d;
    const std::string path = "/v5/position/closed-pnl", linear = "category=linear";
    d.trade("linear", "Buy", "100", "2");
    EXPECT_TRUE(d.list(path, linear).empty());
    d.pass(1'000);
    d.trade("linear", "Sell", "104", "0.5");
    d.pass(1'000);
    d.trade("linear", "Sell", "104", "2.5");  // closes what is left and goes short
    const Json rows = d.list(path, linear + "&symbol=BTCPERP");
    ASSERT_EQ(rows.size(), 2U) << rows;
    EXPECT_EQ(rows[1]["closedSize"], "0.5");
    EXPECT_EQ(rows[1]["side"], "Sell");
    EXPECT_EQ(rows[1]["qty"], "0.5");
    EXPECT_EQ(rows[1]["cumEntryValue"], "50");
    EXPECT_EQ(rows[1]["cumExitValue"], "52");
    EXPECT_EQ(rows[1]["avgEntryPrice"], "100");
    EXPECT_EQ(rows[1]["avgExitPrice"], "104");
    EXPECT_EQ(rows[1]["openFee"], "0.0275");   // a quarter of 0.11
    EXPECT_EQ(rows[1]["closeFee"], "0.0286");  // 52 x 0.055 %
    EXPECT_EQ(rows[1]["closedPnl"], "1.9439");
    EXPECT_EQ(rows[0]["closedSize"], "1.5");
    EXPECT_EQ(rows[0]["qty"], "2.5");
    EXPECT_EQ(rows[0]["openFee"], "0.0825");
    EXPECT_EQ(rows[0]["closeFee"], "0.0858");  // 1.5 of the 2.5
    EXPECT_EQ(rows[0]["closedPnl"], "5.8317");
    EXPECT_EQ(rows[0]["fillCount"], "1");
    EXPECT_EQ(rows[0]["createdTime"], std::to_string(kStart + 2'000));
    const Json other = d.list(path, linear, "KEY1");
    ASSERT_EQ(other.size(), 2U);
    EXPECT_EQ(other[1]["side"], "Buy");
    EXPECT_EQ(other[1]["closedSize"], "0.5");
    EXPECT_LT(std::stod(other[1]["closedPnl"].get<std::string>()), -2.0);
    EXPECT_EQ(d.list(path, linear + "&endTime=" + std::to_string(kStart + 1'500)).size(), 1U);
    EXPECT_TRUE(d.list(path, "category=inverse").empty());
    EXPECT_EQ(d.get(path, "category=spot")["retCode"], 10001);
    EXPECT_EQ(d.get(path, linear + "&symbol=NOPE")["retCode"], 10001);
}

TEST(BybitPrices, MarksAndIndicesHaveCandlesAndInterestItsSamples) {
    Treasury d;
    const auto ask = [&](const std::string& path, const std::string& query) {
        return d.ask(Desk::plain("/v5/market/" + path, query));
    };
    const auto index = [&](double price) {
        d.world.venue.set_index(d.world.perpetual, d.world.price(price), d.world.now);
    };
    d.pass(10'000);
    index(104);
    d.pass(10'000);
    index(98);
    d.trade("linear", "Buy", "100", "2");
    d.pass(100'000);  // the next minute is flat, this one begins where it ended
    index(99);
    d.pass(1'000);
    const std::string linear = "category=linear&symbol=BTCPERP";
    const Json rows = ask("index-price-kline", linear + "&interval=1")["result"]["list"];
    ASSERT_EQ(rows.size(), 3U) << rows;
    EXPECT_EQ(rows[2], Json::array({std::to_string(kStart), "100.0", "104.0", "98.0", "98.0"}));
    EXPECT_EQ(rows[1],
              Json::array({std::to_string(kStart + 60'000), "98.0", "98.0", "98.0", "98.0"}));
    EXPECT_EQ(rows[0],
              Json::array({std::to_string(kStart + 120'000), "98.0", "99.0", "98.0", "99.0"}));
    const Json whole = ask("index-price-kline", linear + "&interval=5")["result"];
    EXPECT_EQ(whole["symbol"], "BTCPERP");
    EXPECT_EQ(
        whole["list"],
        Json::array({Json::array({std::to_string(kStart), "100.0", "104.0", "98.0", "99.0"})}));
    const Json marks = ask("mark-price-kline", linear + "&interval=5")["result"]["list"];
    ASSERT_EQ(marks.size(), 1U);
    EXPECT_EQ(std::stod(marks[0][4].get<std::string>()),
              std::stod(d.world.venue.listing(d.world.perpetual)
                            .text(d.world.venue.desk(d.world.perpetual).mark)));
    const Json premiums =
        ask("premium-index-price-kline", linear + "&interval=5")["result"]["list"];
    ASSERT_EQ(premiums.size(), 1U);
    EXPECT_NEAR(std::stod(premiums[0][4].get<std::string>()),
                std::stod(marks[0][4].get<std::string>()) / 99 - 1, 1e-8);
    EXPECT_EQ(ask("mark-price-kline", linear + "&interval=1&limit=1")["result"]["list"].size(), 1U);
    EXPECT_TRUE(ask("mark-price-kline", linear + "&interval=1&start=" +
                                            std::to_string(kStart + 200'000))["result"]["list"]
                    .empty());
    EXPECT_EQ(ask("mark-price-kline", linear + "&interval=7")["retCode"], 10001);
    EXPECT_EQ(ask("mark-price-kline", "category=spot&symbol=BTCUSDT&interval=1")["retCode"], 10001);

    d.pass(300'000);
    index(99);
    d.pass(1);
    const std::string every = linear + "&intervalTime=5min";
    const Json open = ask("open-interest", every)["result"];
    EXPECT_EQ(open["symbol"], "BTCPERP");
    ASSERT_EQ(open["list"].size(), 2U) << open;
    EXPECT_EQ(open["list"][0]["openInterest"], "2.000");
    EXPECT_EQ(open["list"][0]["timestamp"], std::to_string(kStart + 300'000));
    EXPECT_EQ(open["list"][1]["openInterest"], "0");
    EXPECT_EQ(ask("open-interest", linear + "&intervalTime=1h")["result"]["list"].size(), 1U);
    EXPECT_EQ(ask("open-interest", every + "&limit=1")["result"]["nextPageCursor"], "1");
    EXPECT_EQ(ask("open-interest", linear + "&intervalTime=7min")["retCode"], 10001);
    EXPECT_EQ(ask("open-interest", "category=spot&symbol=BTCUSDT&intervalTime=5min")["retCode"],
              10001);
}

TEST(BybitTerms, RiskTiersCollateralAndLoans) {
    Treasury d;
    const Json tiers =
        d.ask(Desk::plain("/v5/market/risk-limit", "category=linear"))["result"]["list"];
    ASSERT_EQ(tiers.size(), 1U);
    EXPECT_EQ(tiers[0]["symbol"], "BTCPERP");
    EXPECT_EQ(tiers[0]["maintenanceMargin"], "0.01");
    EXPECT_EQ(tiers[0]["initialMargin"], "0.02");
    EXPECT_EQ(tiers[0]["maxLeverage"], "50.00");
    EXPECT_EQ(d.ask(Desk::plain("/v5/market/risk-limit", "category=spot"))["retCode"], 10001);
    EXPECT_EQ(d.ask(Desk::plain("/v5/market/risk-limit", "category=linear&symbol=NOPE"))["retCode"],
              10001);
    const Json usdt = d.list("/v5/account/collateral-info", "currency=USDT");
    ASSERT_EQ(usdt.size(), 1U);
    EXPECT_EQ(usdt[0]["marginCollateral"], true);
    EXPECT_EQ(usdt[0]["borrowable"], false);
    EXPECT_EQ(d.list("/v5/account/collateral-info", "currency=BTC")[0]["marginCollateral"], false);
    EXPECT_EQ(d.get("/v5/account/collateral-info", "currency=NOPE")["retCode"], 10001);
    EXPECT_TRUE(d.list("/v5/account/borrow-history").empty());
    EXPECT_EQ(d.get("/v5/account/borrow-history", "limit=x")["retCode"], 10001);
}

}  // namespace
}  // namespace parallax::sim_bybit::testing
