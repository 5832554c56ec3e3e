// One encoding of a picture with one model.
#pragma once

#include "codec/dec_codec.h"
#include "codec/enc_codec.h"
#include "codec/enc_picture.h"
#include "stages/enc_method.h"

namespace residua::codec {

// request, models and entry must outlive it.
class Encoder {
  public:
    // share: of the progress.
    Encoder(const EncodeRequest& request, const models::Registry& models,
            const models::Registry::Entry& entry, Session& session, double share);

    // The file, proved. Throws what encode_whole does.
    Buffer<uint8_t> run();

    // Whether run() has found out how the picture's pixels were made.
    bool has_origin() const { return has_origin_; }

  private:
    Buffer<uint8_t> encode_with(const EncoderOptions& options);
    Buffer<uint8_t> write_file(const Draft& draft);
    void prove(std::span<const uint8_t> bytes, const EncoderStages& stages, Known& known, double share);

    const EncodeRequest& request_;
    const models::Registry& models_;
    Session& session_;
    const models::Registry::Entry& entry_;
    const Method& method_;
    const models::Model& model_;
    const Proof proof_;
    const SourcePicture source_;
    const PictureView x_;  // in the coded channels
    const uint64_t checksum_;
    double share_;  // of the progress; from run() on, for one choice of options
    // Of the last file.
    bool has_origin_ = false, origin_is_doubtful_ = false;
};

}  // namespace residua::codec
