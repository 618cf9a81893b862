#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

#include "core/decimal.hpp"
#include "core/time.hpp"

/// Scanning of compact JSON whose layout is known. Everything here answers "as documented" or
/// "something else"; the latter is no error but a reason to let the full JSON reader look
/// (json.hpp). Nothing reads outside the text.
namespace parallax::venue_common {

/// What reading a number at a scale can end with.
enum class Number : std::uint8_t {
    Ok,
    Odd,       ///< not a plain non-negative decimal
    Finer,     ///< has a non-zero digit behind the scale
    TooLarge,  ///< does not fit 64 bits at the scale
};

struct ReadDecimal {
    std::int64_t value = 0;
    const char* next = nullptr;  ///< behind the closing quote, when Ok
    Number status = Number::Odd;
};

struct ReadInteger {
    std::uint64_t value = 0;
    const char* next = nullptr;  ///< behind the digits
    bool ok = false;
};

/// A text of at most 32 bytes as four words, zero filled: what SymbolCache compares.
struct ShortText {
    std::string_view text;
    std::uint64_t words[4] = {};
};

/// Byte by byte, for any length. `p` is behind the opening quote.
[[nodiscard]] ReadDecimal read_long_decimal(const char* p, const char* end,
                                            std::uint8_t decimals) noexcept;

/// JSON integer without sign, up to 19 digits, byte by byte.
[[nodiscard]] ReadInteger read_long_integer(const char* p, const char* end) noexcept;

/// Milliseconds since the epoch, or microseconds when the number is too large for any date in
/// milliseconds (Binance timeUnit=MICROSECOND). False when it fits neither.
[[nodiscard, gnu::always_inline]] constexpr bool to_time(std::uint64_t value,
                                                         UnixNanos& out) noexcept {
    constexpr std::uint64_t kFirstMicros = 100'000'000'000'000;
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const std::uint64_t unit = value >= kFirstMicros ? 1'000 : 1'000'000;
    if (value > kMax / unit) return false;
    out = UnixNanos::from_nanos(static_cast<std::int64_t>(value * unit));
    return true;
}

/// A position in a frame. Functions that return false may have moved it: the caller gives up then.
class Cursor {
public:
    explicit Cursor(std::string_view text) noexcept
        : begin_{text.data()}, p_{text.data()}, end_{text.data() + text.size()} {}

    [[nodiscard]] bool at_end() const noexcept { return p_ == end_; }
    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - p_); }

    /// The byte `ahead` of the position; 0 behind the end.
    [[nodiscard]] char peek(std::size_t ahead) const noexcept {
        return ahead < left() ? p_[ahead] : '\0';
    }

    /// Moves over one digit and the byte behind it if they are next.
    [[nodiscard, gnu::always_inline]] bool skip_digit_and(char behind) noexcept {
        if (!has(2) || *p_ < '0' || *p_ > '9' || p_[1] != behind) return false;
        p_ += 2;
        return true;
    }

    /// Moves over the literal if it is next.
    template <std::size_t N>
    [[nodiscard, gnu::always_inline]] bool take(const char (&literal)[N]) noexcept {
        constexpr std::size_t kLength = N - 1;
        if (!has(kLength) || !same<kLength>(p_, literal)) return false;
        p_ += kLength;
        return true;
    }

    /// JSON integer without sign, up to 19 digits.
    [[nodiscard, gnu::always_inline]] bool integer(std::uint64_t& out) noexcept;
    /// JSON integer with an optional minus sign.
    [[nodiscard, gnu::always_inline]] bool signed_integer(std::int64_t& out) noexcept {
        const bool negative = take("-");
        std::uint64_t magnitude = 0;
        if (!integer(magnitude) ||
            magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            return false;
        }
        out =
            negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
        return true;
    }
    [[nodiscard, gnu::always_inline]] bool time(UnixNanos& out) noexcept;
    [[nodiscard, gnu::always_inline]] bool boolean(bool& out) noexcept {
        out = take("true");
        return out || take("false");
    }
    /// Decimal text behind its opening quote, over the closing one, in steps of 10^-decimals.
    [[nodiscard, gnu::always_inline]] Number decimal(std::uint8_t decimals,
                                                     std::int64_t& out) noexcept;
    /// Text behind its opening quote, over the closing one. Bytes come as they are: false for
    /// escapes.
    [[nodiscard, gnu::always_inline]] bool text(std::string_view& out) noexcept;
    /// A text of 36 bytes that ends like text(), a UUID mostly; false, and nothing moved, for any
    /// other. Where the next field begins is then known before the quote is found.
    [[nodiscard, gnu::always_inline]] bool uuid(std::string_view& out) noexcept;
    /// The same for up to 32 bytes, ready for comparing.
    [[nodiscard, gnu::always_inline]] bool short_text(ShortText& out) noexcept;
    /// Moves over a text read before and its closing quote if they are next. Where the next field
    /// begins is then known without looking for the quote.
    [[nodiscard, gnu::always_inline]] bool take_again(const ShortText& expected) noexcept;

