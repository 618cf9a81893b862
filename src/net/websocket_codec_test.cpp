#include "net/websocket_codec.hpp"

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace parallax::net {
namespace {

using Status = WebSocketCodec::Status;

std::string frame(Opcode opcode, std::string_view payload, bool final = true, bool masked = true,
                  bool compressed = false) {
    FrameHeader header;
    header.opcode = opcode;
    header.final = final;
    header.masked = masked;
    header.compressed = compressed;
    header.mask = masked ? 0xA1B2C3D4 : 0;
    header.length = payload.size();
    char bytes[kMaxFrameHeader];
    std::string text(bytes, write_frame_header(header, bytes));
    std::string body{payload};
    apply_mask(body.data(), body.data(), body.size(), header.mask);
    return text + body;
}

/// What a server makes of bytes that arrive one by one: its items, then perhaps how it failed.
std::string said(const std::string& bytes, std::size_t max_message = 1'000) {
    WebSocketCodec codec{WebSocketRole::Server, max_message};
    Buffer in;
    std::string log;
    for (const char byte : bytes) {
        in.append({&byte, 1});
        WebSocketCodec::Item item;
        Status status{};
        while ((status = codec.next(in, item)) == Status::Item) {
            log += std::to_string(static_cast<int>(item.opcode)) + "(" +
                   (item.code != 0 ? std::to_string(item.code) + " " : "") +
                   std::string{item.bytes} + ")";
        }
        if (status == Status::Failed) return log + std::to_string(codec.failure_code());
    }
    return log;
}

TEST(WebSocketCodec, JoinsFragmentsWithControlFramesBetween) {
    EXPECT_EQ(said(frame(Opcode::Text, "a", false) + frame(Opcode::Ping, "p") +
                   frame(Opcode::Continuation, "b", false) + frame(Opcode::Continuation, "c")),
              "9(p)1(abc)");
    // A character cut in two by the fragments is whole again.
    EXPECT_EQ(said(frame(Opcode::Text, "\xC3", false) + frame(Opcode::Continuation, "\xA4")),
              "1(\xC3\xA4)");
}

TEST(WebSocketCodec, FailsWithTheCodeOfTheRule) {
    EXPECT_EQ(said(frame(Opcode::Text, "x", true, false)), "1002") << "not masked";
    EXPECT_EQ(said(frame(Opcode::Continuation, "x")), "1002") << "continues nothing";
    EXPECT_EQ(said(frame(Opcode::Text, "x", false) + frame(Opcode::Text, "y")), "1002");
    EXPECT_EQ(said(frame(Opcode::Ping, "x", false)), "1002") << "fragmented control";
    EXPECT_EQ(said(frame(Opcode::Ping, std::string(126, 'x'))), "1002") << "long control";
    EXPECT_EQ(said(frame(Opcode::Text, "x", true, true, true)), "1002") << "compressed unasked";
    EXPECT_EQ(said("\xB1\x80"), "1002") << "RSV";
    EXPECT_EQ(said("\x83\x80"), "1002") << "opcode 3";
    EXPECT_EQ(said(std::string("\x81\xFE\x00\x05\0\0\0\0", 8)), "1002") << "length too long";
    EXPECT_EQ(said(frame(Opcode::Text, "\xFF")), "1007");
    EXPECT_EQ(said(frame(Opcode::Text, "\xC3", false) + frame(Opcode::Continuation, "x")), "1007");
    EXPECT_EQ(said(frame(Opcode::Text, std::string(1'001, 'x'))), "1009");
    EXPECT_EQ(said(frame(Opcode::Text, std::string(600, 'x'), false) +
                   frame(Opcode::Continuation, std::string(401, 'x'))),
              "1009");
    EXPECT_EQ(said(frame(Opcode::Binary, "\xFF")), "2(\xFF)") << "binary needs no UTF-8";
}

TEST(WebSocketCodec, CloseFramesAreChecked) {
    EXPECT_EQ(said(frame(Opcode::Close, "")), "8(1005 )");
    EXPECT_EQ(said(frame(Opcode::Close, "\x03\xE8why")), "8(1000 why)");
    EXPECT_EQ(said(frame(Opcode::Close, "\x03")), "1002");
    EXPECT_EQ(said(frame(Opcode::Close, "\x03\xEE")), "1002") << "1006 is never sent";
    EXPECT_EQ(said(frame(Opcode::Close, "\x03\xE8\xFF")), "1007");
}

TEST(WebSocketCodec, ReasonIsCutBetweenCharacters) {
    WebSocketCodec server{WebSocketRole::Server, 1'000};
    std::string reason = "x";
    for (int i = 0; i < 100; ++i) reason += "\xC3\xA4";
    const std::string bytes{server.encode_close(1'000, reason)};
    EXPECT_EQ(bytes.size(), 2 + 2 + 123U);
}

/// Both sides talk in random fragments; what arrives must be what was said.
void converse(std::optional<DeflateParameters> parameters, std::uint64_t seed) {
    WebSocketCodec client{WebSocketRole::Client, 1 << 20};
    WebSocketCodec server{WebSocketRole::Server, 1 << 20};
    if (parameters) {
        client.enable_deflate(*parameters);
        server.enable_deflate(*parameters);
    }
    runtime::Random random{seed};
    Buffer in;
    for (int round = 0; round < 200; ++round) {
        const bool from_client = random.chance(0.5);
        std::vector<std::string> said(1 + random.below(3));
        std::string bytes;
        for (std::string& text : said) {
            text.resize(random.below(3) == 0 ? random.below(70'000) : random.below(300));
            for (char& c : text) c = static_cast<char>('a' + random.below(4));
            bytes += (from_client ? client : server).encode(Opcode::Text, text);
        }
        WebSocketCodec& receiver = from_client ? server : client;
        std::size_t heard = 0;
        std::string_view rest = bytes;
        while (!rest.empty()) {
            const std::size_t size = std::min<std::size_t>(rest.size(), 1 + random.below(40'000));
            receiver.recycle();
            in.recycle();
            in.append(rest.substr(0, size));
            rest.remove_prefix(size);
            std::vector<std::string_view> views;
            WebSocketCodec::Item item;
            Status status{};
            while ((status = receiver.next(in, item)) == Status::Item) views.push_back(item.bytes);
            ASSERT_EQ(status, Status::Partial) << receiver.failure();
            for (const std::string_view view : views) ASSERT_EQ(view, said.at(heard++));
        }
        ASSERT_EQ(heard, said.size());
    }
}

TEST(WebSocketCodec, BothSidesUnderstandEachOther) {
    converse(std::nullopt, 1);
    converse(DeflateParameters{}, 2);
    converse(DeflateParameters{false, false, 15, 15}, 3);
    converse(DeflateParameters{true, false, 9, 12}, 4);
    converse(DeflateParameters{true, true, 12, 8}, 5);
}

TEST(WebSocketCodec, InflatingIsLimited) {
    WebSocketCodec client{WebSocketRole::Client, 10'000'000};
    WebSocketCodec server{WebSocketRole::Server, 100'000};
    client.enable_deflate({});
    server.enable_deflate({});
    Buffer in;
    in.append(client.encode(Opcode::Text, std::string(5'000'000, 'x')));
    EXPECT_LT(in.size(), 100'000U) << "a bomb";
    WebSocketCodec::Item item;
    EXPECT_EQ(server.next(in, item), Status::Failed);
    EXPECT_EQ(server.failure_code(), close_code::kTooBig);
}

TEST(WebSocketCodec, CorruptDeflateFails) {
    WebSocketCodec server{WebSocketRole::Server, 1'000};
    server.enable_deflate({});
    Buffer in;
    in.append(frame(Opcode::Text, "\xFF\xFF\xFF\xFF", true, true, true));
    WebSocketCodec::Item item;
    EXPECT_EQ(server.next(in, item), Status::Failed);
    EXPECT_EQ(server.failure_code(), close_code::kNotUtf8);
}

TEST(Deflate, ChoosesTheFirstOfferItCanKeep) {
    std::string answer;
    EXPECT_FALSE(choose_deflate("x-webkit-deflate-frame", answer));
    EXPECT_FALSE(choose_deflate("permessage-deflate; unknown=1", answer));
    EXPECT_FALSE(choose_deflate("permessage-deflate; server_max_window_bits=8", answer));
    EXPECT_FALSE(choose_deflate("permessage-deflate; server_max_window_bits=16", answer));
    EXPECT_FALSE(choose_deflate("permessage-deflate; server_max_window_bits=010", answer));
    const auto chosen = choose_deflate(
        "permessage-deflate; nonsense, permessage-deflate; server_max_window_bits=\"10\"; "
        "client_max_window_bits; server_no_context_takeover",
        answer);
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->server_window_bits, 10);
    EXPECT_EQ(chosen->client_window_bits, 12);
    EXPECT_FALSE(chosen->server_takeover);
    EXPECT_EQ(answer,
              "permessage-deflate; server_max_window_bits=10; server_no_context_takeover; "
              "client_max_window_bits=12");
    const auto read = read_deflate_answer(answer);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->server_window_bits, 10);
    EXPECT_FALSE(read->server_takeover);
    EXPECT_TRUE(read->client_takeover);
    EXPECT_FALSE(read_deflate_answer("permessage-deflate; client_max_window_bits"));
    EXPECT_FALSE(read_deflate_answer("permessage-deflate, permessage-deflate"));
}

TEST(Mask, IsItsOwnInverseAtEveryLength) {
    for (std::size_t size = 0; size < 100; ++size) {
        std::string text(size, 'x');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i);
        std::string masked = text;
        apply_mask(text.data(), masked.data(), size, 0x04030201);
        for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(masked[i], static_cast<char>(text[i] ^ static_cast<char>(1 + i % 4)));
        }
    }
}

}  // namespace
}  // namespace parallax::net
