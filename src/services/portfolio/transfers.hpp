#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/market.hpp"
#include "messages/portfolio.hpp"
#include "services/portfolio/recent_set.hpp"

namespace parallax::portfolio {

/// Money under way between two wallets. Its two ends may be told in any order, each counts once.
struct OpenTransfer {
    Market from{};
    Market to{};
    AssetId asset;
    bool sent = false;
    bool ended = false;  ///< arrived or returned
    Amount in_transit;   ///< sent and not yet ended; negative while only the end was told
    [[nodiscard]] bool over() const noexcept { return sent && ended; }
    template <class Archive>
    void describe(Archive& a) {
        a(from, to, asset, sent, ended, in_transit);
    }
};

enum class TransferVerdict : std::uint8_t {
    Book,
    Duplicate,  ///< told before
    Malformed,  ///< contradicts itself or what was told before: cannot be booked
};

/// All transfers that are under way, and the ids of those that were.
class TransferRegistry {
public:
    explicit TransferRegistry(std::size_t kept) noexcept : over_{kept} {}

    /// Decides and notes the step. What lies in transit is the caller's to change.
    TransferVerdict accept(const messages::Transfer& step);
    /// Needs an id that accept() let through.
    [[nodiscard]] OpenTransfer& at(std::uint64_t id) noexcept { return open_.find(id)->second; }
    /// Both ends are told and booked.
    void close(std::uint64_t id);

    [[nodiscard]] std::size_t open() const noexcept { return open_.size(); }
    /// Sum of what is under way.
    [[nodiscard]] Amount in_transit(AssetId asset) const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(open_, over_);
    }

private:
    std::map<std::uint64_t, OpenTransfer> open_;
    RecentSet<std::uint64_t> over_;
};

}  // namespace parallax::portfolio
