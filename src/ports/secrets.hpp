#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "ports/secret.hpp"

namespace parallax::ports {

/// Where keys come from. Names are 1 to 64 of a-z 0-9 . _ - ; by convention VENUE.ACCOUNT.PART,
/// such as "okx.main.passphrase". Cold: a call may read a disk or ask a server. One thread.
class Secrets {
public:
    virtual ~Secrets() = default;

    /// All names, sorted; never a value.
    [[nodiscard]] virtual Result<std::vector<std::string>> list() = 0;
    /// Errors: Rejected (no secret of this name), Malformed (damaged store), Unavailable.
    [[nodiscard]] virtual Result<Secret> get(std::string_view name) = 0;
    /// Adds or replaces; durable on return. Errors: Rejected (the name, or a value too large),
    /// Malformed, Unavailable.
    [[nodiscard]] virtual Result<void> set(std::string_view name, const Secret& value) = 0;
    /// Errors as get.
    [[nodiscard]] virtual Result<void> remove(std::string_view name) = 0;
};

}  // namespace parallax::ports
