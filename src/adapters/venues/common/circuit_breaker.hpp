#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/assert.hpp"
#include "core/time.hpp"

namespace parallax::venue_common {

struct BreakerConfig {
    std::uint32_t failures_to_open = 5;  ///< in a row
    std::uint32_t probes_to_close = 2;   ///< that succeed in a row, one at a time
    Nanos first_pause = Nanos::seconds(1);
    Nanos longest_pause = Nanos::seconds(60);  ///< the pause doubles with every failed probe
};

/// Keeps an endpoint that fails from being asked all the time (circuit breaker, M. Nygard, Release
/// It). Closed: everything passes. Open: nothing passes until the pause is over. Half-open: one
/// probe at a time. Time comes in as an argument.
class CircuitBreaker {
public:
    enum class State : std::uint8_t { Closed, Open, HalfOpen };

    [[nodiscard]] State state() const noexcept { return state_; }
    /// Whether a request may go; a yes in half-open takes the place of the one probe until
    /// succeeded(), failed() or abandoned().
    [[nodiscard]] bool allow(const BreakerConfig& config, UnixNanos now) noexcept {
        if (state_ == State::Closed) return true;
        if (state_ == State::Open) {
            if (now < opened_ + pause_) return false;
            state_ = State::HalfOpen;
            good_probes_ = 0;
            probing_ = false;
        }
        // A probe that nobody reported on must not keep the breaker open for ever.
        if (probing_ && now < probe_sent_ + config.longest_pause) return false;
        probing_ = true;
        probe_sent_ = now;
        return true;
    }
    void succeeded(const BreakerConfig& config) noexcept {
        failures_ = 0;
        if (state_ != State::HalfOpen) return;  // an answer from before it opened
        probing_ = false;
        if (++good_probes_ < config.probes_to_close) return;
        state_ = State::Closed;
        pause_ = Nanos{};
    }
    void failed(const BreakerConfig& config, UnixNanos now) noexcept {
        if (state_ == State::Open) return;
        if (state_ == State::Closed && ++failures_ < config.failures_to_open) return;
        pause_ =
            pause_ == Nanos{} ? config.first_pause : std::min(pause_ * 2, config.longest_pause);
        state_ = State::Open;
        opened_ = now;
        failures_ = 0;
        probing_ = false;
    }
    /// It was allowed but not sent, or its answer says nothing about the endpoint.
    void abandoned() noexcept { probing_ = false; }
    /// When it may be asked again; in the past: now.
    [[nodiscard]] UnixNanos opens_at() const noexcept {
        return state_ == State::Open ? opened_ + pause_ : UnixNanos{};
    }

    template <class Archive>
    void describe(Archive& a) {
        a(state_, failures_, good_probes_, probing_, opened_, probe_sent_, pause_);
    }

private:
    State state_ = State::Closed;
    std::uint32_t failures_ = 0;
    std::uint32_t good_probes_ = 0;
    bool probing_ = false;
    UnixNanos opened_;
    UnixNanos probe_sent_;
    Nanos pause_;
};

/// One for every endpoint of a venue, numbered as in its rate table.
class CircuitBreakers {
public:
    CircuitBreakers(std::size_t endpoints, const BreakerConfig& config)
        : config_{config}, breakers_(endpoints) {
        PLX_ASSERT(config.failures_to_open > 0 && config.probes_to_close > 0 &&
                   config.first_pause > Nanos{} && config.first_pause <= config.longest_pause);
    }
    [[nodiscard]] bool allow(std::size_t endpoint, UnixNanos now) {
        return breakers_.at(endpoint).allow(config_, now);
    }
    void succeeded(std::size_t endpoint) { breakers_.at(endpoint).succeeded(config_); }
    void failed(std::size_t endpoint, UnixNanos now) {
        breakers_.at(endpoint).failed(config_, now);
    }
    void abandoned(std::size_t endpoint) { breakers_.at(endpoint).abandoned(); }
    [[nodiscard]] const CircuitBreaker& at(std::size_t endpoint) const {
        return breakers_.at(endpoint);
    }
    template <class Archive>
    void describe(Archive& a) {
        a(breakers_);
    }

private:
    BreakerConfig config_;
    std::vector<CircuitBreaker> breakers_;
};

}  // namespace parallax::venue_common
