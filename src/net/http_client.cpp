#include "net/http_client.hpp"

#include <algorithm>

#include "runtime/clock.hpp"

namespace parallax::net {
namespace {

using ports::NetEventKind;

constexpr Nanos kCloseTimeout = Nanos::seconds(2);

std::string host_key(const Url& url) { return (url.tls ? "https " : "http ") + url.endpoint(); }

bool one_line(std::string_view text) noexcept {
    return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

std::string request_text(const ports::HttpRequest& request, const Url& url) {
    std::string text =
        request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
    bool agent = false;
    for (const ports::HttpHeader& header : request.headers) {
        text += header.name + ": " + header.value + "\r\n";
        agent = agent || same_word(header.name, "User-Agent");
    }
    if (!agent) text += "User-Agent: parallax\r\n";
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return text + "\r\n" + request.body;
}

}  // namespace

HttpConnection::HttpConnection(HttpClient& client, Url url)
    : Connection{client.context_, std::move(url)},
      client_{client},
      answer_{HttpParser::Kind::Response, {.body_bytes = client.context_.options.max_body}} {
    start();
}

void HttpConnection::start_request(PendingRequest request) {
    request_ = std::move(request);
    set_deadline(request_.deadline);
    if (state_ != State::Idle) return;  // sent as soon as it is open
    reused_ = true;
    send();
}

void HttpConnection::on_stream_open() { send(); }

void HttpConnection::send() {
    state_ = State::Busy;
    taken_before_ = stream().taken() + stream().queued();
    if (!stream().open()) return;  // its end is on its way to on_stream()
    stream().write(request_.bytes);
    stream().flush();
}

bool HttpConnection::unsent() noexcept {
    return state_ == State::Opening || stream().taken() <= taken_before_;
}

void HttpConnection::on_stream_failed(const std::string& why) { fail_request(why); }

void HttpConnection::on_stream() {
    if (state_ == State::Busy) read();
    if (state_ == State::Idle && (stream().ended() || !stream().in().empty())) leave(false);
    if (state_ == State::Finishing && stream().state() == Stream::State::Closed) leave(false);
}

void HttpConnection::read() {
    for (;;) {
        const std::string_view bytes = stream().in().bytes();
        if (bytes.empty() && !stream().ended()) return;
        // The last answer has expired: its views ended with the poll that told it.
        if (answer_.size() > 0) answer_.reset();
        HttpParser::Status status = answer_.parse(bytes, stream().ended_cleanly());
        const bool cut = stream().ended() && bytes.empty();
        if (cut && reused_ && unsent()) {
            client_.retry(url(), std::move(request_));
            return leave(false);
        }
        if (status == HttpParser::Status::Partial) {
            if (!stream().ended()) return;
            return fail_request(stream().failure().empty() ? "the peer cut the connection"
                                                           : stream().failure());
        }
        if (status == HttpParser::Status::Bad || answer_.upgrade()) {
            return fail_request(cut ? "the peer ended the connection without an answer"
                                    : "answer: " + answer_.error());
        }
        stream().in().consume(answer_.size());
        if (answer_.status() >= 200) break;  // others only announce an answer
    }
    ports::NetEvent& event = client_.events_.emplace_back();
    event.kind = NetEventKind::Response;
    event.request = request_.id;
    event.code = answer_.status();
    event.bytes = answer_.body();
    event.headers = answer_.headers();
    event.received = context().options.clock.now();
    if (!answer_.keep_alive() || stream().ended() || !stream().in().empty()) return leave(true);
    state_ = State::Idle;
    set_deadline(loop().now() + context().options.idle_close);
    client_.freed();
}

void HttpConnection::fail_request(const std::string& why) {
    client_.fail(request_.id, unsent(), url().endpoint() + ": " + why);
    leave(false);
}

void HttpConnection::retire() { leave(true); }

void HttpConnection::leave(bool linger) {
    if (linger && state_ != State::Finishing && stream().open()) {
        state_ = State::Finishing;
        set_deadline(loop().now() + kCloseTimeout);
        stream().finish();
        if (stream().state() != Stream::State::Closed) return;
    }
    state_ = State::Gone;
    set_deadline({});
    if (has_stream()) stream().cut();
    client_.left();
}

void HttpConnection::on_deadline() {
    switch (state_) {
        case State::Opening:
        case State::Busy:
            return fail_request(std::string{"timed out while "} + phase());
        case State::Idle:
            return leave(true);
        case State::Finishing:
        case State::Gone:
            return leave(false);
    }
}

HttpClient::HttpClient(const ClientContext& context, std::vector<ports::NetEvent>& events)
    : Handler{context.loop}, context_{context}, events_{events} {}

HttpClient::~HttpClient() = default;

Result<ports::RequestId> HttpClient::request(const ports::HttpRequest& request) {
    auto url = parse_url(request.url);
    if (!url) return tl::unexpected{std::move(url.error())};
    if (url->websocket || url->raw)
        return parallax::fail(Errc::Rejected, "not an http url: " + request.url);
    const auto known = {"GET", "POST", "PUT", "DELETE"};
    if (std::ranges::find(known, request.method) == known.end()) {
        return parallax::fail(Errc::Rejected, "unknown method " + request.method);
    }
    for (const ports::HttpHeader& header : request.headers) {
        if (!one_line(header.name) || !one_line(header.value)) {
            return parallax::fail(Errc::Rejected, "header " + header.name + " has a line break");
        }
    }
    Host& host = hosts_.try_emplace(host_key(*url), Host{*url, {}, {}}).first->second;
    if (host.waiting.size() >= context_.options.waiting_per_host) {
        return parallax::fail(Errc::BackPressured, "too many requests wait for " + url->host);
    }
    const ports::RequestId id{++last_id_};
    host.waiting.push_back({id, request_text(request, *url),
                            runtime::mono_now() + context_.options.clock.real(request.timeout)});
    dispatch(host);
    watch_waiting();
    return id;
}

void HttpClient::dispatch(Host& host) {
    while (!host.waiting.empty()) {
        HttpConnection* chosen = nullptr;
        std::size_t living = 0;
        for (const auto& connection : host.connections) {
            if (connection->idle() && !connection->usable()) connection->retire();
            if (connection->gone()) continue;
            ++living;
            if (chosen == nullptr && connection->idle()) chosen = connection.get();
        }
        if (chosen == nullptr) {
            if (living >= context_.options.connections_per_host) return;
            host.connections.push_back(std::make_unique<HttpConnection>(*this, host.url));
            chosen = host.connections.back().get();
        }
        PendingRequest request = std::move(host.waiting.front());
        host.waiting.pop_front();
        chosen->start_request(std::move(request));
    }
}

void HttpClient::retry(const Url& url, PendingRequest request) {
    hosts_.find(host_key(url))->second.waiting.push_front(std::move(request));
    watch_waiting();
}

void HttpClient::on_ready(std::uint32_t /*events*/) {
    for (auto& [key, host] : hosts_) dispatch(host);
    watch_waiting();
}

void HttpClient::watch_waiting() noexcept {
    MonoNanos first;
    for (const auto& [key, host] : hosts_) {
        for (const PendingRequest& request : host.waiting) {
            if (!first.known() || request.deadline < first) first = request.deadline;
        }
    }
    set_deadline(first);
}

void HttpClient::on_deadline() {
    for (auto& [key, host] : hosts_) {
        std::erase_if(host.waiting, [&](const PendingRequest& request) {
            if (request.deadline > loop().now()) return false;
            fail(request.id, true, key + ": timed out while waiting for a connection");
            return true;
        });
    }
    watch_waiting();
}

void HttpClient::fail(ports::RequestId id, bool unsent, std::string_view why) {
    ports::NetEvent& event = events_.emplace_back();
    event.kind = NetEventKind::Failed;
    event.request = id;
    event.unsent = unsent;
    event.bytes = failures_.emplace_back(why);
    event.received = context_.options.clock.now();
}

void HttpClient::recycle() {
    failures_.clear();
    if (!some_gone_) return;
    some_gone_ = false;
    for (auto& [key, host] : hosts_) {
        std::erase_if(host.connections, [](const auto& one) { return one->gone(); });
    }
}

}  // namespace parallax::net
