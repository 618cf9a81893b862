// Prices that are told and not traded, terms of positions, and the funding account's book.
#include "sim/venues/okx/okx_testing.hpp"

namespace parallax::sim_okx::testing {
namespace {

using sim_engine::ListingId;
using sim_engine::Wallet;

struct Market : OkxWorld {
    ListingId swap = *venue.find_listing(parallax::Market::Okx, "BTC-USDT-SWAP");
    ListingId spot = *venue.find_listing(parallax::Market::Okx, "BTC-USDT");

    explicit Market(FrontSettings settings = {}) : OkxWorld{std::move(settings)} { index("50000"); }
    void index(const std::string& price) {
        for (const ListingId id : {swap, spot})
            venue.set_index(id, *venue.listing(id).parse_price(price), server.time);
        step(Nanos{});
    }
    [[nodiscard]] std::string at(std::int64_t ms) const {
        return std::to_string(server.time.millis() + ms);
    }
};

TEST(OkxPrices, IndicesAndMarksHaveCandles) {
    Market w;
    w.step(Nanos::seconds(10));
    w.index("50500");
    w.step(Nanos::seconds(1));
    w.index("49900.5");
    w.step(Nanos::seconds(109));  // the minute between is flat
    w.index("50100");
    const auto rows = w.get("market/index-candles", "instId=BTC-USDT").body["data"];
    ASSERT_EQ(rows.size(), 3U) << rows;
    EXPECT_EQ(rows[2], Json::array({w.at(-120'000), "50000", "50500", "49900.5", "49900.5", "1"}));
    EXPECT_EQ(rows[1],
              Json::array({w.at(-60'000), "49900.5", "49900.5", "49900.5", "49900.5", "1"}));
    EXPECT_EQ(rows[0], Json::array({w.at(0), "49900.5", "50100", "49900.5", "50100", "0"}));
    const auto hour = w.get("market/history-index-candles", "instId=BTC-USDT&bar=1H").body["data"];
    EXPECT_EQ(
        hour,
        Json::array({Json::array({w.at(-120'000), "50000", "50500", "49900.5", "50100", "0"})}));
    const auto marks = w.get("market/mark-price-candles", "instId=BTC-USDT-SWAP");
    ASSERT_EQ(marks.body["data"].size(), 3U);
    const std::string mark =
        w.get("public/mark-price", "instType=SWAP&instId=BTC-USDT-SWAP").row()["markPx"];
    EXPECT_EQ(marks.row()[4], mark);
    const auto some = w.get("market/index-candles",
                            "instId=BTC-USDT&after=" + w.at(0) + "&before=" + w.at(-120'000));
    ASSERT_EQ(some.body["data"].size(), 1U);
    EXPECT_EQ(some.row()[0], w.at(-60'000));
    EXPECT_EQ(w.get("market/index-candles", "instId=BTC-USDT&limit=2").body["data"].size(), 2U);
    EXPECT_EQ(w.get("market/index-candles", "instId=BTC-USDT&bar=1s").code(), "51000");
    EXPECT_EQ(w.get("market/index-candles", "instId=BTC-USDT&limit=0").code(), "51000");
    EXPECT_EQ(w.get("market/index-candles").code(), "50014");
    EXPECT_EQ(w.get("market/index-candles", "instId=NO-USDT").code(), "51001");
    EXPECT_EQ(w.get("market/mark-price-candles", "instId=BTC-USDT").code(), "51001");
}

TEST(OkxPrices, OpenInterestIsRemembered) {
    Market w;
    w.index("50000");
    const auto order = [&](const char* side, const std::string& key) {
        return w.post("trade/order",
                      {{"instId", "BTC-USDT-SWAP"},
                       {"tdMode", "cross"},
                       {"side", side},
                       {"ordType", "limit"},
                       {"px", "50000"},
                       {"sz", "3"}},
                      key);
    };
    ASSERT_EQ(order("sell", "key-other").code(), "0");
    ASSERT_EQ(order("buy", "key-me").code(), "0");
    w.step(Nanos::seconds(300));
    w.index("50000");
    const auto history = [&](const std::string& more) {
        return w.get("rubik/stat/contracts/open-interest-history", "instId=BTC-USDT-SWAP" + more);
    };
    const Json rows = history("&period=5m").body["data"];
    ASSERT_EQ(rows.size(), 2U) << rows;
    EXPECT_EQ(rows[0][1], "3") << "newest first";
    EXPECT_EQ(rows[0][2], "0.03");
    EXPECT_EQ(rows[1][1], "0");
    EXPECT_EQ(history("&period=5m&limit=1").body["data"].size(), 1U);
    EXPECT_EQ(history("&begin=" + rows[0][0].get<std::string>()).body["data"].size(), 1U);
    EXPECT_EQ(history("&period=7m").code(), "51000");
    EXPECT_EQ(history("&limit=101").code(), "51000");
    EXPECT_EQ(history("&end=x").code(), "51000");
    EXPECT_EQ(w.get("rubik/stat/contracts/open-interest-history", "instId=BTC-USDT").code(),
              "51001");

    const Json sum =
        w.get("rubik/stat/contracts/open-interest-volume", "ccy=BTC&period=1D").body["data"];
    ASSERT_EQ(sum.size(), 1U) << sum;
    EXPECT_EQ(sum[0][1], rows[0][3]);
    EXPECT_EQ(sum[0][2], "1500");
    EXPECT_EQ(w.get("rubik/stat/contracts/open-interest-volume", "ccy=NO").code(), "51000");
    EXPECT_EQ(w.get("rubik/stat/contracts/open-interest-volume").code(), "50014");

    EXPECT_EQ(w.get("public/mark-price", "instId=BTC-USDT-SWAP").row(),
              w.get("public/mark-price", "instType=SWAP&instId=BTC-USDT-SWAP").row());
    EXPECT_EQ(w.get("public/mark-price").code(), "50014");
    EXPECT_EQ(w.ask("account/bills-archive").body["data"], w.ask("account/bills").body["data"]);
}

TEST(OkxPrices, OpenInterestIsWhatIsOpen) {
    Market w;
    const auto interest = [&] {
        return w.get("public/open-interest", "instType=SWAP&instId=BTC-USDT-SWAP").row();
    };
    EXPECT_EQ(interest()["oi"], "0");
    const auto order = [&](const char* side, const std::string& key) {
        return w.post("trade/order",
                      {{"instId", "BTC-USDT-SWAP"},
                       {"tdMode", "cross"},
                       {"side", side},
                       {"ordType", "limit"},
                       {"px", "50000"},
                       {"sz", "3"}},
                      key);
    };
    ASSERT_EQ(order("sell", "key-other").code(), "0");
    ASSERT_EQ(order("buy", "key-me").code(), "0");
    const Json open = interest();
    EXPECT_EQ(open["oi"], "3");  // contracts of a hundredth
    EXPECT_EQ(open["oiCcy"], "0.03");
    EXPECT_NEAR(std::stod(open["oiUsd"].get<std::string>()), 1'500, 10);
    EXPECT_EQ(w.get("public/open-interest").code(), "50014");
    EXPECT_EQ(w.get("public/open-interest", "instType=SPOT").code(), "51000");
    EXPECT_EQ(w.get("public/open-interest", "instType=SWAP&instId=NO-USDT-SWAP").code(), "51001");
    EXPECT_TRUE(w.get("public/open-interest", "instType=OPTION").body["data"].empty());

    const auto risk = w.ask("account/account-position-risk").row();
    ASSERT_EQ(risk["posData"].size(), 1U);
    EXPECT_EQ(risk["posData"][0]["pos"], "3");
    EXPECT_EQ(risk["posData"][0]["notionalCcy"], "0.03");
    EXPECT_EQ(risk["posData"][0]["mgnMode"], "cross");
    EXPECT_EQ(risk["balData"].size(), 2U);
    EXPECT_TRUE(
        w.ask("account/account-position-risk", "instType=FUTURES").row()["posData"].empty());
    EXPECT_EQ(w.ask("account/account-position-risk", "instType=SPOT").code(), "51000");
}

TEST(OkxTerms, OneTierAndNoLoans) {
    Market w;
    const auto tiers =
        w.get("public/position-tiers", "instType=SWAP&tdMode=cross&instFamily=BTC-USDT,NO-USDT");
    ASSERT_EQ(tiers.body["data"].size(), 1U);
    const sim_engine::Listing& l = w.venue.listing(w.swap);
    EXPECT_EQ(tiers.row()["maxLever"], std::to_string(l.definition.max_leverage));
    EXPECT_EQ(tiers.row()["mmr"], format_decimal(l.maintenance_margin.raw(), 9));
    EXPECT_NEAR(std::stod(tiers.row()["imr"].get<std::string>()) * l.definition.max_leverage, 1.0,
                1e-6);
    EXPECT_EQ(tiers.row()["tier"], "1");
    const std::string swap = "instType=SWAP&tdMode=cross";
    EXPECT_EQ(w.get("public/position-tiers", swap).code(), "50015");
    EXPECT_EQ(w.get("public/position-tiers", swap + "&uly=NO-USDT").code(), "51001");
    EXPECT_TRUE(w.get("public/position-tiers", swap + "&uly=BTC-USDT&tier=2").body["data"].empty());
    EXPECT_EQ(w.get("public/position-tiers", "instType=SWAP&uly=BTC-USDT").code(), "50014");
    EXPECT_EQ(w.get("public/position-tiers", "tdMode=cross").code(), "50014");
    EXPECT_EQ(w.get("public/position-tiers", "instType=SPOT&tdMode=cross").code(), "51000");
    EXPECT_TRUE(w.ask("account/interest-rate").body["data"].empty());
    EXPECT_EQ(w.ask("account/interest-rate", "ccy=NOPE").code(), "51000");
}

TEST(OkxAsset, BillsOfTheFundingAccountAddUp) {
    FrontSettings settings;
    settings.withdrawal_addresses = {"home"};
    Market w{settings};
    EXPECT_TRUE(w.ask("asset/bills").body["data"].empty());
    const AssetId usdt = *w.venue.find_asset("USDT");
    ASSERT_TRUE(w.venue.deposit(w.me, Wallet::Funding, usdt, Amount::units(100), w.server.time));
    w.step(Nanos::seconds(60));
    ASSERT_EQ(
        w.post("asset/transfer",
               {{"ccy", "USDT"}, {"amt", "40"}, {"from", "6"}, {"to", "18"}, {"clientId", "t1"}})
            .code(),
        "0");
    w.step(Nanos::seconds(1));
    ASSERT_EQ(
        w.post("asset/transfer", {{"ccy", "USDT"}, {"amt", "15"}, {"from", "18"}, {"to", "6"}})
            .code(),
        "0");
    w.step(Nanos::seconds(1));
    const auto out = w.post(
        "asset/withdrawal",
        {{"ccy", "USDT"}, {"amt", "30"}, {"dest", "4"}, {"toAddr", "home"}, {"clientId", "w1"}});
    ASSERT_EQ(out.code(), "0");
    w.step(Nanos::seconds(1));
    ASSERT_EQ(w.post("asset/cancel-withdrawal", {{"wdId", out.row()["wdId"]}}).code(), "0");
    w.step(Nanos::seconds(1));
    const Json rows = w.ask("asset/bills").body["data"];
    ASSERT_EQ(rows.size(), 5U) << rows;
    const std::vector<std::vector<std::string>> expected{{"13", "30.0005", "75"},
                                                         {"2", "-30.0005", "44.9995"},
                                                         {"130", "15", "75"},
                                                         {"131", "-40", "60"},
                                                         {"1", "100", "100"}};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i]["type"], expected[i][0]);
        EXPECT_EQ(rows[i]["balChg"], expected[i][1]);
        EXPECT_EQ(rows[i]["bal"], expected[i][2]);
        EXPECT_EQ(rows[i]["ccy"], "USDT");
    }
    EXPECT_EQ(w.ask("asset/bills", "clientId=t1").row()["type"], "131");
    EXPECT_EQ(w.ask("asset/bills", "type=13").row()["clientId"], "w1");
    EXPECT_EQ(w.ask("asset/bills", "ccy=BTC").body["data"].size(), 0U);
    w.step(Nanos::seconds(2));
    const std::string when = rows[2]["ts"];
    EXPECT_EQ(w.ask("asset/bills", "after=" + when).body["data"].size(), 2U);
    EXPECT_EQ(w.ask("asset/bills", "limit=1&before=" + when).body["data"].size(), 1U);
    EXPECT_EQ(w.ask("asset/bills", "ccy=NOPE").code(), "51000");
    EXPECT_TRUE(w.ask("asset/bills", "", "key-other").body["data"].empty());
}

TEST(OkxAsset, ValuationIsInWhatIsAskedFor) {
    Market w;
    // 100,000 USDT and 10 BTC at 50,000.
    const auto dollars = w.ask("asset/asset-valuation", "ccy=USDT");
    ASSERT_EQ(dollars.code(), "0");
    EXPECT_NEAR(std::stod(dollars.row()["totalBal"].get<std::string>()), 600'000, 1);
    EXPECT_EQ(dollars.row()["details"]["funding"], "0.00000000");
    EXPECT_EQ(w.ask("asset/asset-valuation").code(), "50011");  // once a second
    w.step(Nanos::millis(1'100));
    const auto coins = w.ask("asset/asset-valuation");
    EXPECT_NEAR(std::stod(coins.row()["totalBal"].get<std::string>()), 12, 0.01);
    EXPECT_EQ(coins.row()["totalBal"], coins.row()["details"]["trading"]);
    w.step(Nanos::millis(1'100));
    EXPECT_EQ(w.ask("asset/asset-valuation", "ccy=CNY").code(), "51000");
}

}  // namespace
}  // namespace parallax::sim_okx::testing
