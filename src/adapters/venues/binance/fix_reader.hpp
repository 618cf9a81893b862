#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>

#include "adapters/venues/binance/fix_orders.hpp"

namespace parallax::binance {

/// Reads what Binance says over FIX: execution reports, refusals, logons. Remembers which request
/// an id belongs to, as FIX has no numbers for them. Views live until the next call.
class FixOrders::Reader {
public:
    Reader(const Universe& universe, const venue_common::ClientIdText& ids)
        : universe_{universe}, ids_{ids} {}

    /// The answers to what is sent under this order's id belong to this request.
    void expect(ClientOrderId id, std::uint64_t number);
    void read(std::string_view message, venue_common::Incoming& out);

private:
    /// The fields of a report that are used.
    struct Report {
        std::string_view type, id, original, venue_id, symbol, side, status, execution, force,
            ordered, filled, last_quantity, last_price, trade, aggressor, fee, fee_asset, expiry,
            time, text;
        std::optional<std::int64_t> code;
    };
    [[nodiscard]] static Report fields_of(std::string_view message);
    void logon(std::string_view message, std::string_view key, venue_common::Incoming& out) const;
    void execution(const Report& report, venue_common::Incoming& out);
    void refused(const Report& report, venue_common::Incoming& out);
    void fill(const Report& report, const venue_common::OrderReport& order,
              venue_common::Incoming& out) const;
    /// Of the request that `id` names; 0: of none of ours that waits.
    [[nodiscard]] std::uint64_t take_request(std::string_view id);

    const Universe& universe_;
    const venue_common::ClientIdText& ids_;
    boost::unordered_flat_map<std::uint64_t, std::uint64_t> requests_;  ///< by client id
    std::deque<std::uint64_t> asked_;                                   ///< the oldest go first
};

/// ClOrdID of a cancel, which is a request's number.
inline constexpr char kCancelPrefix = 'c';

}  // namespace parallax::binance
