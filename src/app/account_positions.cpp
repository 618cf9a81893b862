// What a venue says of positions against the ledger, and those that were there before it.
#include <algorithm>

#include "app/account_check.hpp"

namespace parallax::app {

AccountCheck::Held AccountCheck::held(InstrumentId id) const {
    Held all;
    for (const ports::PositionReport& one : positions_) {
        if (one.instrument != id) continue;
        all.net += one.quantity;
        all.one = one;
        ++all.positions;
    }
    return all;
}

/// The first difference, for people; empty: there is none.
std::string AccountCheck::compare_positions(UnixNanos now, Pipeline& pipeline) {
    const auto booked = pipeline.portfolio().positions();
    const auto& listings = pipeline.universe().instruments();
    compared_.resize(listings.size());
    std::string difference;
    for (const Instrument& listing : listings) {
        if (std::ranges::find(markets_, listing.market) == markets_.end()) continue;
        if (listing.id.index() >= listings_asked_) continue;  // nobody was asked about it
        const auto found = std::ranges::find_if(
            booked, [&](const auto& position) { return position.instrument == listing.id; });
        const bool known = found != booked.end();
        const Amount mine = known ? found->net : Amount{};
        const Held there = held(listing.id);
        std::string here;
        if (there.positions > 0 && (there.positions > 1 || !there.one.one_sided)) {
            here = "holds " + listing.venue_symbol +
                   " long and short apart (hedge mode): close it and set one-way mode";
        } else if (mine == there.net) {
            compared_[listing.id.index()] = true;
        } else if (!known && config_.adopt && !compared_[listing.id.index()]) {
            here = adopt(listing, there, now, pipeline);
        } else if (!known && !compared_[listing.id.index()]) {
            here = "has an open position in " + listing.venue_symbol +
                   " that this ledger does not know: close it, take it over with --adopt, or use "
                   "another account";
        } else {
            here = "has a position of " + there.net.text() + " in " + listing.venue_symbol +
                   ", the ledger says " + mine.text();
        }
        if (difference.empty()) difference = std::move(here);
    }
    return difference;
}

/// Why it cannot be; empty: the ledger has it now.
std::string AccountCheck::adopt(const Instrument& listing, const Held& there, UnixNanos now,
                                Pipeline& pipeline) {
    const std::string cannot =
        "has an open position in " + listing.venue_symbol + " that cannot be taken over: ";
    if (is_spot(listing.kind)) return cannot + "it is of a margin loan on spot; close it";
    if (!there.one.cross) return cannot + "its margin is isolated; set cross margin, or close it";
    if (there.one.entry <= Amount{})
        return cannot + "the venue does not say at which average price";
    const messages::PositionAdopted adopted{listing.id, there.net, there.one.entry,
                                            there.one.unrealised, now};
    if (const auto taken = pipeline.on(adopted); !taken) return cannot + taken.error().detail;
    compared_[listing.id.index()] = true;
    adopted_.push_back(std::string{to_string(listing.market)} + ": took over a position in " +
                       listing.venue_symbol + ": " + there.net.text() + " at an average of " +
                       there.one.entry.text() + ", unrealised " + there.one.unrealised.text());
    return {};
}

}  // namespace parallax::app
