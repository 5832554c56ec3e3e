// The encoder's side of the stages in stage.h.
#pragma once

#include <memory>
#include <vector>

#include "codec/stage.h"

namespace residua::codec {

// Bytes that count against the memory limit.
struct CountedBytes {
    CountedBytes() = default;
    CountedBytes(Allocator& allocator, std::vector<uint8_t> data)
        : bytes(std::move(data)), reservation(std::make_unique<Reservation>(allocator, bytes.size())) {}

    std::vector<uint8_t> bytes;
    std::unique_ptr<Reservation> reservation;
};

// A file in the making.
struct Draft {
    container::Header header;
    CountedBytes bpg;
    std::vector<CountedBytes> tiles;
};

struct EncoderOptions {
    int q;
    int bit_depth;
    int effort;
};

class EncoderStage {
  public:
    virtual ~EncoderStage() = default;
    virtual double share() const = 0;
    // Codes what x adds to `known`, writes it to the draft, and leaves in `known` what a decoder would know
    // then.
    virtual void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const = 0;
};

std::vector<std::unique_ptr<EncoderStage>> encoder_stages(const EncoderOptions& options,
                                                          const models::RcModel& model);

}  // namespace residua::codec
