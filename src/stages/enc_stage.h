// The encoder's side of the stages in stage.h.
#pragma once

#include <memory>
#include <vector>

#include "stages/stage.h"

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
    CountedBytes bpg;                                // RC
    CountedBytes planes;                             // OLM
    std::vector<std::vector<CountedBytes>> streams;  // [stage][tile]
};

enum class Proof { kDefault, kFast, kFull };  // residua.h says what they check
// Whether an RC encoder looks for a tau (enc_tau.h). kDefault: where the mixtures do not adapt.
enum class Tau { kDefault, kOff, kOn };
// Whether RC's and L3C's mixtures adapt to the tile (entropy::AdaptiveCoder). kDefault: they do.
enum class Adaptation { kDefault, kOff, kOn };

struct EncoderOptions {
    // Of the lossy layer; q and bit_depth are 0 for the model's default, and for codecs without a lossy
    // layer.
    int q;
    int bit_depth;
    int effort;
    Tau tau = Tau::kDefault;
    Adaptation adaptation = Adaptation::kDefault;
    Proof proof = Proof::kFull;  // which will follow; kFast or kFull
};

class EncoderStage {
  public:
    virtual ~EncoderStage() = default;
    // As DecoderStage's, of the encoding time.
    virtual double share() const = 0;
    // Codes what x adds to `known`, writes it to the draft, and leaves in `known` what a decoder would know
    // then.
    virtual void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const = 0;
    // The fast proof of what encode() has not proved itself: that a decoder finds in `file` what is in
    // `known`. Throws kInternal.
    virtual void prove(const container::File& file, const Known& known, Session& session) const {
        (void)file, (void)known, (void)session;
    }
};

using EncoderStages = std::vector<std::unique_ptr<EncoderStage>>;

// A draft whose header says all that does not depend on the pixels. x: in the coded channels.
Draft begin_draft(container::Kind kind, const PictureView& x, Adaptation adaptation,
                  const models::Registry& models, const models::Registry::Entry& model);

// The stages of the model's codec, as many as decoder_stages gives; for a draft of begin_draft. The models
// must outlive them. Throws kInvalidArgument for options that the codec does not have.
EncoderStages encoder_stages(const EncoderOptions& options, const models::Registry& models,
                             const models::Registry::Entry& model);

// Throws kInternal: the proof has failed.
[[noreturn]] void proof_failed(const std::string& what);

}  // namespace residua::codec
