// First byte: market and prefetch; the rest: a file of any format, as its content says.
#include "adapters/recording/source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parallax;
    if (size < 1) return 0;
    const auto market = static_cast<Market>(data[0] % kMarketCount);
    std::string bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto source = recording::open_storage_source(
        market, recording::memory_storage("day_2022-12-13/fuzz_quote", std::move(bytes)));
    if (!source) return 0;
    std::size_t sum = 0;
    for (ports::Frame frame;;) {
        const auto more = (*source)->next(frame);
        if (!more) continue;
        if (!*more) break;
        for (const std::string_view text : {frame.bytes, frame.url, frame.symbol}) {
            for (const char c : text) sum += static_cast<unsigned char>(c);
        }
        if (frame.market != market) std::abort();
    }
    return sum == 1 ? 0 : 0;
}
