#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "services/portfolio/service.hpp"
#include "services/portfolio/test_world.hpp"

namespace parallax::portfolio::test {

/// A service with money in four wallets; after each test all invariants hold.
class FundedService : public ::testing::Test {
protected:
    FundedService() {
        service.on(world.flow(Market::BinanceSpot, "USDT", "100000"));
        service.on(world.flow(Market::Okx, "BTC", "2"));
        service.on(world.flow(Market::BinanceUsdm, "USDT", "50000"));
        service.on(world.flow(Market::BinanceCoinm, "BTC", "1"));
        service.clear_outputs();
    }
    void TearDown() override {
        const auto failure = service.verify();
        EXPECT_FALSE(failure) << *failure;
    }
    Amount balance(Market wallet, std::string_view asset, Bucket bucket = Bucket::Available) const {
        return service.ledger().balance(wallet, world.asset(asset), bucket);
    }
    messages::PositionAdopted adopted(InstrumentId id, std::string_view quantity,
                                      std::string_view entry) const {
        return {id, amount(quantity), amount(entry), {}, at(1)};
    }
    ports::Hold hold(Market wallet, std::string_view asset, std::string_view sum,
                     ClientOrderId order = order_id(1)) const {
        return {wallet, world.asset(asset), amount(sum), order};
    }
    void reserve(std::uint64_t plan, std::vector<ports::Hold> holds) {
        ASSERT_TRUE(service.reserve(PlanId{plan}, holds, at(1)));
    }
    std::uint64_t alarms(Alarm alarm) const {
        return service.counters().alarms[static_cast<std::size_t>(alarm)];
    }
    World world;
    Service service{world.universe, world.books, world.fees, Config{}};
};

}  // namespace parallax::portfolio::test
