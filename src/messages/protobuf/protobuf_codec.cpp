#include "messages/protobuf/protobuf_codec.hpp"

#include "parallax.pb.h"

namespace parallax::messages {
namespace {

namespace proto = parallax::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;
using ProtoMessage = google::protobuf::Message;

constexpr int kFirstPayload = 100;  ///< field of a message in the envelope = this + its MessageType

template <class T>
constexpr bool kIsLeg = std::is_same_v<T, OpportunityLeg> || std::is_same_v<T, PlanLeg>;

/// Walks describe() and the fields of a Protobuf message side by side: the n-th value is the n-th
/// field, but that legs in a row are one repeated field. `Self` supplies scalar(field, T&),
/// text(field, string&) and child(field, T&).
template <class Self>
class FieldWalk {
public:
    explicit FieldWalk(const google::protobuf::Descriptor& type) noexcept : type_{type} {}
    template <class... T>
    void operator()(T&&... values) {
        (visit(const_cast<std::remove_cvref_t<T>&>(values)), ...);
    }

private:
    template <class T>
    void visit(T& value) {
        auto& self = static_cast<Self&>(*this);
        const FieldDescriptor* field = type_.field(next_);
        if (field->is_repeated() && !kIsLeg<T>) field = type_.field(++next_);
        if (!field->is_repeated()) ++next_;
        if constexpr (std::is_same_v<T, std::string>) {
            self.text(field, value);
        } else if constexpr (Described<T, Self> || std::is_same_v<T, Amount>) {
            self.child(field, value);
        } else {
            static_assert(Flat<T> && sizeof(T) <= 8, "give the type a describe() member");
            self.scalar(field, value);
        }
    }
    const google::protobuf::Descriptor& type_;
    int next_ = 0;
};

/// The bits of a value of at most 8 bytes, zero-extended.
template <class T>
std::uint64_t bits_of(const T& value) noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    return bits;
}

class ProtoWriter final : public FieldWalk<ProtoWriter> {
public:
    static constexpr bool kReading = false;
    explicit ProtoWriter(ProtoMessage& out)
        : FieldWalk{*out.GetDescriptor()}, out_{out}, reflection_{*out.GetReflection()} {}

    template <class T>
    void scalar(const FieldDescriptor* field, const T& value) {
        const std::uint64_t bits = bits_of(value);
        switch (field->cpp_type()) {
            case FieldDescriptor::CPPTYPE_INT64:
                return reflection_.SetInt64(&out_, field, static_cast<std::int64_t>(bits));
            case FieldDescriptor::CPPTYPE_UINT64:
                return reflection_.SetUInt64(&out_, field, bits);
            case FieldDescriptor::CPPTYPE_UINT32:
                return reflection_.SetUInt32(&out_, field, static_cast<std::uint32_t>(bits));
            case FieldDescriptor::CPPTYPE_BOOL:
                return reflection_.SetBool(&out_, field, bits != 0);
            case FieldDescriptor::CPPTYPE_ENUM:
                return reflection_.SetEnumValue(&out_, field, static_cast<int>(bits));
            default:
                PLX_ASSERT(false && "the schema and describe() differ");
        }
    }
    void text(const FieldDescriptor* field, const std::string& value) {
        reflection_.SetString(&out_, field, value);
    }
    template <class T>
    void child(const FieldDescriptor* field, T& value) {
        ProtoMessage* part = field->is_repeated() ? reflection_.AddMessage(&out_, field)
                                                  : reflection_.MutableMessage(&out_, field);
        if constexpr (std::is_same_v<T, Amount>) {
            auto& words = static_cast<proto::Int128&>(*part);
            words.set_high(static_cast<std::int64_t>(value.raw() >> 64));
            words.set_low(static_cast<std::uint64_t>(value.raw()));
        } else {
            ProtoWriter writer{*part};
            value.describe(writer);
        }
    }

private:
    ProtoMessage& out_;
    const Reflection& reflection_;
};

class ProtoReader final : public FieldWalk<ProtoReader> {
public:
    static constexpr bool kReading = true;
    explicit ProtoReader(const ProtoMessage& in)
        : FieldWalk{*in.GetDescriptor()}, in_{in}, reflection_{*in.GetReflection()} {}
    [[nodiscard]] bool ok() const noexcept { return ok_; }

