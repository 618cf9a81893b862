#include "services/risk/order_table.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>

namespace parallax::risk {
namespace {

ClientOrderId id_of(std::uint64_t n) { return {PlanId{n}, 0, 0}; }

/// Thousands of orders that open, close and are taken back, beside sets that say what must be
/// there: open ones always, and of the closed ones the youngest.
TEST(OrderTable, KeepsWhatIsOpenAndTheYoungestThatClosed) {
    OrderTable table;
    std::mt19937_64 random{20261123};
    std::vector<std::uint64_t> open;
    std::deque<std::uint64_t> closed;  // oldest first
    std::uint64_t last = 0;
    const auto take = [&](std::size_t at) {
        const std::uint64_t id = open[at];
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
        return id;
    };
    for (int step = 0; step < 20'000; ++step) {
        const std::uint64_t dice = random() % 10;
        if (dice < 5 && open.size() < 60) {
            OrderRecord& record = table.insert(id_of(++last));
            record.quantity = Quantity::from_raw(static_cast<std::int64_t>(last));
            open.push_back(last);
        } else if (dice < 9 && !open.empty()) {
            closed.push_back(take(random() % open.size()));
            table.close(*table.find(id_of(closed.back())));
        } else if (!open.empty()) {
            table.erase(*table.find(id_of(take(random() % open.size()))));
        }
        if (random() % 3 == 0) table.make_room();

        ASSERT_EQ(table.open_count(), open.size());
        ASSERT_FALSE(table.full());
        while (!closed.empty() && table.find(id_of(closed.front())) == nullptr) closed.pop_front();
        if (step % 50 != 0) continue;
        for (const std::uint64_t id : open) {
            const OrderRecord* record = table.find(id_of(id));
            ASSERT_NE(record, nullptr);
            ASSERT_TRUE(record->open);
            ASSERT_EQ(record->quantity.raw(), static_cast<std::int64_t>(id));
        }
        for (const std::uint64_t id : closed) {
            ASSERT_NE(table.find(id_of(id)), nullptr) << "forgotten before an older one";
            ASSERT_FALSE(table.find(id_of(id))->open);
        }
        std::set<std::uint64_t> seen;
        table.for_each([&](const OrderRecord& record) { seen.insert(record.id.plan().raw()); });
        ASSERT_EQ(seen.size(), open.size() + closed.size());
        if (last > 4 * OrderTable::kCapacity) {
            ASSERT_GT(seen.size(), OrderTable::kCapacity - 20);
        }
    }
    EXPECT_GT(last, 4 * OrderTable::kCapacity) << "no place was used again";
}

TEST(OrderTable, HoldsAsManyOpenOrdersAsItHasPlaces) {
    OrderTable table;
    for (std::uint64_t n = 1; n <= OrderTable::kCapacity; ++n) {
        table.make_room();
        table.insert(id_of(n));
    }
    EXPECT_TRUE(table.full());
    for (std::uint64_t n = 1; n <= OrderTable::kCapacity; ++n)
        EXPECT_NE(table.find(id_of(n)), nullptr);
}

}  // namespace
}  // namespace parallax::risk