private:
    /// As numbers: a sum that is compared only, and then serves as the next position.
    [[nodiscard, gnu::always_inline]] bool has(std::size_t count) const noexcept {
        return reinterpret_cast<std::uintptr_t>(p_) + count <=
               reinterpret_cast<std::uintptr_t>(end_);
    }
    /// By value, so that the cursor itself can live in registers.
    [[nodiscard, gnu::noinline]] static bool closes(const char* p, const char* end,
                                                    std::string_view expected) noexcept {
        const std::string_view ahead{p, static_cast<std::size_t>(end - p)};
        return ahead.size() > expected.size() && ahead.starts_with(expected) &&
               ahead[expected.size()] == '"';
    }
    [[nodiscard, gnu::always_inline]] bool take_text(std::string_view expected) noexcept {
        if (!closes(p_, end_, expected)) return false;
        p_ += expected.size() + 1;
        return true;
    }
    template <class Word>
    [[nodiscard, gnu::always_inline]] static Word difference(const char* a,
                                                             const char* b) noexcept {
        Word x;
        Word y;
        std::memcpy(&x, a, sizeof x);
        std::memcpy(&y, b, sizeof y);
        return static_cast<Word>(x ^ y);
    }
#if defined(__SSE4_1__)
    [[nodiscard, gnu::always_inline]] static __m128i difference16(const char* a,
                                                                  const char* b) noexcept {
        return _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a)),
                             _mm_loadu_si128(reinterpret_cast<const __m128i*>(b)));
    }
#endif
    /// memcmp() == 0 that is sure to be inlined: whole words, the last one overlapping.
    template <std::size_t kLength>
    [[nodiscard, gnu::always_inline]] static bool same(const char* a, const char* b) noexcept {
#if defined(__SSE4_1__)
        if constexpr (kLength >= 16) {
            __m128i any = difference16(a + kLength - 16, b + kLength - 16);
            for (std::size_t i = 0; i + 16 < kLength; i += 16)
                any = _mm_or_si128(any, difference16(a + i, b + i));
            return _mm_testz_si128(any, any) != 0;
        }
#endif
        if constexpr (kLength >= 8) {
            std::uint64_t any = difference<std::uint64_t>(a + kLength - 8, b + kLength - 8);
            for (std::size_t i = 0; i + 8 < kLength; i += 8)
                any |= difference<std::uint64_t>(a + i, b + i);
            return any == 0;
        } else if constexpr (kLength >= 4) {
            return (difference<std::uint32_t>(a, b) |
                    difference<std::uint32_t>(a + kLength - 4, b + kLength - 4)) == 0;
        } else if constexpr (kLength >= 2) {
            return (difference<std::uint16_t>(a, b) |
                    difference<std::uint16_t>(a + kLength - 2, b + kLength - 2)) == 0;
        } else {
            return *a == *b;
        }
    }
#if defined(__SSE4_1__)
    /// The next 16 bytes; zeros behind the end of the text.
    [[nodiscard, gnu::always_inline]] __m128i load16() const noexcept {
        if (has(16)) [[likely]]
            return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p_));
        return load_tail(begin_, p_, end_);
    }
    /// By value, so that the cursor itself can live in registers.
    [[nodiscard, gnu::noinline]] static __m128i load_tail(const char* begin, const char* p,
                                                          const char* end) noexcept;
    [[gnu::always_inline]] static std::uint32_t mask(__m128i bytes) noexcept {
        return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
    }
    [[gnu::always_inline]] static std::uint32_t equal(__m128i bytes, char c) noexcept {
        return mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
    }
    /// Bit i: byte i of `values` is 0 to 9 (the digit's value, not its character).
    [[gnu::always_inline]] static std::uint32_t digits(__m128i values) noexcept {
        return mask(_mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values));
    }
    /// The number whose 16 decimal digits are the bytes, most significant first.
    [[gnu::always_inline]] static std::uint64_t join(__m128i values) noexcept {
        const __m128i pairs = _mm_maddubs_epi16(
            values, _mm_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1));
        const __m128i fours = _mm_madd_epi16(pairs, _mm_setr_epi16(100, 1, 100, 1, 100, 1, 100, 1));
        const __m128i eights = _mm_madd_epi16(
            _mm_packus_epi32(fours, fours), _mm_setr_epi16(10000, 1, 10000, 1, 10000, 1, 10000, 1));
        const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
        return (both & 0xffffffffU) * 100'000'000 + (both >> 32);
    }
    /// Bits of the bytes ahead that end or break a text (the zeros behind the end do); returns how
    /// many were looked at.
    [[nodiscard, gnu::always_inline]] std::uint32_t text_step(std::uint32_t& stops) const noexcept;
    [[nodiscard, gnu::always_inline]] std::uint32_t text_step16(
        std::uint32_t& stops) const noexcept {
        const __m128i bytes = load16();
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        stops = equal(bytes, '"') | equal(bytes, '\\') | mask(control);
        return 16;
    }
    [[gnu::always_inline]] static __m128i iota() noexcept {
        return _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }
