// Any bytes as a stream of messages: what is read, written again, is read the same.
#include <cstdint>
#include <cstdlib>

#include "sim/fix/message.hpp"

namespace {

using namespace parallax::sim_fix;

void expect(bool good) {
    if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest{reinterpret_cast<const char*>(data), size};
    Message message;
    while (!rest.empty()) {
        const Frame next = frame(rest);
        expect(next.size <= rest.size());
        if (next.defect != Defect::None || next.size == 0) break;
        const std::string_view whole = rest.substr(0, next.size);
        rest.remove_prefix(next.size);
        if (parse(whole, message) != Defect::None) continue;
        expect(!message.type.empty());
        Writer again{message.type};
        for (std::size_t i = 3; i + 1 < message.fields.size(); ++i)
            again.add(message.fields[i].tag, message.fields[i].value);
        const std::string text = again.finish("A", "B", 1, parallax::UnixNanos{});
        const Frame found = frame(text);
        expect(found.defect == Defect::None || found.defect == Defect::TooLong);
        if (found.defect == Defect::None) expect(found.size == text.size());
        if (const auto time = read_time(message.text(52))) (void)time_text(*time);
        (void)message.number(34);
    }
    return 0;
}
