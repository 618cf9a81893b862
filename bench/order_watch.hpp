#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "net/bare_tls.hpp"
#include "ports/passing_transport.hpp"
#include "runtime/clock.hpp"

/// What the benchmarks of the way from a tick to an order share.
namespace parallax::bench {

/// Nanoseconds, each as it was: ratios of medians are to be told to a hundredth.
class Samples {
public:
    void record(std::int64_t ns) { all_.push_back(ns); }
    [[nodiscard]] std::size_t count() const noexcept { return all_.size(); }
    /// 0 when empty.
    [[nodiscard]] double quantile(double q) const {
        if (all_.empty()) return 0;
        std::vector<std::int64_t> sorted = all_;
        const auto at = sorted.begin() +
                        static_cast<std::ptrdiff_t>(q * static_cast<double>(sorted.size() - 1));
        std::nth_element(sorted.begin(), at, sorted.end());
        return static_cast<double>(*at);
    }

private:
    std::vector<std::int64_t> all_;
};

/// The way from a tick to the first order it leads to.
struct Way {
    Samples decided;   ///< told of a message, to an order signed and framed
    Samples over_tls;  ///< its bytes at one socket, to the order's bytes at another
};

inline bool is_order(std::string_view text) {
    for (const std::string_view verb :
         {"order.place", "\"op\":\"order\"", "\"op\":\"batch-orders\"", "order.create"}) {
        if (text.find(verb) != std::string_view::npos) return true;
    }
    return false;
}

/// A transport that is never waited for, and what happens at it.
class Watched final : public ports::PassingTransport {
public:
    using PassingTransport::PassingTransport;
    HotResult<void> send(ports::ConnectionId connection, std::string_view text) override {
        if (!is_order(text)) return inner().send(connection, text);
        const MonoNanos before = runtime::mono_now();
        const auto sent = inner().send(connection, text);
        const MonoNanos after = runtime::mono_now();
        if (!std::exchange(ordered_, true)) {  // of several legs the first
            way->decided.record((before - told_).count());
            way->over_tls.record((after - told_ + reading_).count());
        }
        waiting_.emplace(connection.raw(), before);
        return sent;
    }
    /// One event at a time: a message does not wait for those that came with it.
    std::span<const ports::NetEvent> poll(Nanos) override {
        if (events_.empty()) {
            const MonoNanos asked = runtime::mono_now();
            events_ = inner().poll(Nanos{});
            const auto count = static_cast<std::int64_t>(std::max<std::size_t>(1, events_.size()));
            told_ = runtime::mono_now();
            reading_ = Nanos{(told_ - asked).count() / count};
            messages += events_.size();
        } else {
            told_ = runtime::mono_now();
        }
        ordered_ = false;
        const auto next = events_.first(std::min<std::size_t>(1, events_.size()));
        events_ = events_.subspan(next.size());
        if (next.empty()) return next;
        const auto sent = waiting_.find(next[0].connection.raw());
        if (next[0].kind == ports::NetEventKind::Message && sent != waiting_.end()) {
            round_trip.record((told_ - sent->second).count());
            waiting_.erase(sent);
        }
        return next;
    }
    [[nodiscard]] bool idle() const noexcept { return events_.empty(); }

    Way* way = nullptr;  ///< where orders are recorded; its owner keeps it
    Samples round_trip;  ///< an order, to the venue's next word on its connection
    std::uint64_t messages = 0;

private:
    std::span<const ports::NetEvent> events_;  ///< of the last poll, not told yet
    Nanos reading_;                            ///< of one of them from its socket
    MonoNanos told_;
    bool ordered_ = true;
    std::map<std::uint64_t, MonoNanos> waiting_;
};

/// An echo by OpenSSL alone, of messages as large as a tick and an order.
class BareEcho {
public:
    void run() {
        const MonoNanos start = runtime::mono_now();
        net::bench::BareTls::write(bare_.server, tick_);
        const MonoNanos arrived = runtime::mono_now();
        benchmark::DoNotOptimize(bare_.read(bare_.client).data());
        net::bench::BareTls::write(bare_.client, order_);
        const MonoNanos answered = runtime::mono_now();
        benchmark::DoNotOptimize(bare_.read(bare_.server).data());
        answer.record((answered - arrived).count());
        echo.record((runtime::mono_now() - start).count());
    }

    Samples answer;  ///< the part of the one who answers
    Samples echo;    ///< all of it

private:
    net::bench::BareTls bare_;
    std::string tick_ = std::string(300, 't'), order_ = std::string(400, 'o');
};

/// One run's figures, kept by whoever makes it.
struct OrderFigures {
    Samples bare_answer, bare_echo;
    std::string error;

    void take(const BareEcho& bare) {
        bare_answer = bare.answer;
        bare_echo = bare.echo;
    }
    /// Median of an echo in which the one who answers is Parallax, ns.
    [[nodiscard]] double echo(const Way& way) const {
        return bare_echo.quantile(0.5) - bare_answer.quantile(0.5) + way.over_tls.quantile(0.5);
    }
};

/// What each benchmark of one run begins with.
inline void check(benchmark::State& state, const OrderFigures& run) {
    if (!run.error.empty()) state.SkipWithError(run.error.c_str());
    for (auto _ : state) benchmark::ClobberMemory();
}

inline void quantiles(benchmark::State& state, const Samples& samples) {
    state.counters["p50_ns"] = samples.quantile(0.5);
    state.counters["p99_ns"] = samples.quantile(0.99);
    state.counters["samples"] = static_cast<double>(samples.count());
}

}  // namespace parallax::bench