#endif
    const char* begin_;
    const char* p_;
    const char* end_;
};

#if defined(__SSE4_1__)

inline bool Cursor::integer(std::uint64_t& out) noexcept {
    const __m128i values = _mm_sub_epi8(load16(), _mm_set1_epi8('0'));
    const auto count = static_cast<std::uint32_t>(__builtin_ctz(~digits(values)));
    if (count == 0) return false;
    if (count == 16) [[unlikely]] {
        const ReadInteger slow = read_long_integer(p_, end_);
        out = slow.value;
        p_ = slow.next;
        return slow.ok;
    }
    if (*p_ == '0' && count > 1) return false;
    const __m128i control = _mm_sub_epi8(iota(), _mm_set1_epi8(static_cast<char>(16 - count)));
    out = join(_mm_shuffle_epi8(values, control));  // negative control bytes give 0
    p_ += count;
    return true;
}

/// Milliseconds have 13 digits until 2286. Where the next field begins is then known before the
/// digits are counted: the branch is predicted, and the scan does not wait for the count.
inline bool Cursor::time(UnixNanos& out) noexcept {
    constexpr std::uint32_t kUsual = 13;
    const __m128i values = _mm_sub_epi8(load16(), _mm_set1_epi8('0'));
    if (static_cast<std::uint32_t>(__builtin_ctz(~digits(values))) != kUsual || *p_ == '0')
        [[unlikely]] {
        std::uint64_t value = 0;
        return integer(value) && to_time(value, out);
    }
    const __m128i control = _mm_sub_epi8(iota(), _mm_set1_epi8(16 - kUsual));
    p_ += kUsual;
    return to_time(join(_mm_shuffle_epi8(values, control)), out);
}

inline Number Cursor::decimal(std::uint8_t decimals, std::int64_t& out) noexcept {
    const __m128i bytes = load16();
    const std::uint32_t quotes = equal(bytes, '"');
    const auto length = static_cast<std::uint32_t>(__builtin_ctz(quotes | 0x10000U));
    const std::uint32_t inside = (1U << length) - 1;
    const auto point =
        static_cast<std::uint32_t>(__builtin_ctz(equal(bytes, '.') | (1U << length)));
    const __m128i values = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    // The usual form: digits, at most one point, neither first nor last, all within 15 bytes.
    const bool usual = length < 16 && point != 0 && point + 1 != length &&
                       ((digits(values) | (1U << point)) & inside) == inside;
    std::uint32_t used = length - point - (point < length ? 1U : 0U);  // digits behind the point
    bool fits = true;
    if (used > decimals) {  // the finer ones must be zeros; some venues always send them
        const std::uint32_t beyond = inside & (~0U << (point + 1 + decimals));
        fits = (equal(bytes, '0') & beyond) == beyond;
        used = decimals;
    }
    if (!usual || !fits) [[unlikely]] {
        const ReadDecimal slow = read_long_decimal(p_, end_, decimals);
        out = slow.value;
        if (slow.status == Number::Ok) p_ = slow.next;
        return slow.status;
    }
    // Right-align the digits, dropping the point: result byte i is digit i - (16 - count).
    const std::uint32_t count = point + used;
    __m128i control = _mm_sub_epi8(iota(), _mm_set1_epi8(static_cast<char>(16 - count)));
    control =
        _mm_sub_epi8(control, _mm_cmpgt_epi8(control, _mm_set1_epi8(static_cast<char>(point - 1))));
    const auto value = static_cast<std::int64_t>(join(_mm_shuffle_epi8(values, control)));
    p_ += length + 1;
    return __builtin_mul_overflow(value, kPow10[decimals - used], &out) ? Number::TooLarge
                                                                        : Number::Ok;
}

