// A method (a codec) as a whole: what its files and models hold (the two classes it derives from), its
// stages, and its encoder. Each has a folder of its own; methods.cc lists all.
#pragma once

#include "container/method.h"
#include "models/method.h"
#include "stages/stage.h"

namespace residua::codec {

class EncoderMethod;

class Method : public container::Method, public models::Method {
  public:
    const char* name() const override = 0;

    // False in a build that lacks a library that decoding needs: decoder_stages() and preview_stages() throw
    // kUnsupported there.
    virtual bool can_decode() const { return true; }

    // The stages of a file, in order; its entropy-coded symbols come from `streams`. All arguments must
    // outlive them. Throws kModelMissing, and kCorrupt when file and model do not fit.
    virtual DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                                         const models::Registry& models) const = 0;
    // The stages but the last, and in its place one that makes the picture that is likely without it. Throws
    // kUnsupported where there is no such thing.
    virtual DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                                         const models::Registry& models) const = 0;

    // Whether a tile can be decoded where others are lost (StreamSource::lost), and then how far beyond its
    // border a lost one is felt, in pixels; −1: it cannot.
    virtual int reach_of_lost_tiles() const { return -1; }

    // Of a method that keeps a file's bytes: these. Throws kUnsupported for others, kCorrupt, kTruncated,
    // kMemoryLimit, kCancelled.
    virtual Buffer<uint8_t> restore(const container::File& file, Session& session) const {
        (void)file, (void)session;
        throw Error(ErrorCode::kUnsupported, "this file holds a picture, and no other file");
    }

    // The metadata of the file whose bytes are kept, as far as they are those of a picture; null where that
    // is not what the method does. Throws as restore().
    virtual std::shared_ptr<const KeptMetadata> kept_metadata(const container::File& file,
                                                              Allocator& allocator) const {
        (void)file, (void)allocator;
        return nullptr;
    }

    // enc_method.h; null in a build that only decodes.
    virtual const EncoderMethod* encoder() const = 0;

  protected:
    ~Method() = default;
};

// The model that the file names, as its method reads it. Throws kModelMissing, and kCorrupt or kUnsupported
// when it is none of the method.
const models::Model& model_of(const container::File& file, const models::Registry& models,
                              const models::Method& method);

}  // namespace residua::codec
