#include <gtest/gtest.h>

#include "services/scanner/testing.hpp"
#include "testing/allocations.hpp"

namespace parallax::scanner {
namespace {

TEST(Service, AllocatesNothingInTheSteadyState) {
    PLX_NEEDS_ALLOCATION_COUNT();
    Day run{3};
    for (int i = 0; i < 30'000; ++i) {
        run.step();
        if (i % 50 == 0) run.desk.service->clear_outputs();
    }
    const Counts counts = run.desk.service->counts();
    run.desk.allocations = allocations;
    run.desk.service_allocations = 0;
    for (int i = 0; i < 5'000; ++i) {
        run.step();
        if (i % 50 == 0) run.desk.service->clear_outputs();
    }
    EXPECT_GT(run.desk.service->counts().signalled, counts.signalled);  // the work was done
    EXPECT_EQ(run.desk.service_allocations, 0u);
}

}  // namespace
}  // namespace parallax::scanner
