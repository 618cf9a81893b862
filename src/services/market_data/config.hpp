#pragma once

#include "core/settings.hpp"
#include "core/time.hpp"

namespace parallax::market_data {

struct Config {
    Nanos stale_after = Nanos::seconds(5);

    template <class Visitor>
    void visit(Visitor& v) {
        v.field("stale_after_ms", stale_after, "10", "600000",
                "a book without any message for so long is stale");
    }
};

}  // namespace parallax::market_data