    template <class T>
    void scalar(const FieldDescriptor* field, T& value) {
        const std::uint64_t bits = bits_of_field(field);
        constexpr std::uint8_t kLimit = value_limit<T>();
        const bool fits = sizeof(T) == 8 || bits >> (8 * sizeof(T) % 64) == 0;
        if (!fits || (kLimit > 0 && bits >= kLimit)) {
            ok_ = false;
            return;
        }
        std::memcpy(static_cast<void*>(&value), &bits, sizeof value);
    }
    void text(const FieldDescriptor* field, std::string& value) {
        value = reflection_.GetString(in_, field);
    }
    template <class T>
    void child(const FieldDescriptor* field, T& value) {
        if (field->is_repeated() && element_ >= reflection_.FieldSize(in_, field)) {
            ok_ = false;
            return;
        }
        const ProtoMessage& part = field->is_repeated()
                                       ? reflection_.GetRepeatedMessage(in_, field, element_++)
                                       : reflection_.GetMessage(in_, field);
        if constexpr (std::is_same_v<T, Amount>) {
            const auto& words = static_cast<const proto::Int128&>(part);
            const auto high =
                static_cast<unsigned __int128>(static_cast<std::uint64_t>(words.high()));
            value = Amount::from_raw(static_cast<__int128>(high << 64 | words.low()));
        } else {
            ProtoReader reader{part};
            value.describe(reader);
            ok_ = ok_ && reader.ok();
        }
    }

private:
    [[nodiscard]] std::uint64_t bits_of_field(const FieldDescriptor* field) const {
        switch (field->cpp_type()) {
            case FieldDescriptor::CPPTYPE_INT64:
                return static_cast<std::uint64_t>(reflection_.GetInt64(in_, field));
            case FieldDescriptor::CPPTYPE_UINT64:
                return reflection_.GetUInt64(in_, field);
            case FieldDescriptor::CPPTYPE_UINT32:
                return reflection_.GetUInt32(in_, field);
            case FieldDescriptor::CPPTYPE_BOOL:
                return reflection_.GetBool(in_, field) ? 1 : 0;
            case FieldDescriptor::CPPTYPE_ENUM:  // a negative one becomes too large
                return static_cast<std::uint64_t>(reflection_.GetEnumValue(in_, field));
            default:
                PLX_ASSERT(false && "the schema and describe() differ");
        }
        return 0;
    }
    const ProtoMessage& in_;
    const Reflection& reflection_;
    int element_ = 0;  ///< of the one repeated field
    bool ok_ = true;
};

const FieldDescriptor* payload_field(MessageType type) {
    return proto::Envelope::descriptor()->FindFieldByNumber(kFirstPayload + static_cast<int>(type));
}

using Column = google::protobuf::RepeatedField<std::int64_t>;

void write_side(std::span<const Level> levels, Column& prices, Column& quantities) {
    prices.Reserve(static_cast<int>(levels.size()));
    quantities.Reserve(static_cast<int>(levels.size()));
    for (const Level& level : levels) {
        prices.AddAlreadyReserved(level.price.raw());
        quantities.AddAlreadyReserved(level.quantity.raw());
    }
}

bool read_side(const Column& prices, const Column& quantities, std::vector<Level>& levels) {
    levels.clear();
    if (prices.size() != quantities.size()) return false;
    levels.reserve(static_cast<std::size_t>(prices.size()));
    for (int i = 0; i < prices.size(); ++i) {
        levels.push_back({Price::from_raw(prices[i]), Quantity::from_raw(quantities[i])});
    }
    return true;
}

/// The fields of a DepthUpdate without its levels, in the order of the schema.
template <class Walk>
void describe_header(Walk& walk, DepthUpdate& u) {
    walk(u.instrument, u.kind, u.stamp, u.first_id, u.last_id, u.previous_id, u.checksum,
         u.has_checksum);
}

}  // namespace

