#pragma once

#include <cstdint>
#include <string>

#include "core/settings.hpp"
#include "core/time.hpp"

namespace parallax::portfolio {

/// Settings of the section `portfolio`.
struct Config {
    std::string reporting_asset = "USDT";
    std::int64_t derivative_leverage = 3;
    std::int64_t reconciliation_reports = 3;
    Nanos cash_patience = Nanos::seconds(600);
    Nanos closed_order_retention = Nanos::seconds(600);
    std::int64_t closed_orders_kept = 16'384;
    std::int64_t cash_events_kept = 4'096;
    Nanos mark_max_age = Nanos::seconds(60);

    template <class Visitor>
    void visit(Visitor& v) {
        v.choice("reporting_asset", reporting_asset, "USDT|USDC|USD|EUR|BTC",
                 "what equity and profit are counted in");
        v.field("derivative_leverage", derivative_leverage, "1", "125",
                "initial margin of a position is its value divided by this");
        v.field("reconciliation_reports", reconciliation_reports, "1", "100",
                "equal balance differences in a row, in-flight effects taken out, before a venue "
                "is halted");
        v.field("cash_patience_s", cash_patience, "0", "86400",
                "a balance difference that funding not told yet may explain waits this long for "
                "the venue's list of payments");
        v.field("closed_order_retention_s", closed_order_retention, "60", "86400",
                "a late or repeated fill is recognised this long after its order closed");
        v.field("closed_orders_kept", closed_orders_kept, "1024", "16777216",
                "most closed orders remembered; the oldest go first");
        v.field("cash_events_kept", cash_events_kept, "1024", "16777216",
                "most cash events and transfers remembered to recognise a repeated one");
        v.field("mark_max_age_s", mark_max_age, "1", "86400",
                "a mark older than this gives way to a younger one, and is called stale");
    }
};

}  // namespace parallax::portfolio
