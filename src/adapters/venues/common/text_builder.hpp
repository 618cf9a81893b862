#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace parallax::venue_common {

/// Text of many small pieces, such as a signed request: each piece is copied in line, where
/// std::string makes two calls of it. Its memory is used again after clear().
class TextBuilder {
public:
    void clear() noexcept { size_ = 0; }
    void put(std::string_view piece) {
        if (memory_.size() - size_ < piece.size()) grow(piece.size());
        copy(memory_.data() + size_, piece.data(), piece.size());
        size_ += piece.size();
    }
    void put(char c) { put({&c, 1}); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Good until something is put, or it is cleared.
    [[nodiscard]] std::string_view view() const noexcept { return {memory_.data(), size_}; }

private:
    static constexpr std::size_t kFirst = 1'024;

    /// Two stores that may overlap, for each power of two.
    static void copy(char* to, const char* from, std::size_t size) noexcept {
        if (size > 32) {
            std::memcpy(to, from, size);
        } else if (size >= 16) {
            ends<16>(to, from, size);
        } else if (size >= 8) {
            ends<8>(to, from, size);
        } else if (size >= 4) {
            ends<4>(to, from, size);
        } else if (size > 0) {
            to[0] = from[0];
            to[size / 2] = from[size / 2];
            to[size - 1] = from[size - 1];
        }
    }
    template <std::size_t kWidth>
    static void ends(char* to, const char* from, std::size_t size) noexcept {
        char first[kWidth], last[kWidth];
        std::memcpy(first, from, kWidth);
        std::memcpy(last, from + size - kWidth, kWidth);
        std::memcpy(to, first, kWidth);
        std::memcpy(to + size - kWidth, last, kWidth);
    }
    [[gnu::noinline]] void grow(std::size_t wanted) {
        memory_.resize(2 * memory_.size() + wanted + kFirst);
    }

    std::string memory_;  ///< all of it is there for pieces; size_ says how much has some
    std::size_t size_ = 0;
};

}  // namespace parallax::venue_common
