#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.hpp"

// One description of a state serves four purposes: the state hash, the snapshot written, the
// snapshot read, and the bytes of a message. A type takes part by a member `template <class
// Archive> void describe(Archive& archive)` that hands its fields over in order: `archive(balance_,
// open_orders_);`. Numbers, enums, ids, prices, strings and the usual containers need nothing. The
// layout is little-endian, fields in the order given, lengths as 32 bits.

namespace parallax {

static_assert(std::endian::native == std::endian::little,
              "journals and hashes are defined little-endian");

template <class T, class Archive>
concept Described = requires(T& value, Archive& archive) { value.describe(archive); };
/// Copied as it lies in memory: no padding, no pointers.
template <class T>
concept Flat =
    std::is_trivially_copyable_v<T> &&
    (std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>) &&
    !std::is_pointer_v<T> && !requires(const T& t) { t.data(); };  // a view is a pointer too

/// What the three archives share: how a value falls apart into byte runs. `Self` supplies
/// bytes(void*, size) and length(size) (written or read) and `kReading`.
template <class Self>
class ArchiveBase {
public:
    template <class... T>
    void operator()(T&&... values) {
        (visit(const_cast<std::remove_cvref_t<T>&>(values)), ...);
    }

private:
    Self& self() noexcept { return static_cast<Self&>(*this); }

    template <class T>
    void visit(T& value) {
        if constexpr (Described<T, Self>) {
            value.describe(self());
        } else {
            static_assert(Flat<T>, "give the type a describe() member");
            self().bytes(&value, sizeof value);
        }
    }
    /// A byte other than 0 and 1 read into a bool would be undefined.
    void visit(bool& value) {
        auto byte = static_cast<std::uint8_t>(value);
        self().bytes(&byte, sizeof byte);
        if constexpr (Self::kReading) value = byte != 0;
    }
    void visit(std::string& text) {
        const std::size_t size = self().length(text.size());
        if constexpr (Self::kReading) text.resize(size);
        self().bytes(text.data(), size);
    }
    template <class T>
    void visit(std::vector<T>& values) {
        const std::size_t size = self().length(values.size());
        if constexpr (Self::kReading) {
            values.clear();
            for (std::size_t i = 0; i < size && self().ok(); ++i) visit(values.emplace_back());
        } else {
            for (T& value : values) visit(value);
        }
    }
    void visit(std::vector<bool>& values) {
        const std::size_t size = self().length(values.size());
        if constexpr (Self::kReading) values.assign(size, false);
        for (std::size_t i = 0; i < values.size(); ++i) {
            bool value = values[i];
            visit(value);
            if constexpr (Self::kReading) values[i] = value;
        }
    }
    template <class T>
    void visit(std::deque<T>& values) {
        const std::size_t size = self().length(values.size());
        if constexpr (Self::kReading) {
            values.clear();
            for (std::size_t i = 0; i < size && self().ok(); ++i) visit(values.emplace_back());
        } else {
            for (T& value : values) visit(value);
        }
    }
    template <class T, std::size_t N>
    void visit(std::array<T, N>& values) {
        for (T& value : values) visit(value);
    }
    template <class T>
    void visit(std::optional<T>& value) {
        bool present = value.has_value();
        visit(present);
        if constexpr (Self::kReading) {
            if (present)
                value.emplace();
            else
                value.reset();
        }
        if (present) visit(*value);
    }
    template <class A, class B>
    void visit(std::pair<A, B>& value) {
        visit(value.first);
        visit(value.second);
    }
    template <class K, class V, class C>
    void visit(std::map<K, V, C>& values) {
        const std::size_t size = self().length(values.size());
        if constexpr (Self::kReading) {
            values.clear();
            for (std::size_t i = 0; i < size && self().ok(); ++i) {
                K key{};
                visit(key);
                visit(values[key]);
            }
        } else {
            for (auto& [key, value] : values) {
                visit(const_cast<K&>(key));
                visit(value);
            }
        }
    }
    /// In key order, so that the bytes do not depend on the hash table's history.
    template <class K, class V, class H, class E>
    void visit(std::unordered_map<K, V, H, E>& values) {
        const std::size_t size = self().length(values.size());
        if constexpr (Self::kReading) {
            values.clear();
            for (std::size_t i = 0; i < size && self().ok(); ++i) {
                K key{};
                visit(key);
                visit(values[key]);
            }
        } else {
            std::vector<K> keys;
            keys.reserve(values.size());
            for (const auto& entry : values) keys.push_back(entry.first);
            std::sort(keys.begin(), keys.end());
            for (K& key : keys) {
                visit(key);
                visit(values.find(key)->second);
            }
        }
    }
};

/// Order-sensitive 64-bit hash of everything handed over. Not cryptographic. Same value on every
/// machine.
class StateHasher final : public ArchiveBase<StateHasher> {
public:
    static constexpr bool kReading = false;
    explicit StateHasher(std::uint64_t seed = 0) noexcept : state_{seed ^ 0x9E3779B97F4A7C15ULL} {}
    void bytes(const void* data, std::size_t size) noexcept {
        const auto* from = static_cast<const unsigned char*>(data);
        for (; size >= 8; from += 8, size -= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, from, 8);
            mix(word);
        }
        if (size > 0) {
            std::uint64_t word = static_cast<std::uint64_t>(size) << 56;
            std::memcpy(&word, from, size);
            mix(word);
        }
    }
    std::size_t length(std::size_t size) noexcept {
        mix(size);
        return size;
    }
    [[nodiscard]] bool ok() const noexcept { return true; }
    [[nodiscard]] std::uint64_t value() const noexcept {
        std::uint64_t h = state_;
        h ^= h >> 32;
        h *= 0xD6E8FEB86659FD93ULL;
        h ^= h >> 32;
        return h;
    }

private:
    void mix(std::uint64_t word) noexcept {
        const auto product = static_cast<unsigned __int128>(state_ ^ word) * 0xA0761D6478BD642FULL;
        state_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^
                 (word << 1 | 1);
    }
    std::uint64_t state_;
};

