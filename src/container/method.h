// A method (a codec), as files know it. stages/method.h has the whole of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "image/alphabet.h"

namespace residua::container {

struct Header;

using residua::Alphabet;
using residua::kSampleSymbols;

// What the files of a method have.
struct FileTraits {
    uint8_t number;                     // in the header
    const char* payload = nullptr;      // what the payload before the tiles is, for messages; null: none
    bool lossy_layer = false;           // the payload is a BPG stream that any viewer of such can show
    Alphabet symbols = kSampleSymbols;  // of the picture's stage: the largest alphabet
    bool tau = false;                   // may have tau
    bool adaptation = false;            // mixtures may adapt
    bool any_kind = false;              // codes pictures of Kind::kAny
    // Files have the bytes of another file, of a picture or not (Kind::kAny, Kind::kBytes); no model; and their
    // stages have streams as many as they like.
    bool keeps_bytes = false;
};

class Method {
  public:
    virtual const char* name() const = 0;
    virtual FileTraits traits() const = 0;

    // The fields of the header that are the method's own; they stand before the payload's size. Reading
    // throws kCorrupt, kTruncated or kUnsupported.
    virtual void read_fields(ByteReader& reader, Header& header) const { (void)reader, (void)header; }
    virtual void write_fields(ByteWriter& writer, const Header& header) const { (void)writer, (void)header; }
    // Of a stage's tiles, for messages.
    virtual std::string stage_name(const Header& header, int stage) const {
        (void)header, (void)stage;
        return "picture";
    }

  protected:
    ~Method() = default;
};

// All that files may be of.
using Methods = std::span<const Method* const>;

}  // namespace residua::container
