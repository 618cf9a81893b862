#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "adapters/venues/binance/limits.hpp"
#include "adapters/venues/binance/sign.hpp"
#include "adapters/venues/common/client_id_text.hpp"
#include "adapters/venues/common/order_protocol.hpp"
#include "adapters/venues/common/text_builder.hpp"

namespace parallax::binance {

/// The parameters of one request, sorted by name as signatures on WebSockets want them. Its memory
/// is used again after clear().
class RequestText {
public:
    void clear() noexcept {
        count_ = 0;
        values_.clear();
    }
    /// `name` outlives this.
    void add(std::string_view name, std::string_view value) { insert(name, value, true); }
    /// Written without quotes in JSON.
    void add(std::string_view name, std::int64_t value);

    /// "a=1&b=2", percent-encoded.
    void append_query(std::string& out) const;
    /// `{"a":"1","b":2}`. With a signer: its API key and the signature are added.
    void append_json(std::string& out, Signer* signer);

private:
    struct Entry {
        std::string_view name;
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
        bool quoted = true;
    };
    static constexpr std::size_t kMost = 20;
    void insert(std::string_view name, std::string_view value, bool quoted);
    [[nodiscard]] std::string_view value(const Entry& entry) const noexcept {
        return values_.view().substr(entry.begin, entry.size);
    }
    std::array<Entry, kMost> entries_;
    std::size_t count_ = 0;
    venue_common::TextBuilder values_;
    venue_common::TextBuilder json_;
    venue_common::TextBuilder payload_;  ///< what is signed
};

/// What an operation on one order says, besides time and signature. False: it cannot be expressed:
/// a quantity in no whole number of the venue's units, or an amendment that Binance has not: on
/// spot a new price, on USD-M one that does not give both price and quantity.
[[nodiscard]] bool add_order(RequestText& out, Product product, venue_common::OrderVerb verb,
                             const venue_common::OrderItem& item,
                             const venue_common::ClientIdText& ids);

/// Several orders of one instrument, USD-M only: placed in one list, or cancelled by their ids.
[[nodiscard]] bool add_batch(RequestText& out, venue_common::OrderVerb verb,
                             std::span<const venue_common::OrderItem> items,
                             const venue_common::ClientIdText& ids);

}  // namespace parallax::binance
