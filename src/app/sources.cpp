#include "app/sources.hpp"

#include "adapters/recording/combined.hpp"
#include "adapters/recording/source.hpp"

namespace parallax::app {

Result<SourceArgument> parse_source(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const auto market = parse_market(name);
    if (equals == std::string::npos || !market || equals + 1 == text.size()) {
        std::string known;
        for (const MarketInfo& entry : kMarkets) known += " " + std::string(entry.name);
        return fail(Errc::Rejected, "--source " + text +
                                        ": must be VENUE.MARKET=PATH, VENUE.MARKET one of" + known);
    }
    return SourceArgument{*market, text.substr(equals + 1)};
}

Result<std::unique_ptr<ports::FrameSource>> open_sources(const std::vector<std::string>& arguments,
                                                         bool prefetch) {
    std::vector<std::unique_ptr<ports::FrameSource>> sources;
    for (const std::string& argument : arguments) {
        const auto parsed = parse_source(argument);
        if (!parsed) return tl::unexpected<Error>{parsed.error()};
        auto source = recording::open_source(parsed->market, parsed->path, {prefetch});
        if (!source) return tl::unexpected<Error>{source.error()};
        sources.push_back(std::move(*source));
    }
    if (sources.size() == 1) return std::move(sources.front());
    return std::make_unique<recording::MergedSource>(std::move(sources));
}

int exit_code_of(const Error& error) noexcept {
    return error.code == Errc::Rejected ? kUsage : kBadInput;
}

}  // namespace parallax::app
