#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "adapters/venues/paper/paper_venue.hpp"
#include "app/execution.hpp"

namespace parallax::app {

/// Orders meet the books that the session sees. A wallet gets its paper money (settings: funding,
/// balances) when the first book of one of its instruments is live and gives a price.
class PaperExecution final : public Execution {
public:
    /// The pipeline's books are read as they stand; it outlives this.
    PaperExecution(const Settings& settings, const Pipeline& pipeline, std::uint64_t seed);

    void submit(std::span<const messages::OrderRequest> requests, UnixNanos now) override;
    void advance(UnixNanos now) override { venue_.advance(now); }
    [[nodiscard]] UnixNanos next_due() const noexcept override { return venue_.next_due(); }
    bool deliver(Pipeline& pipeline) override;
    void report_balances(Pipeline& pipeline, UnixNanos now) override;
    [[nodiscard]] bool quiet() const noexcept override { return venue_.quiet(); }
    void rescale(const Rescale& change) override { venue_.rescale(change); }
    [[nodiscard]] Amount balance(Market wallet, AssetId asset) const override {
        return venue_.balance(wallet, asset);
    }

    // What the market does, after the pipeline has seen it.
    void on_book(InstrumentId id) { venue_.on_book(id); }
    void on(const messages::TradePrint& trade) { venue_.on(trade); }
    void on(const messages::MarkPrice& mark) { venue_.on(mark); }
    /// Once an instrument's book gives a price. Further calls do nothing.
    void fund(InstrumentId id, Pipeline& pipeline, UnixNanos now);

    [[nodiscard]] const paper::PaperVenue& venue() const noexcept { return venue_; }

private:
    void deposit(Market wallet, AssetId asset, Amount amount, Pipeline& pipeline, UnixNanos now);

    const Settings& settings_;
    paper::PaperVenue venue_;
    std::vector<bool> funded_;                ///< by instrument
    std::vector<std::uint64_t> funded_keys_;  ///< wallet and asset pairs that have their money
    std::vector<messages::OrderEvent> events_;
    std::vector<messages::OrderEvent> refused_;
};

}  // namespace parallax::app
