#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "book/feed_book.hpp"
#include "core/ids.hpp"

namespace parallax::book {

/// The books of all instruments by dense id. market_data writes; everybody else in the thread
/// reads. References stay valid while instruments are added.
class BookSet {
public:
    BookSet() = default;
    BookSet(const BookSet&) = delete;
    BookSet& operator=(const BookSet&) = delete;
    BookSet(BookSet&&) = default;
    BookSet& operator=(BookSet&&) = default;
    /// Adds the book of the next id; ids come in order from 0.
    FeedBook& add(GapPolicy policy) { return *by_id_.emplace_back(&books_.emplace_back(policy)); }
    /// Forgets all books: what read them must look again.
    void clear() noexcept {
        by_id_.clear();
        books_.clear();
    }
    [[nodiscard]] FeedBook& at(InstrumentId id) noexcept { return *by_id_[id.index()]; }
    [[nodiscard]] const FeedBook& operator[](InstrumentId id) const noexcept {
        return *by_id_[id.index()];
    }
    [[nodiscard]] std::size_t size() const noexcept { return by_id_.size(); }
    [[nodiscard]] bool contains(InstrumentId id) const noexcept {
        return id.valid() && id.index() < by_id_.size();
    }
    [[nodiscard]] auto begin() const noexcept { return books_.begin(); }
    [[nodiscard]] auto end() const noexcept { return books_.end(); }

private:
    std::deque<FeedBook> books_;
    std::vector<FeedBook*> by_id_;  ///< one load where a deque computes its block
};

}  // namespace parallax::book
