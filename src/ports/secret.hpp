#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string_view>

namespace parallax::ports {

/// Key material or a passphrase. Lives in pages of its own that are kept out of swap and core
/// dumps, is wiped when it dies, moves but is not copied by accident, and has no way to a stream or
/// a format string. Whoever needs the bytes asks for them by name, and keeps no copy.
class Secret {
public:
    Secret() = default;
    /// `size` zero bytes, to be filled.
    explicit Secret(std::size_t size);
    static Secret copy_of(std::string_view text);
    ~Secret() { wipe(); }
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::string_view reveal() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::span<char> fill() noexcept { return {data_, size_}; }
    /// Drops what lies behind; the rest is wiped at once.
    void shrink(std::size_t size) noexcept;
    /// Overwrites and gives the pages back.
    void wipe() noexcept;
    /// False where the system refused to lock (RLIMIT_MEMLOCK): then the pages may reach the swap.
    [[nodiscard]] bool locked() const noexcept { return locked_; }

    friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t mapped_ = 0;
    bool locked_ = false;
};

}  // namespace parallax::ports
