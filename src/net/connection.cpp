#include "net/connection.hpp"

#include <algorithm>

namespace parallax::net {

Connection::Connection(const ClientContext& context, Url url)
    : Handler{context.loop}, context_{context}, url_{std::move(url)} {}

Connection::~Connection() {
    if (resolving_) context_.resolver.cancel(*this);
}

void Connection::start() {
    std::string host = url_.host;
    std::uint16_t port = url_.port;
    for (const AddressOverride& other : context_.options.overrides) {
        if (other.endpoint != url_.endpoint()) continue;
        host = other.host;
        port = other.port;
    }
    if (const auto address = parse_address(host, port)) {
        addresses_ = {*address};
        return call_again();
    }
    resolving_ = true;
    context_.resolver.look_up(host, port, *this);
}

void Connection::on_resolved(std::vector<Address> addresses, const std::string& error) {
    resolving_ = false;
    if (addresses.empty()) {
        return on_stream_failed(error.empty() ? "no address of " + url_.host : error);
    }
    addresses_ = std::move(addresses);
    std::ranges::reverse(addresses_);
    try_next();
}

void Connection::try_next() {
    while (!addresses_.empty()) {
        const Address address = addresses_.back();
        addresses_.pop_back();
        TlsPtr tls = url_.tls ? context_.tls.open(url_.host, url_.endpoint(), !url_.raw) : nullptr;
        auto stream = Stream::connect(loop(), *this, address, std::move(tls));
        if (stream) {
            stream_ = std::move(*stream);
            return;
        }
        failure_ = std::move(stream.error().detail);
    }
    stream_.reset();
    on_stream_failed(url_.endpoint() + ": " + failure_);
}

void Connection::on_ready(std::uint32_t events) {
    if (resolving_) return;
    if (stream_ == nullptr) return try_next();
    stream_->advance(events);
    if (opened_) return on_stream();
    if (stream_->open()) {
        opened_ = true;
        on_stream_open();
    } else if (stream_->state() == Stream::State::Closed) {
        failure_ = stream_->failure();
        try_next();
    }
}

const char* Connection::phase() const noexcept {
    if (resolving_) return "looking up the host";
    if (stream_ != nullptr && stream_->state() == Stream::State::Handshaking) {
        return "in the TLS handshake";
    }
    return opened_ ? "waiting for the answer" : "connecting";
}

}  // namespace parallax::net
