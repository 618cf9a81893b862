#pragma once

#include <algorithm>
#include <cstdint>

#include "core/assert.hpp"
#include "core/time.hpp"
#include "runtime/random.hpp"

namespace parallax::runtime {

/// Waiting times between attempts: doubling up to a limit, each drawn from its upper half, so that
/// many clients do not come back at the same moment. The same seed gives the same times.
class Backoff {
public:
    /// Needs: 0 < first <= longest.
    Backoff(Nanos first, Nanos longest, std::uint64_t seed)
        : first_{first}, longest_{longest}, next_{first}, random_{seed} {
        PLX_ASSERT(first > Nanos{} && first <= longest);
    }
    /// How long to wait before the next attempt.
    [[nodiscard]] Nanos next() noexcept {
        const Nanos whole = next_;
        next_ = next_ > longest_ / 2 ? longest_ : next_ * 2;
        return Nanos{random_.between(whole.count() / 2, whole.count())};
    }
    /// It worked: start again with the shortest wait.
    void reset() noexcept { next_ = first_; }
    template <class Archive>
    void describe(Archive& a) {
        a(next_);
        a(random_);
    }

private:
    Nanos first_;
    Nanos longest_;
    Nanos next_;
    Random random_;
};

}  // namespace parallax::runtime
