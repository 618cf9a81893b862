#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace parallax {

/// A dense or opaque number of one kind. Ids of two kinds do not compare, add or convert.
template <class Tag, class Rep>
class Id {
public:
    using rep = Rep;
    constexpr Id() = default;
    explicit constexpr Id(Rep raw) noexcept : raw_{raw} {}
    static constexpr Id none() noexcept { return Id{}; }
    [[nodiscard]] constexpr Rep raw() const noexcept { return raw_; }
    [[nodiscard]] constexpr std::size_t index() const noexcept {
        return static_cast<std::size_t>(raw_);
    }
    [[nodiscard]] constexpr bool valid() const noexcept { return raw_ != static_cast<Rep>(-1); }
    friend constexpr auto operator<=>(Id, Id) = default;

private:
    Rep raw_ = static_cast<Rep>(-1);
};

using InstrumentId = Id<struct InstrumentTag, std::uint32_t>;  ///< one listing at one market, dense
using SymbolId =
    Id<struct SymbolTag, std::uint32_t>;  ///< one canonical symbol over all markets, dense
using AssetId = Id<struct AssetTag, std::uint16_t>;  ///< one asset (BTC, USDT), dense
using OpportunityId = Id<struct OpportunityTag, std::uint64_t>;
using PlanId = Id<struct PlanTag, std::uint64_t>;

/// Our id of an order; it encodes the plan, the leg and the attempt, so that a restart recognises
/// its own orders. Plans count from 1 to 2^40-1, legs to 255, attempts to 65,535.
class ClientOrderId {
public:
    constexpr ClientOrderId() = default;
    constexpr ClientOrderId(PlanId plan, std::uint8_t leg, std::uint16_t attempt) noexcept
        : raw_{(plan.raw() << 24) | (static_cast<std::uint64_t>(leg) << 16) | attempt} {}
    static constexpr ClientOrderId from_raw(std::uint64_t raw) noexcept {
        ClientOrderId id;
        id.raw_ = raw;
        return id;
    }
    [[nodiscard]] constexpr std::uint64_t raw() const noexcept { return raw_; }
    [[nodiscard]] constexpr PlanId plan() const noexcept { return PlanId{raw_ >> 24}; }
    [[nodiscard]] constexpr std::uint8_t leg() const noexcept {
        return static_cast<std::uint8_t>(raw_ >> 16);
    }
    [[nodiscard]] constexpr std::uint16_t attempt() const noexcept {
        return static_cast<std::uint16_t>(raw_);
    }
    [[nodiscard]] constexpr bool valid() const noexcept { return raw_ != 0; }
    friend constexpr auto operator<=>(ClientOrderId, ClientOrderId) = default;

private:
    std::uint64_t raw_ = 0;
};

}  // namespace parallax

template <class Tag, class Rep>
struct std::hash<parallax::Id<Tag, Rep>> {
    std::size_t operator()(parallax::Id<Tag, Rep> id) const noexcept {
        return std::hash<Rep>{}(id.raw());
    }
};
template <>
struct std::hash<parallax::ClientOrderId> {
    std::size_t operator()(parallax::ClientOrderId id) const noexcept {
        return std::hash<std::uint64_t>{}(id.raw());
    }
};
