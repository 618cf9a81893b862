#pragma once

#include <string>
#include <string_view>

#include "net/buffer.hpp"
#include "net/tls_context.hpp"

namespace parallax::net {

/// One TLS session between two buffers: what the peer sent goes in, what it must be sent comes out.
/// Knows no socket, so each system call moves as much as there is. One call at a time; not movable,
/// because OpenSSL keeps its address.
class TlsSession {
public:
    explicit TlsSession(TlsPtr session);
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    /// The client's first flight. False on failure.
    bool start(Buffer& out) { return step({}, nullptr, out); }
    /// Uses up `cipher`, appends what it says to `plain`; replies of the protocol go to `out`.
    /// False on failure: failure() says why, and `out` has the alert for the peer.
    bool receive(std::string_view cipher, Buffer& plain, Buffer& out) {
        return step(cipher, &plain, out);
    }
    /// False on failure. Needs: established().
    bool send(std::string_view plain, Buffer& out);
    /// Says that nothing more follows.
    void close(Buffer& out);

    [[nodiscard]] bool established() const noexcept { return established_; }
    /// The peer has said that nothing more follows, so what came is all it sent.
    [[nodiscard]] bool peer_closed() const noexcept;
    [[nodiscard]] bool resumed() const noexcept;
    [[nodiscard]] const char* version() const noexcept;
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

private:
    friend struct TlsPipe;
    bool step(std::string_view cipher, Buffer* plain, Buffer& out);
    bool read_all(Buffer& plain);
    void explain();

    TlsPtr session_;
    std::string_view in_;    ///< of the call under way
    Buffer* out_ = nullptr;  ///< of the call under way
    bool established_ = false;
    std::string failure_;
};

}  // namespace parallax::net
