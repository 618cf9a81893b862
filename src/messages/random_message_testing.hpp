#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string>

#include "messages/codec.hpp"

/// For tests: any value of any message, extremes as often as ordinary numbers.
namespace parallax::messages {

using Random = std::mt19937_64;  // the engine alone: the same numbers with every library

class RandomFill final : public wire::Archive<RandomFill> {
public:
    static constexpr bool kReading = true;
    explicit RandomFill(Random& random) noexcept : random_{random} {}
    template <class T>
    void flat(T& value) noexcept {
        unsigned char bytes[sizeof(T)];
        if constexpr (constexpr std::uint8_t kLimit = value_limit<T>(); kLimit > 0) {
            bytes[0] = static_cast<unsigned char>(random_() % kLimit);
        } else {
            fill(bytes, sizeof bytes);
        }
        std::memcpy(&value, bytes, sizeof bytes);
    }
    void text(std::string& value) {
        value.clear();
        const std::uint64_t size = random_() % 4 == 0 ? random_() % 300 : random_() % 12;
        for (std::uint64_t i = 0; i < size; ++i) value += static_cast<char>(random_() % 128);
    }

private:
    /// Zero, all ones (-1, and "none" of ids), the ends of the signed range, a small number, or
    /// anything.
    void fill(unsigned char* bytes, std::size_t size) noexcept {
        const std::uint64_t shape = random_() % 7;
        for (std::size_t i = 0; i < size; ++i) {
            const bool top = i + 1 == size;
            switch (shape) {
                case 0:
                    bytes[i] = 0;
                    break;
                case 1:
                    bytes[i] = 0xFF;
                    break;
                case 2:
                    bytes[i] = top ? 0x7F : 0xFF;
                    break;
                case 3:
                    bytes[i] = top ? 0x80 : 0x00;
                    break;
                case 4:
                    bytes[i] = i == 0 ? static_cast<unsigned char>(random_()) : 0;
                    break;
                default:
                    bytes[i] = static_cast<unsigned char>(random_());
            }
        }
    }
    Random& random_;
};

template <Message T>
    requires(!std::is_same_v<T, DepthUpdate>)
void fill(T& message, Random& random) {
    if constexpr (requires { message.leg_count; }) {
        message.leg_count = kMaxLegs;  // so that describe() reaches every leg
        RandomFill{random}(message);
        message.leg_count = static_cast<std::uint8_t>(random() % (kMaxLegs + 1));
        for (std::size_t i = message.leg_count; i < kMaxLegs; ++i) message.legs[i] = {};
    } else {
        RandomFill{random}(message);
    }
}

inline void fill(OwnedDepth& depth, Random& random) {
    RandomFill any{random};
    DepthUpdate& h = depth.header;
    any(h.instrument, h.kind, h.stamp, h.first_id, h.last_id, h.previous_id, h.checksum,
        h.has_checksum);
    for (auto* side : {&depth.bids, &depth.asks}) {
        side->resize(random() % 3 == 0 ? 0 : random() % 60);
        for (Level& level : *side) any(level.price, level.quantity);
    }
}

/// What a message of type T is held in: a depth update is a view of levels elsewhere.
template <class T>
using Owned = std::conditional_t<std::is_same_v<T, DepthUpdate>, OwnedDepth, T>;
template <class T>
const T& as_sent(const T& message) {
    return message;
}
inline DepthUpdate as_sent(const OwnedDepth& depth) { return depth.view(); }

/// Calls f(std::type_identity<T>) with every message type.
template <class F>
void for_each_type(F&& f) {
#define PLX_MESSAGE(Type, topic) f(std::type_identity<Type>{});
    PLX_FOR_EACH_MESSAGE(PLX_MESSAGE)
#undef PLX_MESSAGE
}

/// A property of messages made of seeds. RapidCheck is instantiated here once instead of for each
/// type, which was most of what compiling the tests cost.
inline bool holds(MessageType type, const std::function<void(std::uint64_t)>& property) {
    return rc::check(std::string{to_string(type)},
                     [&property](std::uint64_t seed) { property(seed); });
}

}  // namespace parallax::messages
