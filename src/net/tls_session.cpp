#include "net/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace parallax::net {

/// OpenSSL's idea of a socket, over the two buffers of the call under way.
struct TlsPipe {
    static int read(BIO* bio, char* to, std::size_t size, std::size_t* taken) {
        auto& self = *static_cast<TlsSession*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        *taken = std::min(size, self.in_.size());
        if (*taken == 0) {
            BIO_set_retry_read(bio);
            return 0;
        }
        std::memcpy(to, self.in_.data(), *taken);
        self.in_.remove_prefix(*taken);
        return 1;
    }
    static int write(BIO* bio, const char* from, std::size_t size, std::size_t* taken) {
        auto& self = *static_cast<TlsSession*>(BIO_get_data(bio));
        self.out_->append({from, size});
        *taken = size;
        return 1;
    }
    static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }
    static BIO_METHOD* method() {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipe");
            PLX_ASSERT(fresh != nullptr);
            BIO_meth_set_read_ex(fresh, read);
            BIO_meth_set_write_ex(fresh, write);
            BIO_meth_set_ctrl(fresh, control);
            return fresh;
        }();
        return made;
    }
};

TlsSession::TlsSession(TlsPtr session) : session_{std::move(session)} {
    BIO* bio = BIO_new(TlsPipe::method());
    PLX_ASSERT(bio != nullptr);
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(session_.get(), bio, bio);
}

bool TlsSession::step(std::string_view cipher, Buffer* plain, Buffer& out) {
    in_ = cipher;
    out_ = &out;
    ERR_clear_error();
    if (!established_) {
        const int done = SSL_do_handshake(session_.get());
        if (done != 1) {
            if (SSL_get_error(session_.get(), done) == SSL_ERROR_WANT_READ) return true;
            explain();
            return false;
        }
        established_ = true;
    }
    return plain == nullptr || read_all(*plain);
}

bool TlsSession::read_all(Buffer& plain) {
    constexpr std::size_t kRecord = 16 * 1024;
    for (;;) {
        // A record's plain text is never longer than its cipher text, and the next one begins
        // inside OpenSSL or in what is left of ours.
        const std::size_t wanted = std::min(in_.size() + 512, kRecord);
        const std::span<char> room = plain.room(wanted);
        std::size_t count = 0;
        if (SSL_read_ex(session_.get(), room.data(), room.size(), &count) == 1) {
            plain.commit(count);
            // An empty pipe with nothing decrypted: asking again would only fail.
            if (in_.empty() && SSL_pending(session_.get()) == 0) return true;
            continue;
        }
        const int error = SSL_get_error(session_.get(), 0);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_ZERO_RETURN) return true;
        explain();
        return false;
    }
}

bool TlsSession::send(std::string_view plain, Buffer& out) {
    in_ = {};
    out_ = &out;
    if (plain.empty()) return true;
    ERR_clear_error();
    std::size_t count = 0;
    if (SSL_write_ex(session_.get(), plain.data(), plain.size(), &count) == 1) return true;
    explain();
    return false;
}

void TlsSession::close(Buffer& out) {
    in_ = {};
    out_ = &out;
    ERR_clear_error();
    if (established_ && failure_.empty()) (void)SSL_shutdown(session_.get());
}

void TlsSession::explain() {
    const long verdict = SSL_get_verify_result(session_.get());
    if (!established_ && verdict != X509_V_OK) {
        failure_ = std::string{"certificate refused: "} + X509_verify_cert_error_string(verdict);
        ERR_clear_error();
    } else {
        failure_ = "TLS: " + take_tls_error();
    }
}

bool TlsSession::peer_closed() const noexcept {
    return (SSL_get_shutdown(session_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool TlsSession::resumed() const noexcept { return SSL_session_reused(session_.get()) == 1; }

const char* TlsSession::version() const noexcept { return SSL_get_version(session_.get()); }

}  // namespace parallax::net
