#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace parallax::runtime {

/// Seeded generator (xoshiro256**, Blackman & Vigna 2018): same seed, same numbers on every
/// machine. The only source of randomness in Parallax; no std:: distribution, whose results differ
/// between libraries.
class Random {
public:
    explicit Random(std::uint64_t seed) noexcept {
        for (std::uint64_t& word : state_) {  // SplitMix64
            seed += 0x9E3779B97F4A7C15ULL;
            std::uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
            word = z ^ (z >> 31);
        }
    }
    std::uint64_t next() noexcept {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }
    /// Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound) noexcept {
        return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
    }
    /// Uniform in [low, high]; any ends, low <= high.
    std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
        const std::uint64_t count =
            static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
        const std::uint64_t step = count == 0 ? next() : below(count);  // 0: all 2^64 numbers
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
    }
    /// Uniform in [0, 1).
    double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    bool chance(double probability) noexcept { return uniform() < probability; }
    /// Standard normal (sum of twelve uniforms: exact reproducibility beats the last digit in the
    /// tails).
    double normal() noexcept {
        double sum = -6.0;
        for (int i = 0; i < 12; ++i) sum += uniform();
        return sum;
    }
    template <class Archive>
    void describe(Archive& a) {
        a(state_);
    }

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace parallax::runtime
