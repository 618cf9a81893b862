// The first byte chooses request or response, the second how the rest is cut into reads. Read in
// pieces and at once it must mean the same.
#include <cstdlib>

#include "net/deflate.hpp"
#include "net/http_parser.hpp"

using namespace parallax::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto kind = (data[0] & 1) != 0 ? HttpParser::Kind::Request : HttpParser::Kind::Response;
    const HttpLimits limits{.head_bytes = 512, .headers = 8, .body_bytes = 1'024};
    const std::size_t step = 1 + data[1];
    const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
    HttpParser slow{kind, limits};
    auto status = HttpParser::Status::Partial;
    for (std::size_t end = 0; status == HttpParser::Status::Partial && end < text.size();) {
        end = std::min(end + step, text.size());
        status = slow.parse(text.substr(0, end), false);
    }
    HttpParser whole{kind, limits};
    const auto at_once = whole.parse(text, false);
    if (status != at_once || slow.refusal() != whole.refusal()) std::abort();
    if (status == HttpParser::Status::Done) {
        if (slow.size() != whole.size() || slow.body() != whole.body()) std::abort();
        if (whole.size() > text.size() || whole.body().size() > limits.body_bytes) std::abort();
        std::string answer;
        (void)choose_deflate(whole.header("Sec-WebSocket-Extensions"), answer);
        (void)read_deflate_answer(whole.header("Sec-WebSocket-Extensions"));
    }
    if (status == HttpParser::Status::Partial &&
        whole.parse(text, true) == HttpParser::Status::Partial) {
        std::abort();  // an end ends it
    }
    return 0;
}
