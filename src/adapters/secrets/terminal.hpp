#pragma once

#include <string>

#include "core/result.hpp"
#include "ports/secret.hpp"

namespace parallax::secrets {

/// One line typed at the terminal of this process, not shown. Backspace and Ctrl-U edit.
/// Errors: Unavailable (no terminal), Rejected (Ctrl-C, Ctrl-D).
[[nodiscard]] Result<ports::Secret> ask(const std::string& prompt);
/// All of an open file (0: standard input) up to 64 KiB, without one line end at its end.
[[nodiscard]] Result<ports::Secret> read_all(int file);
/// The same of a file with a name.
[[nodiscard]] Result<ports::Secret> read_file(const std::string& path);
/// An environment variable, wiped there, so that no child inherits it. Empty when not set.
[[nodiscard]] ports::Secret take_environment(const char* name);

}  // namespace parallax::secrets
