#include "app/commands.hpp"

#include <cstdio>

namespace parallax::app {

int complain(std::string_view command, std::string_view text, int code) {
    std::fprintf(stderr, "parallax %.*s: %.*s\n", static_cast<int>(command.size()), command.data(),
                 static_cast<int>(text.size()), text.data());
    return code;
}

int refuse(std::string_view command, const Error& error) {
    return complain(command, error.detail, error.code == Errc::Unavailable ? kUnavailable : kUsage);
}

}  // namespace parallax::app
