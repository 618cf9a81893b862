#pragma once

#include "adapters/venues/bybit/account.hpp"
#include "adapters/venues/common/account_text.hpp"

namespace parallax::bybit {

/// Reads rows of answers about an account. False: a row cannot be read.
struct Accounts::Reader {
    explicit Reader(const Universe& u) : universe{u} {}
    const Universe& universe;
    simdjson::dom::parser json;

    [[nodiscard]] const Instrument* instrument(venue_common::Object row, Market market) const {
        const auto id = universe.find(market, venue_common::text_field(row, "symbol"));
        return id ? &universe.instrument(*id) : nullptr;
    }
    void wallet(venue_common::Object row, bool margin, UnixNanos time,
                ports::AccountFacts& facts) const;
    bool position(venue_common::Object row, ports::AccountFacts& facts) const;
    void fee(venue_common::Object row, Market market, ports::AccountFacts& facts) const;
    bool order(venue_common::Object row, Market market, ports::AccountFacts& facts) const;
    bool fill(venue_common::Object row, Market market, ports::AccountFacts& facts) const;
    void payment(venue_common::Object row, ports::AccountFacts& facts) const;
    void movement(venue_common::Object row, bool deposit, ports::AccountFacts& facts) const;
    static void key(venue_common::Object result, ports::AccountFacts& facts);
};

}  // namespace parallax::bybit
