#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

/// Sixteen 32-bit numbers at a time, without a branch: what LevelStore searches with. One class for
/// each set of instructions, all with the same functions:
/// - equal(values, number): bit i says that value i of 16 equals the number; greater() alike
/// - count_less(values, number): how many of 16 values are less than the number
/// - greatest(values, set): the greatest of the values whose bit is set; INT32_MIN when none is
namespace parallax::book::lanes {

constexpr std::size_t kLanes = 16;

/// Any processor.
struct Portable {
    template <class Test>
    static std::uint32_t bits(const std::int32_t* values, Test test) noexcept {
        std::uint32_t out = 0;
        for (std::size_t i = 0; i < kLanes; ++i) out |= std::uint32_t{test(values[i])} << i;
        return out;
    }
    static std::uint32_t equal(const std::int32_t* values, std::int32_t number) noexcept {
        return bits(values, [=](std::int32_t value) { return value == number; });
    }
    static std::uint32_t greater(const std::int32_t* values, std::int32_t number) noexcept {
        return bits(values, [=](std::int32_t value) { return value > number; });
    }
    static std::size_t count_less(const std::int32_t* values, std::int32_t number) noexcept {
        const auto less = bits(values, [=](std::int32_t value) { return value < number; });
        return static_cast<std::size_t>(std::popcount(less));
    }
    static std::int32_t greatest(const std::int32_t* values, std::uint32_t set) noexcept {
        std::int32_t most = std::numeric_limits<std::int32_t>::min();
        for (std::size_t i = 0; i < kLanes; ++i)
            if ((set >> i & 1U) != 0) most = std::max(most, values[i]);
        return most;
    }
};

#if defined(__AVX2__)

struct Avx2 {
    static __m256i load(const std::int32_t* values) noexcept {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
    }
    static std::uint32_t bits(__m256i low, __m256i high) noexcept {
        return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(low))) |
               static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(high))) << 8;
    }
    static std::uint32_t equal(const std::int32_t* values, std::int32_t number) noexcept {
        const __m256i all = _mm256_set1_epi32(number);
        return bits(_mm256_cmpeq_epi32(load(values), all),
                    _mm256_cmpeq_epi32(load(values + 8), all));
    }
    static std::uint32_t greater(const std::int32_t* values, std::int32_t number) noexcept {
        const __m256i all = _mm256_set1_epi32(number);
        return bits(_mm256_cmpgt_epi32(load(values), all),
                    _mm256_cmpgt_epi32(load(values + 8), all));
    }
    static std::size_t count_less(const std::int32_t* values, std::int32_t number) noexcept {
        const __m256i all = _mm256_set1_epi32(number);
        const __m256i less = _mm256_packs_epi32(_mm256_cmpgt_epi32(all, load(values)),
                                                _mm256_cmpgt_epi32(all, load(values + 8)));
        return static_cast<std::size_t>(
                   std::popcount(static_cast<std::uint32_t>(_mm256_movemask_epi8(less)))) /
               2;
    }
    static std::int32_t greatest(const std::int32_t* values, std::uint32_t set) noexcept {
        const __m256i sets = _mm256_set1_epi32(static_cast<std::int32_t>(set));
        const __m256i none = _mm256_set1_epi32(std::numeric_limits<std::int32_t>::min());
        const auto chosen = [&](std::size_t at, __m256i to_sign) {  // a lane's bit becomes its sign
            return _mm256_castps_si256(
                _mm256_blendv_ps(_mm256_castsi256_ps(none), _mm256_castsi256_ps(load(values + at)),
                                 _mm256_castsi256_ps(_mm256_sllv_epi32(sets, to_sign))));
        };
        return greatest(
            _mm256_max_epi32(chosen(0, _mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24)),
                             chosen(8, _mm256_setr_epi32(23, 22, 21, 20, 19, 18, 17, 16))));
    }
    static std::int32_t greatest(__m256i eight) noexcept {
        __m128i most =
            _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
        most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0x4e));
        most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0xb1));
        return _mm_cvtsi128_si32(most);
    }
};

/// A third of Avx2's instructions. The program is built for processors without them, so each
/// function names its target, and is inlined only where that is the target, too.
#define PLX_AVX512 [[gnu::target("avx512f,avx512bw,avx512vl,avx512dq")]]
struct Avx512 {
    [[nodiscard]] static bool here() noexcept {  ///< this processor has them
        return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
               __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0;
    }
    PLX_AVX512 static std::uint32_t less(const std::int32_t* values, std::int32_t number) noexcept {
        return _mm512_cmplt_epi32_mask(_mm512_loadu_si512(values), _mm512_set1_epi32(number));
    }
    PLX_AVX512 static std::uint32_t equal(const std::int32_t* values,
                                          std::int32_t number) noexcept {
        return _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(values), _mm512_set1_epi32(number));
    }
    PLX_AVX512 static std::size_t count_less(const std::int32_t* values,
                                             std::int32_t number) noexcept {
        return static_cast<std::size_t>(std::popcount(less(values, number)));
    }
    PLX_AVX512 static std::int32_t greatest(const std::int32_t* values,
                                            std::uint32_t set) noexcept {
        const __m256i none = _mm256_set1_epi32(std::numeric_limits<std::int32_t>::min());
        return Avx2::greatest(_mm256_max_epi32(
            _mm256_mask_loadu_epi32(none, static_cast<__mmask8>(set), values),
            _mm256_mask_loadu_epi32(none, static_cast<__mmask8>(set >> 8), values + 8)));
    }
};

using Usual = Avx2;

#else

using Usual = Portable;

#endif

}  // namespace parallax::book::lanes
