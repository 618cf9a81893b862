#pragma once

#include <span>

#include "app/pipeline.hpp"

namespace parallax::app {

/// Where a session's orders go, and where answers, payments and balances come from: a paper venue
/// (paper_execution.hpp) or the accounts at the venues (live_execution.hpp). One thread; nothing
/// happens between two calls.
class Execution {
public:
    virtual ~Execution() = default;
    /// Each request is sent, or answered as one the venue refused.
    virtual void submit(std::span<const messages::OrderRequest> requests, UnixNanos now) = 0;
    /// Does what is due up to this time.
    virtual void advance(UnixNanos now) = 0;
    /// When it wants advance() next; far in the future when nothing is due.
    [[nodiscard]] virtual UnixNanos next_due() const noexcept = 0;
    /// Hands the pipeline what the venues said since. False: nothing.
    virtual bool deliver(Pipeline& pipeline) = 0;
    /// Hands the pipeline what the venues say the wallets hold; called a few times a minute.
    virtual void report_balances(Pipeline& pipeline, UnixNanos now) = 0;
    /// Nothing is on its way in either direction: balances here and in the ledger must agree.
    [[nodiscard]] virtual bool quiet() const noexcept = 0;
    /// A symbol's scale grew: everything in raw prices and quantities is multiplied.
    virtual void rescale(const Rescale& change) = 0;
    /// What the venue says a wallet holds.
    [[nodiscard]] virtual Amount balance(Market wallet, AssetId asset) const = 0;
};

}  // namespace parallax::app
