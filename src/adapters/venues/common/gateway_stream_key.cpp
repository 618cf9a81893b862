// The key that some venues want in the address of the private stream. It ends unless it is
// extended, and asking for it extends the one there is.
#include "adapters/venues/common/live_gateway.hpp"

namespace parallax::venue_common {

namespace {
/// Keys live an hour: one extension may fail for half of it.
constexpr Nanos kExtend = Nanos::seconds(1'500);
constexpr Nanos kAgain = Nanos::seconds(1);
}  // namespace

void LiveGateway::want_stream_key(UnixNanos now, bool gone) {
    if (!stream_key_.needed) return;
    stream_key_.due = now;
    stream_key_.gone = stream_key_.gone || gone;
}

void LiveGateway::keep_stream_key(UnixNanos now) {
    if (!stream_key_.needed || stream_key_.token != 0 || now < stream_key_.due) return;
    auto call = protocol_->ask_stream_key();
    call->rate.urgency = Urgency::Urgent;
    call->deadline = now + config_.ask_timeout;
    call->timeout = config_.ask_timeout;
    const auto token = rest_.submit(user_, std::move(*call), now);
    stream_key_.token = token ? *token : 0;
    stream_key_.due = now + (token ? kExtend : kAgain);
}

void LiveGateway::on_stream_key(const RestAnswer& answer, UnixNanos now) {
    stream_key_.token = 0;
    auto url = answer.good() ? protocol_->read_stream_key(answer.body)
                             : Result<std::string>{fail(Errc::Unavailable, "no key")};
    if (!url) {
        if (answer.verdict.reaction == Reaction::Halt) halted_ = answer.verdict;
        stream_key_.due = now + kAgain;
        trouble_ = explain(answer);
        return;
    }
    Link& link = *links_[protocol_->stream_link()];
    const bool changed = *url != stream_key_.url;
    if (changed) {
        ports::WebSocketTarget target = link.options().target;
        target.url = stream_key_.url = std::move(*url);
        link.set_target(std::move(target));
    }
    if (!stream_key_.started) {
        stream_key_.started = true;
        link.start(now);
    } else if (changed || stream_key_.gone) {
        link.replace(now);  // what it missed is asked about then
    }
    stream_key_.gone = false;
}

}  // namespace parallax::venue_common
