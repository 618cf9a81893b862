#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/address.hpp"
#include "net/loop.hpp"

namespace parallax::net {

/// Looks names up in a helper thread, which starts with the first name. Answers arrive within
/// poll().
class Resolver final : Loop::Handler {
public:
    class Client {
    public:
        /// `addresses` is empty when there are none; `error` says why.
        virtual void on_resolved(std::vector<Address> addresses, const std::string& error) = 0;

    protected:
        ~Client() = default;
    };

    explicit Resolver(Loop& loop);
    ~Resolver() override;
    /// One answer follows, unless cancelled.
    void look_up(const std::string& host, std::uint16_t port, Client& client);
    void cancel(const Client& client) noexcept;

private:
    struct Shared;  ///< outlives the resolver while the thread is stuck in a look-up
    void on_ready(std::uint32_t events) override;
    void on_deadline() override {}

    std::shared_ptr<Shared> shared_;
    std::unordered_map<std::uint64_t, Client*> waiting_;
    std::uint64_t last_ = 0;
};

}  // namespace parallax::net