struct EnvelopeWriter::Impl {
    proto::Envelope envelope;
};
EnvelopeWriter::EnvelopeWriter() : impl_{std::make_unique<Impl>()} {}
EnvelopeWriter::~EnvelopeWriter() = default;

template <Message T>
HotResult<void> EnvelopeWriter::write(const EnvelopeInfo& info, const T& message,
                                      std::string& out) {
    PLX_ASSERT(wire::consistent(message));
    proto::Envelope& envelope = impl_->envelope;
    envelope.Clear();
    envelope.set_schema(info.schema);
    envelope.set_trace_id(info.trace_id);
    envelope.set_sequence(info.sequence);
    envelope.set_published(info.published.nanos());
    ProtoMessage* part =
        envelope.GetReflection()->MutableMessage(&envelope, payload_field(type_of<T>));
    ProtoWriter writer{*part};
    if constexpr (std::is_same_v<T, DepthUpdate>) {
        auto& depth = static_cast<proto::DepthUpdate&>(*part);
        describe_header(writer, const_cast<DepthUpdate&>(message));
        write_side(message.bids, *depth.mutable_bid_prices(), *depth.mutable_bid_quantities());
        write_side(message.asks, *depth.mutable_ask_prices(), *depth.mutable_ask_quantities());
    } else {
        const_cast<T&>(message).describe(writer);
    }
    return envelope.SerializeToString(&out) ? HotResult<void>{} : fail(Errc::Malformed);
}

struct EnvelopeReader::Impl {
    proto::Envelope envelope;
    const ProtoMessage* payload = nullptr;
};
EnvelopeReader::EnvelopeReader() : impl_{std::make_unique<Impl>()} {}
EnvelopeReader::~EnvelopeReader() = default;

HotResult<MessageType> EnvelopeReader::parse(std::span<const char> bytes) {
    proto::Envelope& envelope = impl_->envelope;
    impl_->payload = nullptr;
    if (bytes.size() > INT32_MAX ||
        !envelope.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return fail(Errc::Malformed);
    }
    const int field = static_cast<int>(envelope.payload_case());
    if (field < kFirstPayload) return fail(Errc::Malformed);
    info_ = {envelope.schema(), envelope.trace_id(), envelope.sequence(),
             UnixNanos::from_nanos(envelope.published())};
    const auto type = static_cast<MessageType>(field - kFirstPayload);
    impl_->payload = &envelope.GetReflection()->GetMessage(envelope, payload_field(type));
    return type;
}

template <class T>
HotResult<void> EnvelopeReader::read(T& message) const {
    const ProtoMessage* payload = impl_->payload;
    const FieldDescriptor* field = payload_field(type_of<T>);
    if (payload == nullptr || payload->GetDescriptor() != field->message_type())
        return fail(Errc::Malformed);
    ProtoReader reader{*payload};
    bool good = true;
    if constexpr (std::is_same_v<T, OwnedDepth>) {
        const auto& depth = static_cast<const proto::DepthUpdate&>(*payload);
        describe_header(reader, message.header);
        good = read_side(depth.bid_prices(), depth.bid_quantities(), message.bids) &&
               read_side(depth.ask_prices(), depth.ask_quantities(), message.asks);
    } else {
        message = T{};
        message.describe(reader);
        good = wire::consistent(message);
    }
    return good && reader.ok() ? HotResult<void>{} : fail(Errc::Malformed);
}

#define PLX_MESSAGE(Type, topic)                                                                   \
    template HotResult<void> EnvelopeWriter::write<Type>(const EnvelopeInfo&, const Type&,         \
                                                         std::string&);                            \
    template HotResult<void>                                                                       \
    EnvelopeReader::read<std::conditional_t<std::is_same_v<Type, DepthUpdate>, OwnedDepth, Type>>( \
        std::conditional_t<std::is_same_v<Type, DepthUpdate>, OwnedDepth, Type>&) const;
PLX_FOR_EACH_MESSAGE(PLX_MESSAGE)
#undef PLX_MESSAGE

}  // namespace parallax::messages
