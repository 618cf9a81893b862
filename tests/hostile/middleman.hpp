#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/socket_server.hpp"

namespace parallax::tests {

/// What a client meets at a port.
enum class Mood : std::uint8_t {
    Honest,            ///< the venue itself
    HalfOpen,          ///< connections stay up and nothing comes any more, of old ones and new ones
    Garbage,           ///< no TLS: bytes of no meaning before any handshake
    Spoilt,            ///< the handshake is good; then bits are wrong
    WrongCertificate,  ///< TLS of somebody nobody vouches for
    Giant,             ///< good TLS and WebSockets, with messages and bodies of 1 MB without sense
};
inline constexpr std::size_t kMoods = 6;

/// Stands before a venue on loopback and is, by turns, what its mood says. A thread of its own.
class Middleman {
public:
    /// `honest`: the venue's port. Writes what has to be trusted besides the venue's own authority.
    explicit Middleman(std::uint16_t honest);
    ~Middleman();
    Middleman(const Middleman&) = delete;
    Middleman& operator=(const Middleman&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] const std::string& authority_pem() const noexcept { return trusted_.pem(); }
    /// From now on; what is connected in another mood is cut, but in HalfOpen.
    void set(Mood mood) noexcept { mood_ = mood; }
    /// Connections that met this mood, and messages of 1 MB sent.
    [[nodiscard]] unsigned met(Mood mood) const noexcept {
        return met_[static_cast<std::size_t>(mood)];
    }
    [[nodiscard]] unsigned giants() const noexcept { return giants_; }

private:
    struct Pair {
        int client = -1, server = -1;
        Mood mood{};
        std::size_t passed = 0;  ///< bytes towards the client
        bool over = false;
    };
    void run();
    void accept_all();
    void shovel(Pair& pair);
    void serve_giants();
    [[nodiscard]] std::uint16_t target(Mood mood) const noexcept;

    std::uint16_t honest_;
    net::CertificateAuthority trusted_{"Hostile, but trusted"}, unknown_{"Nobody's"};
    std::unique_ptr<net::SocketServer> giant_, stranger_;
    std::uint16_t giant_port_ = 0, stranger_port_ = 0, port_ = 0;
    int listener_ = -1;
    std::vector<Pair> pairs_;
    std::vector<ports::SessionId> sessions_;
    std::atomic<Mood> mood_{Mood::Honest};
    std::atomic<bool> stop_{false};
    std::array<std::atomic<unsigned>, kMoods> met_{};
    std::atomic<unsigned> giants_{0};
    std::thread thread_;
};

}  // namespace parallax::tests
