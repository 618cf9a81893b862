#pragma once

#include <deque>
#include <string>
#include <vector>

#include "adapters/venues/binance/order_reader.hpp"

namespace parallax::binance {

/// Recent fills of a wallet. Binance lists trades by symbol and names their orders by number only,
/// so: the trades of one symbol after the other, then each of their orders for its client id. The
/// first time all symbols are asked, later those this run traded. Reaches back a day (spot) or
/// seven (USD-M): the venue gives no longer window at once.
class Orders::Recovery {
public:
    Recovery(const Universe& universe, Product product) : universe_{universe}, product_{product} {}

    void traded(const Instrument& instrument);
    [[nodiscard]] venue_common::RestCall ask(const venue_common::Question& question) const;
    /// Behind a symbol, or an order of one, that the venue no longer lists.
    [[nodiscard]] Result<std::string> pass_over(const venue_common::Question& question);
    [[nodiscard]] Result<std::string> read(const venue_common::Question& question,
                                           std::string_view body, Reader& reader,
                                           venue_common::Incoming& out);

private:
    /// "t7" trades of instrument 7, "t7.42" from id 42, "o7.99" its order 99.
    struct Place {
        bool order = false;
        std::size_t index = 0;
        std::string number;
    };
    [[nodiscard]] Place place_of(const std::string& cursor) const;
    /// The next symbol to ask about, from `index` on; none: the number of instruments.
    [[nodiscard]] std::size_t next_from(std::size_t index) const noexcept;
    [[nodiscard]] std::string after_orders(std::size_t index);

    const Universe& universe_;
    Product product_;
    bool all_ = true;
    std::vector<bool> traded_;  ///< by instrument
    struct Held {               ///< a trade whose order is not known yet
        std::string order;
        venue_common::FillReport fill;
    };
    std::vector<Held> held_;
    std::deque<std::string> orders_;    ///< to ask about
    std::string client_id_, order_id_;  ///< of the reports handed out last
};

}  // namespace parallax::binance
