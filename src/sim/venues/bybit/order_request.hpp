#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/engine/venue.hpp"
#include "sim/venues/bybit/errors.hpp"
#include "sim/venues/common/json.hpp"

namespace parallax::sim_bybit {

using sim_front::Json;

/// A field of a request as text: strings as they are, whole numbers written out, "" when missing.
/// Empty: it is neither.
[[nodiscard]] std::optional<std::string> field(const Json& request, std::string_view name);

/// `category` and `symbol` of a request.
struct Where {
    Answer answer;
    sim_engine::ListingId listing;
    bool spot = false;
};
[[nodiscard]] Where where(const sim_engine::SimVenue& venue, std::string_view category,
                          std::string_view symbol);

/// What order.create says, checked as far as a gateway can without looking at the account. The
/// engine checks the rest.
struct Parsed {
    Answer answer;
    sim_engine::NewOrder order;
    bool spot = false;
};
[[nodiscard]] Parsed parse_order(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                                 const Json& request);

/// orderLinkId: at most 36 of A-Z a-z 0-9 - _.
[[nodiscard]] bool good_link_id(std::string_view text) noexcept;

}  // namespace parallax::sim_bybit