/// Appends to a byte vector.
class StateWriter final : public ArchiveBase<StateWriter> {
public:
    static constexpr bool kReading = false;
    explicit StateWriter(std::vector<std::byte>& out) noexcept : out_{out} {}
    void bytes(const void* data, std::size_t size) {
        const auto* from = static_cast<const std::byte*>(data);
        out_.insert(out_.end(), from, from + size);
    }
    std::size_t length(std::size_t size) {
        const auto stored = static_cast<std::uint32_t>(size);
        bytes(&stored, sizeof stored);
        return size;
    }
    [[nodiscard]] bool ok() const noexcept { return true; }

private:
    std::vector<std::byte>& out_;
};

/// Reads what StateWriter wrote. Bytes that do not fit make ok() false and leave zeros; nothing is
/// read beyond the end.
class StateReader final : public ArchiveBase<StateReader> {
public:
    static constexpr bool kReading = true;
    explicit StateReader(std::span<const std::byte> in) noexcept : in_{in} {}
    void bytes(void* data, std::size_t size) noexcept {
        if (size > in_.size()) {
            ok_ = false;
            if (size > 0) std::memset(data, 0, size);
            return;
        }
        if (size > 0) std::memcpy(data, in_.data(), size);
        in_ = in_.subspan(size);
    }
    std::size_t length(std::size_t) noexcept {
        std::uint32_t size = 0;
        bytes(&size, sizeof size);
        if (size > in_.size()) {  // every element takes at least a byte
            ok_ = false;
            return 0;
        }
        return size;
    }
    /// A type found that what it read makes no sense.
    void damage() noexcept { ok_ = false; }
    /// False once anything did not fit.
    [[nodiscard]] bool ok() const noexcept { return ok_; }
    /// True when all was read and fitted.
    [[nodiscard]] bool finished() const noexcept { return ok_ && in_.empty(); }

private:
    std::span<const std::byte> in_;
    bool ok_ = true;
};

template <class T>
[[nodiscard]] std::uint64_t state_hash(const T& value, std::uint64_t seed = 0) {
    StateHasher hasher{seed};
    hasher(value);
    return hasher.value();
}

}  // namespace parallax
