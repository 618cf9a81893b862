#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "adapters/recording/storage.hpp"
#include "core/result.hpp"

namespace parallax::recording {

/// Decompressed bytes of a file from front to back. Reading belongs to one thread, `consumed` to
/// any.
class ByteStream {
public:
    virtual ~ByteStream() = default;
    /// Fills some of `out` (at least one byte); 0 is the end. After an error: the end.
    /// Errors: Malformed (damaged or cut compressed data, with the offset), Unavailable (cannot be
    /// read).
    [[nodiscard]] virtual Result<std::size_t> read(std::span<char> out) = 0;
    /// Bytes of the file used so far, as stored.
    [[nodiscard]] std::uint64_t consumed() const noexcept {
        return consumed_.load(std::memory_order_relaxed);
    }

protected:
    void set_consumed(std::uint64_t bytes) noexcept {
        consumed_.store(bytes, std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> consumed_{0};
};

/// Looks at the first bytes: gzip (several members in a row too), zip (its entries one after the
/// other), else plain. Errors: Malformed (empty file, zip without entries or with what we cannot
/// read), Unavailable.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_stream(
    std::shared_ptr<const Storage> storage);

}  // namespace parallax::recording
