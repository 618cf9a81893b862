#include <cstdio>

#include "app/commands.hpp"
#include "app/settings.hpp"

namespace parallax::app {

int run_config(const ConfigOptions& options) {
    Settings settings;
    if (!options.check.empty()) {
        auto read = read_settings(options.check);
        if (!read) {
            std::fprintf(stderr, "%s\n", read.error().detail.c_str());
            return kUsage;
        }
        settings = std::move(*read);
    }
    std::fputs(format_settings(settings, options.check.empty()).c_str(), stdout);
    std::fputs(("\n" + format_fees(settings.fees, "fees.")).c_str(), stdout);
    return kOk;
}

}  // namespace parallax::app
