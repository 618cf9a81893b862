#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

/// Sixteen 32-bit numbers at a time, without a branch: what LevelStore searches with. Arrays are
/// aligned to 32 bytes where it says so.
namespace parallax::book::lanes {

constexpr std::size_t kLanes = 16;

#if defined(__AVX2__)

using Number = __m256i;  ///< one number in each lane

inline Number all(std::int32_t value) noexcept { return _mm256_set1_epi32(value); }
inline __m256i load(const std::int32_t* values) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
}
inline std::uint32_t bits(__m256i low, __m256i high) noexcept {
    return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(low))) |
           static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(high))) << 8;
}
/// Bit i: value i equals the number.
inline std::uint32_t equal(const std::int32_t* values, Number number) noexcept {
    return bits(_mm256_cmpeq_epi32(load(values), number),
                _mm256_cmpeq_epi32(load(values + 8), number));
}
/// Bit i: value i is greater than the number.
inline std::uint32_t greater(const std::int32_t* values, Number number) noexcept {
    return bits(_mm256_cmpgt_epi32(load(values), number),
                _mm256_cmpgt_epi32(load(values + 8), number));
}
/// How many of 16 values are less than the number.
inline std::size_t count_less(const std::int32_t* values, Number number) noexcept {
    const __m256i less = _mm256_packs_epi32(_mm256_cmpgt_epi32(number, load(values)),
                                            _mm256_cmpgt_epi32(number, load(values + 8)));
    return static_cast<std::size_t>(
               std::popcount(static_cast<std::uint32_t>(_mm256_movemask_epi8(less)))) /
           2;
}
/// How many of 32 values are less than the number.
inline std::size_t count_less_of_32(const std::int32_t* values, Number number) noexcept {
    const auto less = [&](std::size_t i) { return _mm256_cmpgt_epi32(number, load(values + i)); };
    const __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(less(0), less(8)),
                                              _mm256_packs_epi32(less(16), less(24)));
    return static_cast<std::size_t>(
        std::popcount(static_cast<std::uint32_t>(_mm256_movemask_epi8(packed))));
}
/// The greatest of the values whose bit is set; INT32_MIN when none is.
inline std::int32_t greatest(const std::int32_t* values, std::uint32_t set) noexcept {
    const __m256i sets = _mm256_set1_epi32(static_cast<std::int32_t>(set));
    const __m256i none = _mm256_set1_epi32(std::numeric_limits<std::int32_t>::min());
    const auto chosen = [&](std::size_t at, __m256i to_sign) {  // a lane's bit becomes its sign
        return _mm256_castps_si256(
            _mm256_blendv_ps(_mm256_castsi256_ps(none), _mm256_castsi256_ps(load(values + at)),
                             _mm256_castsi256_ps(_mm256_sllv_epi32(sets, to_sign))));
    };
    const __m256i eight =
        _mm256_max_epi32(chosen(0, _mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24)),
                         chosen(8, _mm256_setr_epi32(23, 22, 21, 20, 19, 18, 17, 16)));
    __m128i most = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0x4e));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0xb1));
    return _mm_cvtsi128_si32(most);
}

#else

using Number = std::int32_t;

inline Number all(std::int32_t value) noexcept { return value; }
template <class Test>
std::uint32_t bits(const std::int32_t* values, Test test) noexcept {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < kLanes; ++i) out |= std::uint32_t{test(values[i])} << i;
    return out;
}
inline std::uint32_t equal(const std::int32_t* values, Number number) noexcept {
    return bits(values, [=](std::int32_t value) { return value == number; });
}
inline std::uint32_t greater(const std::int32_t* values, Number number) noexcept {
    return bits(values, [=](std::int32_t value) { return value > number; });
}
inline std::size_t count_less(const std::int32_t* values, Number number) noexcept {
    return static_cast<std::size_t>(
        std::popcount(bits(values, [=](std::int32_t value) { return value < number; })));
}
inline std::size_t count_less_of_32(const std::int32_t* values, Number number) noexcept {
    return count_less(values, number) + count_less(values + kLanes, number);
}
inline std::int32_t greatest(const std::int32_t* values, std::uint32_t set) noexcept {
    std::int32_t most = std::numeric_limits<std::int32_t>::min();
    for (std::size_t i = 0; i < kLanes; ++i)
        if ((set >> i & 1U) != 0) most = std::max(most, values[i]);
    return most;
}

#endif

}  // namespace parallax::book::lanes
