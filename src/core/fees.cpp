#include "core/fees.hpp"

namespace parallax {
namespace {

struct Row {
    Market market;
    bool spot;
    std::int64_t maker_centi_bp;  ///< hundredths of a basis point
    std::int64_t taker_centi_bp;
};

// Base tier: the venues' fee pages of 2026 (Bybit linear maker is the commonly quoted figure).
constexpr Row kBase[] = {
    {Market::BinanceSpot, true, 1000, 1000}, {Market::BinanceUsdm, false, 200, 500},
    {Market::BinanceCoinm, false, 200, 500}, {Market::Okx, true, 800, 1000},
    {Market::Okx, false, 200, 500},          {Market::BybitSpot, true, 1000, 1000},
    {Market::BybitLinear, false, 200, 550},  {Market::BybitInverse, false, 200, 550},
};

// Top public tier of each venue, as commonly quoted; a live account reads its own from the venue.
constexpr Row kTop[] = {
    {Market::BinanceSpot, true, 110, 230},   {Market::BinanceUsdm, false, 0, 170},
    {Market::BinanceCoinm, false, -90, 240}, {Market::Okx, true, -50, 150},
    {Market::Okx, false, -50, 150},          {Market::BybitSpot, true, 300, 450},
    {Market::BybitLinear, false, 0, 300},    {Market::BybitInverse, false, 0, 300},
};

}  // namespace

std::optional<FeeSchedule> FeeSchedule::named(std::string_view name) noexcept {
    FeeSchedule schedule;
    for (const MarketInfo& market : kMarkets) {
        schedule.set(market.market, true, {Rate{}, Rate{}, FeeAsset::Received});
        schedule.set(market.market, false, {Rate{}, Rate{}, FeeAsset::Quote});
    }
    if (name == "zero") return schedule;
    if (name != "base" && name != "vip9") return std::nullopt;
    for (const Row& row :
         name == "base" ? std::span<const Row>{kBase} : std::span<const Row>{kTop}) {
        constexpr std::int64_t kCentiBp = Rate::kOne / 1'000'000;
        schedule.set(row.market, row.spot,
                     {Rate::from_raw(row.maker_centi_bp * kCentiBp),
                      Rate::from_raw(row.taker_centi_bp * kCentiBp),
                      row.spot ? FeeAsset::Received : FeeAsset::Quote});
    }
    return schedule;
}

}  // namespace parallax
