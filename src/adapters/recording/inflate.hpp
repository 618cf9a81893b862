#pragma once

#include <zlib.h>

#include <cstdint>
#include <span>
#include <vector>

#include "adapters/recording/storage.hpp"
#include "core/result.hpp"

namespace parallax::recording {

/// Inflates the bytes [begin, end) of a storage. The storage must outlive it.
class Inflater {
public:
    enum class Wrapper : int { Raw = -MAX_WBITS, Gzip = MAX_WBITS + 16 };
    Inflater(const Storage& storage, std::uint64_t begin, std::uint64_t end, Wrapper wrapper);
    ~Inflater() { inflateEnd(&zlib_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// At least one byte into `out`, or 0 at the end of the compressed stream. What lies before a
    /// cut or damaged place is delivered first. Errors: Malformed (damaged or ends early, with the
    /// offset), Unavailable.
    [[nodiscard]] Result<std::size_t> read(std::span<char> out);
    /// Begins the next stream, where the last one ended.
    void restart() noexcept;
    void finish() noexcept {
        ended_ = true;
        offset_ = end_;
        zlib_.avail_in = 0;
    }
    /// Of the next compressed byte in the storage.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_ - zlib_.avail_in; }

private:
    Result<void> refill();
    tl::unexpected<Error> damaged(const char* what);

    static constexpr std::size_t kInput = 128 * 1024;
    const Storage& storage_;
    std::uint64_t offset_;  ///< behind what is in input_
    std::uint64_t end_;
    std::vector<char> input_;
    z_stream zlib_{};
    bool ended_ = false;
};

}  // namespace parallax::recording
