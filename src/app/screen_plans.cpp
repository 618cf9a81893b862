#include "app/screen_plans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace parallax::app {
namespace {

/// By asset: legs of a gap against each other, or what a conversion in a ring has kept.
void add_rests(std::map<AssetId, Amount>& rests, const trading::Plan& plan,
               const Universe& universe) {
    if (plan.cycle()) {
        for (std::size_t i = 0; i < plan.flow_count; ++i) {
            if (plan.flows[i].asset != plan.value_asset)
                rests[plan.flows[i].asset] += plan.flows[i].net;
        }
        return;
    }
    for (std::size_t i = 0; i < plan.leg_count; ++i) {
        const messages::PlanLeg& leg = plan.legs[i];
        const Amount base = plan.filled_base[i];
        rests[universe.instrument(leg.instrument).base] += leg.side == Side::Buy ? base : -base;
    }
}

std::string leg_text(const messages::PlanLeg& leg, const Universe& universe) {
    const Instrument& listing = universe.instrument(leg.instrument);
    const std::string part =
        leg.planned.is_zero()
            ? std::string{"repair"}
            : fmt::format("{:.0f} %", 100.0 * static_cast<double>(leg.filled.raw()) /
                                          static_cast<double>(leg.planned.raw()));
    return fmt::format("{} {} {}", to_string(leg.side), to_string(listing.market), part);
}

std::string plan_line(const trading::Plan& plan, const Universe& universe) {
    std::string legs;
    for (std::size_t i = 0; i < plan.leg_count; ++i)
        legs += (i == 0 ? "" : ", ") + leg_text(plan.legs[i], universe);
    const SymbolId symbol = universe.instrument(plan.legs[0].instrument).symbol;
    const std::string_view state = plan.open() ? to_string(plan.state) : to_string(plan.outcome);
    return fmt::format("  {:<6}{:<12}{:<15}{:<11}{:<66}{}\n", plan.id.raw(), to_string(plan.kind),
                       universe.symbol(symbol).name, state, legs.substr(0, 65),
                       plan.reason.none() ? "" : to_string(plan.reason.code));
}

}  // namespace

std::string unhedged_text(const Pipeline& pipeline, UnixNanos now) {
    std::map<AssetId, Amount> rests;
    UnixNanos first;  ///< deadline
    for (const trading::Plan& plan : pipeline.trading().plans()) {
        if (!plan.open() || !plan.any_fill()) continue;
        std::map<AssetId, Amount> own;
        add_rests(own, plan, pipeline.universe());
        const bool even =
            std::ranges::all_of(own, [](const auto& rest) { return rest.second.is_zero(); });
        if (even) continue;
        for (const auto& [asset, amount] : own) rests[asset] += amount;
        if (!first.known() || plan.deadline < first) first = plan.deadline;
    }
    std::string text;
    for (const auto& [asset, amount] : rests) {
        if (amount.is_zero()) continue;
        text += fmt::format("{}{}{} {}", text.empty() ? "" : "  ", amount.is_negative() ? "" : "+",
                            amount.text(), pipeline.universe().asset_name(asset));
    }
    if (text.empty()) return "none";
    const std::int64_t left = (first - now).count() / 1'000'000;
    return text + fmt::format(", {} ms {} the deadline", std::abs(left), left < 0 ? "past" : "to");
}

std::string plan_lines(const Pipeline& pipeline, std::size_t most) {
    std::vector<const trading::Plan*> plans;
    for (const trading::Plan& plan : pipeline.trading().plans()) {
        if (plan.id.valid() && plan.leg_count > 0) plans.push_back(&plan);
    }
    std::ranges::sort(plans, [](const trading::Plan* a, const trading::Plan* b) {
        return a->open() != b->open() ? a->open() : a->id > b->id;
    });
    plans.resize(std::min(plans.size(), most));
    std::string out;
    for (const trading::Plan* plan : plans) out += plan_line(*plan, pipeline.universe());
    return out;
}

}  // namespace parallax::app
