#include "app/verifier.hpp"

#include <fmt/format.h>

#include "app/session.hpp"
#include "app/snapshot.hpp"

namespace parallax::app {
namespace {

using messages::MessageType;

bool is_input(MessageType type) noexcept {
    switch (type) {
        case MessageType::InstrumentListed:
        case MessageType::InstrumentRefined:
        case MessageType::DepthUpdate:
        case MessageType::BestQuote:
        case MessageType::TradePrint:
        case MessageType::MarkPrice:
        case MessageType::FeedStatus:
        case MessageType::ClockTick:
        case MessageType::OrderEvent:
        case MessageType::ExternalFlow:
        case MessageType::CashEvent:
        case MessageType::Transfer:
        case MessageType::BalanceReport:
        case MessageType::ChangeLimits:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<void> Verifier::on_record(MessageType type, std::span<const std::byte> bytes) {
    ++records_;
    if (!pipeline_) return start(type, bytes);
    if (is_input(type)) {
        if (!check_.drained()) return difference("the run produced more than was recorded");
        return feed(type, bytes);
    }
    if (check_.drained() && !finished_) {  // an output that no input asked for: the end of data
        finished_ = true;
        pipeline_->finish();
    }
    if (!check_.expect(type, bytes)) {
        return difference(
            fmt::format("recorded {} differs from what the run produced", to_string(type)));
    }
    ++outputs_;
    return {};
}

Result<void> Verifier::difference(const std::string& what) const {
    return fail(Errc::Rejected,
                fmt::format("record {}, after {} inputs: {}", records_, pipeline_->inputs(), what));
}

Result<void> Verifier::start(MessageType type, std::span<const std::byte> bytes) {
    if (type != MessageType::RunManifest)
        return fail(Errc::Malformed, "the journal does not begin with a run");
    messages::RunManifest manifest;
    if (!messages::decode(bytes, manifest))
        return fail(Errc::Malformed, "the run's manifest is damaged");
    const auto settings = settings_of_run(manifest.configuration);
    if (!settings) return tl::unexpected<Error>{settings.error()};
    pipeline_.emplace(*settings, manifest, nullptr, &check_);
    return {};
}

Result<void> Verifier::start_at(std::span<const std::byte> manifest,
                                std::span<const std::byte> snapshot) {
    if (const auto started = start(MessageType::RunManifest, manifest); !started) return started;
    return from_snapshot(snapshot, *pipeline_);
}

Result<void> Verifier::feed(MessageType type, std::span<const std::byte> bytes) {
    const auto apply = [this](const auto& message) {
        if constexpr (requires(Pipeline& p) { p.on(message); }) (void)pipeline_->on(message);
    };
    const auto fed = messages::visit(type, bytes, scratch_, apply);
    if (!fed) return difference(fmt::format("{} cannot be read", to_string(type)));
    (void)pipeline_->take_requests();  // their gateway's answers are in the journal
    return {};
}

}  // namespace parallax::app
