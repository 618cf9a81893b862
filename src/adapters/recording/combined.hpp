#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/frame_source.hpp"

namespace parallax::recording {

/// Several sources in one: what merging and chaining share. Connections are numbered anew, in order
/// of appearance, so that those of two sources differ.
class CombinedSource : public ports::FrameSource {
public:
    explicit CombinedSource(std::vector<std::unique_ptr<ports::FrameSource>> sources)
        : sources_{std::move(sources)}, notes_seen_(sources_.size(), 0), last_(sources_.size()) {}
    ports::SourceProgress progress() const noexcept override;
    std::uint64_t out_of_order() const noexcept override;
    std::span<const std::string> notes() const noexcept override { return notes_; }
    void add_note(std::string note) { notes_.push_back(std::move(note)); }

protected:
    /// The next frame of that source, its notes taken over.
    [[nodiscard]] Result<bool> pull(std::size_t index, ports::Frame& frame);
    [[nodiscard]] std::size_t count() const noexcept { return sources_.size(); }

private:
    struct Renumbered {
        std::uint32_t inner = UINT32_MAX;
        std::uint32_t outer = UINT32_MAX;
    };
    [[nodiscard]] std::uint32_t renumber(std::size_t index, std::uint32_t connection);
    std::vector<std::unique_ptr<ports::FrameSource>> sources_;
    std::vector<std::size_t> notes_seen_;
    std::vector<Renumbered> last_;  ///< of each source: spares the look into connections_
    std::map<std::pair<std::size_t, std::uint32_t>, std::uint32_t> connections_;
    std::vector<std::string> notes_;
};

/// Merges sources by receive time; frames of one time in the order the sources were given. A frame
/// that is late within its own source is delivered when it comes. An error of one source is
/// delivered in its place; the others go on.
class MergedSource final : public CombinedSource {
public:
    explicit MergedSource(std::vector<std::unique_ptr<ports::FrameSource>> sources);
    Result<bool> next(ports::Frame& frame) override;

private:
    struct Head {
        ports::Frame frame;
        std::size_t source = 0;
    };
    static bool later(const Head& a, const Head& b) noexcept;
    /// Puts the source's next frame on the heap.
    Result<void> advance(std::size_t source);
    std::vector<Head> heap_;
    std::vector<std::size_t>
        waiting_;  ///< sources without a frame on the heap that are not at their end
};

/// One source after the other.
class ChainedSource final : public CombinedSource {
public:
    explicit ChainedSource(std::vector<std::unique_ptr<ports::FrameSource>> sources)
        : CombinedSource{std::move(sources)} {}
    Result<bool> next(ports::Frame& frame) override;
    /// Counts frames earlier than one of an earlier source, too.
    std::uint64_t out_of_order() const noexcept override { return out_of_order_; }

private:
    std::size_t current_ = 0;
    UnixNanos latest_;
    std::uint64_t out_of_order_ = 0;
};

}  // namespace parallax::recording
