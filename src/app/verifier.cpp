#include "app/verifier.hpp"

#include <fmt/format.h>

#include "app/session.hpp"
#include "app/snapshot.hpp"

namespace parallax::app {

using messages::MessageType;

Result<void> Verifier::on_record(const journal::Record& record) {
    const auto type = static_cast<MessageType>(record.type);
    const std::span<const std::byte> bytes = record.payload;
    ++records_;
    if (!started()) return start(type, bytes);
    if ((record.flags & Pipeline::kInputRecord) != 0) {
        if (!check_.drained()) return difference("the run produced more than was recorded");
        if (type == MessageType::RunManifest) return start(type, bytes);
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
    return begin(manifest);
}

Result<void> Verifier::begin(const messages::RunManifest& manifest) {
    const auto settings = settings_of_run(manifest.configuration);
    if (!settings) return tl::unexpected<Error>{settings.error()};
    auto next = std::make_unique<Pipeline>(*settings, manifest, nullptr, &check_);
    if (started()) {
        if (const auto went = next->continue_from(*pipeline_, nullptr); !went) return went;
        finished_ = false;
    }
    pipeline_ = std::move(next);
    ++parts_;
    return {};
}

Result<void> Verifier::start_at(std::span<const std::byte> snapshot) {
    const auto manifest = manifest_of(snapshot);
    if (!manifest) return tl::unexpected<Error>{manifest.error()};
    if (const auto begun = begin(*manifest); !begun) return begun;
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
