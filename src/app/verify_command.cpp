#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "app/commands.hpp"
#include "app/session.hpp"
#include "journal/reader.hpp"

namespace parallax::app {
namespace {

using messages::MessageType;

/// Feeds a journal's inputs to a fresh pipeline and holds its outputs against the recorded ones.
class Verifier {
public:
    Result<void> on_record(MessageType type, std::span<const std::byte> bytes) {
        ++records_;
        if (!pipeline_) return start(type, bytes);
        if (is_input(type)) {
            if (!check_.drained()) return difference("the run produced more than was recorded");
            return feed(type, bytes);
        }
        if (type == MessageType::StateHash && check_.drained())
            pipeline_->finish();  // the last one, at the end of data
        if (!check_.expect(type, bytes)) {
            return difference(
                fmt::format("recorded {} differs from what the run produced", to_string(type)));
        }
        ++outputs_;
        return {};
    }
    Result<void> on_end() {
        if (!pipeline_) return fail(Errc::Malformed, "no run in the journal");
        return {};
    }
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
    [[nodiscard]] std::uint64_t outputs() const noexcept { return outputs_; }
    [[nodiscard]] std::uint64_t inputs() const { return pipeline_ ? pipeline_->inputs() : 0; }
    [[nodiscard]] std::uint64_t digest() const { return pipeline_ ? pipeline_->digest() : 0; }

private:
    static bool is_input(MessageType type) noexcept {
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
            case MessageType::BalanceReport:
                return true;
            default:
                return false;
        }
    }
    Result<void> difference(std::string what) const {
        return fail(Errc::Rejected,
                    fmt::format("record {}, after {} inputs: {}", records_, inputs(), what));
    }
    Result<void> start(MessageType type, std::span<const std::byte> bytes) {
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
    template <class Message>
    void apply(const Message& message) {
        if constexpr (requires(Pipeline& p) { p.on(message); }) (void)pipeline_->on(message);
    }
    Result<void> feed(MessageType type, std::span<const std::byte> bytes) {
        const auto fed =
            messages::visit(type, bytes, scratch_, [&](const auto& message) { apply(message); });
        if (!fed) return difference(fmt::format("{} cannot be read", to_string(type)));
        return {};
    }

    OutputCheck check_;
    std::optional<Pipeline> pipeline_;
    messages::OwnedDepth scratch_;
    std::uint64_t records_ = 0;
    std::uint64_t outputs_ = 0;
};

}  // namespace

int run_verify(const VerifyOptions& options) {
    const auto complain = [](const Error& error, int code) {
        std::fprintf(stderr, "parallax verify: %s\n", error.detail.c_str());
        return code;
    };
    auto reader = journal::Reader::open(options.journal);
    if (!reader) return complain(reader.error(), kBadInput);
    Verifier verifier;
    journal::Record record;
    for (;;) {
        const auto next = reader->next(record);
        if (!next) return complain(next.error(), kBadInput);
        if (!*next) break;
        const auto same = verifier.on_record(static_cast<MessageType>(record.type), record.payload);
        if (!same) return complain(same.error(), kFailed);
    }
    if (const auto ended = verifier.on_end(); !ended) return complain(ended.error(), kBadInput);
    if (options.json) {
        fmt::print(
            "{{\"digest\": \"{:016x}\", \"records\": {}, \"inputs\": {}, \"outputs\": {}, "
            "\"equal\": true}}\n",
            verifier.digest(), verifier.records(), verifier.inputs(), verifier.outputs());
    } else {
        fmt::print(
            "{}: {} records, {} inputs, {} outputs: every byte and every state hash equal\ndigest "
            "{:016x}\n",
            options.journal, verifier.records(), verifier.inputs(), verifier.outputs(),
            verifier.digest());
    }
    return kOk;
}

}  // namespace parallax::app
