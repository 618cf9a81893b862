// A plan that was open when the process died goes on.
#include "services/trading/service.hpp"

#include <algorithm>

namespace parallax::trading {
namespace {

/// More plans than a process starts in the moments that a disk may lag behind.
constexpr std::uint64_t kLostPlans = 4'096;
/// Connections and books take a while to come up: so much later comes the last hedge.
constexpr Nanos kStartUp = Nanos::seconds(30);

}  // namespace

void Service::resume(UnixNanos now) {
    now_ = std::max(now_, now);
    next_plan_ += kLostPlans;
    for (Plan& plan : plans_) {
        if (!plan.open()) continue;
        plan.steps_done = plan.entry_legs;
        drop_held(plan);
        for (Order& order : plan.all_orders()) {
            if (!order.live()) continue;
            order.queries = 0;
            order.due = now_;
        }
        if (plan.deadline.known()) {
            plan.deadline = now_ + config_.residual_deadline;
            plan.give_up_at = now_ + config_.give_up + kStartUp;
        }
        plan.retry_at = UnixNanos{};
        if (!plan.stranded) plan.last_try = false;
        plan.hedges = 0;
        plan.wake = now_;
        mirror(plan);
    }
}

}  // namespace parallax::trading
