#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "sim/server/sim_server.hpp"

namespace parallax::sim_server {

/// A SimServer with a thread of its own, for programs and tests whose own thread is busy being a
/// client. Started when it is made, stopped when it is destroyed. What does not change (addresses,
/// accounts, the authority) may be read from any thread; everything else through ask().
class BackgroundServer {
public:
    /// Errors: as SimServer::start.
    [[nodiscard]] static Result<std::unique_ptr<BackgroundServer>> start(
        const ServerSettings& settings);
    ~BackgroundServer();
    BackgroundServer(const BackgroundServer&) = delete;
    BackgroundServer& operator=(const BackgroundServer&) = delete;

    [[nodiscard]] const SimServer& facts() const noexcept { return *server_; }
    /// Runs `what` in the server's thread, between two polls, and waits until it is done.
    void ask(const std::function<void(SimServer&)>& what);

private:
    explicit BackgroundServer(std::unique_ptr<SimServer> server);
    void run();

    struct Question {
        const std::function<void(SimServer&)>* what;
        std::atomic<bool> done{false};
    };
    std::unique_ptr<SimServer> server_;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::vector<Question*> questions_;  ///< guarded by mutex_
    std::thread thread_;
};

}  // namespace parallax::sim_server
