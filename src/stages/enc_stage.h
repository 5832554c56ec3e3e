// The encoder's side of the stages in stage.h.
#pragma once

#include <memory>
#include <string>
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
    CountedBytes payload;                            // of methods that have one
    std::vector<std::vector<CountedBytes>> streams;  // [stage][tile]
    std::string note;                                // for the log, before the file's size
    // Whether it was found out how the picture's pixels were made (EncoderOptions::origin). If that is doubtful the file
    // may be smaller without.
    bool has_origin = false, origin_is_doubtful = false;
};

// residua.h says what they check. kNone: of a file that nobody will have.
enum class Proof { kDefault, kFast, kFull, kNone };
// Whether an encoder looks for factors of sigma. kDefault: where the mixtures do not adapt.
enum class Tau { kDefault, kOff, kOn };
// Whether mixtures adapt to the tile (entropy::AdaptiveCoder).
// kDefault: as the model was made for, where the method can.
enum class Adaptation { kDefault, kOff, kOn };

// In the place of a Q: the default_q of the model's description, without a look at the picture.
constexpr int kFixedQ = -1;

// All that a caller may ask of any method; a method refuses what it does not have.
struct EncoderOptions {
    // Of the lossy layer: 1 … lossy::kMaxQ, kFixedQ or 0; 8, 10 or 0. 0: what picture and model suggest, and
    // for methods without a lossy layer.
    int q = 0;
    int bit_depth = 0;
    int effort = 5;  // 1 … 9
    Tau tau = Tau::kDefault;
    Adaptation adaptation = Adaptation::kDefault;
    Proof proof = Proof::kFull;  // which will follow; not kDefault
    int bits = 8;                // of the picture's samples
    bool origin = true;          // whether a method that can looks for what the picture was made from
};

class EncoderStage {
  public:
    virtual ~EncoderStage() = default;
    // As DecoderStage's, of the encoding time.
    virtual double share() const = 0;
    // Codes what x adds to `known`, writes it to the draft,
    // and leaves in `known` what a decoder would know then.
    virtual void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const = 0;
    // The fast proof of what encode() has not proved itself: that a decoder finds in `file` what is in
    // `known`. Throws kInternal.
    virtual void prove(const container::File& file, const Known& known, Session& session) const {
        (void)file, (void)known, (void)session;
    }
};

using EncoderStages = std::vector<std::unique_ptr<EncoderStage>>;

// Throws kInternal: the proof has failed.
[[noreturn]] void proof_failed(const std::string& what);

}  // namespace residua::codec
