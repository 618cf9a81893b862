#include "adapters/recording/combined.hpp"

#include <algorithm>

namespace parallax::recording {

ports::SourceProgress CombinedSource::progress() const noexcept {
    ports::SourceProgress sum;
    for (const auto& source : sources_) {
        const ports::SourceProgress part = source->progress();
        sum.done += part.done;
        sum.total += part.total;
    }
    return sum;
}

std::uint64_t CombinedSource::out_of_order() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& source : sources_) sum += source->out_of_order();
    return sum;
}

Result<bool> CombinedSource::pull(std::size_t index, ports::Frame& frame) {
    auto more = sources_[index]->next(frame);
    const auto notes = sources_[index]->notes();
    for (std::size_t& seen = notes_seen_[index]; seen < notes.size(); ++seen)
        notes_.push_back(notes[seen]);
    if (more && *more) frame.connection = renumber(index, frame.connection);
    return more;
}

std::uint32_t CombinedSource::renumber(std::size_t index, std::uint32_t connection) {
    Renumbered& last = last_[index];
    if (last.inner != connection || last.outer == UINT32_MAX) {
        const auto fresh = static_cast<std::uint32_t>(connections_.size());
        last = {connection, connections_.try_emplace({index, connection}, fresh).first->second};
    }
    return last.outer;
}

MergedSource::MergedSource(std::vector<std::unique_ptr<ports::FrameSource>> sources)
    : CombinedSource{std::move(sources)} {
    heap_.reserve(count());
    for (std::size_t i = count(); i > 0; --i) waiting_.push_back(i - 1);
}

bool MergedSource::later(const Head& a, const Head& b) noexcept {
    if (a.frame.received != b.frame.received) return a.frame.received > b.frame.received;
    return a.source > b.source;
}

Result<void> MergedSource::advance(std::size_t source) {
    Head head{{}, source};
    const auto more = pull(source, head.frame);
    if (!more) return tl::unexpected{more.error()};
    waiting_.pop_back();
    if (!*more) return {};
    heap_.push_back(head);
    std::push_heap(heap_.begin(), heap_.end(), later);
    return {};
}

Result<bool> MergedSource::next(ports::Frame& frame) {
    // The frame delivered last stays valid until now: only now its source may go on.
    while (!waiting_.empty()) {
        if (const auto advanced = advance(waiting_.back()); !advanced)
            return tl::unexpected{advanced.error()};
    }
    if (heap_.empty()) return false;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    frame = heap_.back().frame;
    waiting_.push_back(heap_.back().source);
    heap_.pop_back();
    return true;
}

Result<bool> ChainedSource::next(ports::Frame& frame) {
    for (; current_ < count(); ++current_) {
        auto more = pull(current_, frame);
        if (!more) return more;
        if (!*more) continue;
        if (frame.received < latest_)
            ++out_of_order_;
        else
            latest_ = frame.received;
        return true;
    }
    return false;
}

}  // namespace parallax::recording