#if defined(__AVX2__)
/// 32 bytes at once: stream names are longer than 16.
inline std::uint32_t Cursor::text_step(std::uint32_t& stops) const noexcept {
    if (!has(32)) [[unlikely]]
        return text_step16(stops);
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p_));
    const __m256i control =
        _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
    const __m256i special = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')),
                                            _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
    stops = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(special, control)));
    return 32;
}
#else
inline std::uint32_t Cursor::text_step(std::uint32_t& stops) const noexcept {
    return text_step16(stops);
}
#endif

inline bool Cursor::text(std::string_view& out) noexcept {
    const char* const start = p_;
    std::uint32_t stops = 0;
    for (;;) {
        const std::uint32_t step = text_step(stops);
        if (stops != 0) [[likely]]
            break;
        p_ += step;
    }
    p_ += __builtin_ctz(stops);
    if (p_ == end_ || *p_ != '"') return false;
    out = {start, static_cast<std::size_t>(p_ - start)};
    ++p_;
    return true;
}

inline bool Cursor::uuid(std::string_view& out) noexcept {
    constexpr std::size_t kLength = 36;
    if (!has(48)) return false;
    std::uint32_t stops = 0, rest = 0;
    if (text_step(stops) == 16) return false;
    Cursor behind = *this;
    behind.p_ += 32;
    (void)behind.text_step16(rest);
    if (stops != 0 || static_cast<std::uint32_t>(__builtin_ctz(rest | 0x10000U)) != kLength - 32 ||
        p_[kLength] != '"')
        return false;
    out = {p_, kLength};
    p_ += kLength + 1;
    return true;
}

inline bool Cursor::short_text(ShortText& out) noexcept {
    const char* const start = p_;
    const __m128i first = load16();
    const auto length = static_cast<std::uint32_t>(__builtin_ctz(equal(first, '"') | 0x10000U));
    const __m128i keep = _mm_cmpgt_epi8(_mm_set1_epi8(static_cast<char>(length)), iota());
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out.words), _mm_and_si128(first, keep));
    out.words[2] = out.words[3] = 0;
    if (length < 16) [[likely]] {
        out.text = {start, length};
        p_ += length + 1;
        return true;
    }
    std::string_view all;
    if (!text(all) || all.size() > 32) return false;
    std::memcpy(out.words + 2, start + 16, all.size() - 16);
    out.text = all;
    return true;
}

inline bool Cursor::take_again(const ShortText& expected) noexcept {
    const std::size_t length = expected.text.size();
    if (length >= 16) [[unlikely]]
        return take_text(expected.text);
    const __m128i bytes = load16();
    const __m128i wanted = _mm_loadu_si128(reinterpret_cast<const __m128i*>(expected.words));
    const std::uint32_t quote = 1U << length;
    const std::uint32_t same =
        (mask(_mm_cmpeq_epi8(bytes, wanted)) & (quote - 1)) | (equal(bytes, '"') & quote);
    if (same != 2 * quote - 1) return false;
    p_ += length + 1;
    return true;
}

#else

inline bool Cursor::integer(std::uint64_t& out) noexcept {
    const ReadInteger read = read_long_integer(p_, end_);
    out = read.value;
    p_ = read.next;
    return read.ok;
}

inline bool Cursor::time(UnixNanos& out) noexcept {
    std::uint64_t value = 0;
    return integer(value) && to_time(value, out);
}

inline Number Cursor::decimal(std::uint8_t decimals, std::int64_t& out) noexcept {
    const ReadDecimal read = read_long_decimal(p_, end_, decimals);
    out = read.value;
    if (read.status == Number::Ok) p_ = read.next;
    return read.status;
}

inline bool Cursor::text(std::string_view& out) noexcept {
    const char* const start = p_;
    for (; p_ != end_ && *p_ != '"'; ++p_) {
        if (*p_ == '\\' || static_cast<unsigned char>(*p_) < 0x20) return false;
    }
    if (p_ == end_) return false;
    out = {start, static_cast<std::size_t>(p_ - start)};
    ++p_;
    return true;
}

inline bool Cursor::uuid(std::string_view&) noexcept { return false; }

inline bool Cursor::short_text(ShortText& out) noexcept {
    if (!text(out.text) || out.text.size() > 32) return false;
    std::memset(out.words, 0, sizeof out.words);
    std::memcpy(out.words, out.text.data(), out.text.size());
    return true;
}

inline bool Cursor::take_again(const ShortText& expected) noexcept {
    return take_text(expected.text);
}

#endif

}  // namespace parallax::venue_common
