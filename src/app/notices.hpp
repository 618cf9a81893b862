#pragma once

#include <string>
#include <vector>

#include "ports/market_feed.hpp"

namespace parallax::app {

/// The last few things people should know, oldest first.
class Notices {
public:
    static constexpr std::size_t kMost = 8;

    void add(std::string text) {
        if (texts_.size() == kMost) texts_.erase(texts_.begin());
        texts_.push_back(std::move(text));
    }
    [[nodiscard]] const std::vector<std::string>& all() const noexcept { return texts_; }

private:
    std::vector<std::string> texts_;
};

/// "okx BTC-USDT: tick 0.1 -> 0.01"
[[nodiscard]] inline std::string text_of(const ports::FeedNotice& notice) {
    return std::string{to_string(notice.market)} + " " + notice.symbol + ": " + notice.text;
}

}  // namespace parallax::app
