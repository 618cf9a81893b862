#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/client_options.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"
#include "net/url.hpp"

namespace parallax::net {

/// What all connections of a client share.
struct ClientContext {
    Loop& loop;
    Resolver& resolver;
    TlsClientContext& tls;
    const ClientOptions& options;
};

/// A client's way to a host: looks its name up, tries its addresses one after the other, and does
/// the TLS handshake. What is made of it derives from it.
class Connection : public Loop::Handler, private Resolver::Client {
public:
    ~Connection() override;

protected:
    Connection(const ClientContext& context, Url url);
    /// Begins; on_stream_open() or on_stream_failed() follows, at the earliest in the next poll().
    void start();

    virtual void on_stream_open() = 0;
    /// Never opened. The last act of its caller.
    virtual void on_stream_failed(const std::string& why) = 0;
    /// Bytes came, space came, or it ended: look at the stream.
    virtual void on_stream() = 0;

    [[nodiscard]] Stream& stream() noexcept { return *stream_; }
    [[nodiscard]] bool has_stream() const noexcept { return stream_ != nullptr && opened_; }
    [[nodiscard]] const Url& url() const noexcept { return url_; }
    [[nodiscard]] const ClientContext& context() const noexcept { return context_; }
    /// What the connection is busy with while it has no stream; for people.
    [[nodiscard]] const char* phase() const noexcept;

private:
    void on_ready(std::uint32_t events) final;
    void on_resolved(std::vector<Address> addresses, const std::string& error) final;
    void try_next();

    ClientContext context_;
    Url url_;
    std::vector<Address> addresses_;  ///< still to be tried, the next one last
    std::unique_ptr<Stream> stream_;
    bool opened_ = false;
    bool resolving_ = false;
    std::string failure_;  ///< of the last address
};

}  // namespace parallax::net
