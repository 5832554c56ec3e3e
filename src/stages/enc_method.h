// The encoder's side of a method.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "stages/enc_stage.h"
#include "stages/method.h"

namespace residua::codec {

// With which options a picture is encoded: the first, and others that are tried while files get smaller, in
// one direction and, where that did not help at once, in the other.
struct OptionChoice {
    EncoderOptions first;
    std::array<std::vector<EncoderOptions>, 2> others = {};
};

// Whether a method that nobody asked for suits a picture better than the preferred one.
enum class Promise { kNone, kPossible, kSure };

class EncoderMethod {
  public:
    // Whether its files are never larger than the samples.
    virtual bool packs() const { return false; }
    // By a quick look at the picture, of which a part is then coded with both if it is possible.
    virtual Promise promise(const PictureView& x) const {
        (void)x;
        return Promise::kNone;
    }
    // False in a build that lacks a library that encoding needs. The method is then taken only where it is asked
    // for, and check_available() says what is missing.
    virtual bool available() const { return true; }
    // Throws kUnsupported unless available().
    virtual void check_available() const {}
    // Whether these options, given to no method in particular, ask for this one.
    virtual bool asked_by(const EncoderOptions& options) const {
        (void)options;
        return false;
    }
    // The name of the model to encode with where none is asked for; "": the method's first.
    virtual const char* default_model(const EncoderOptions& options) const {
        (void)options;
        return "";
    }
    // Other models that take fewer bytes for some pictures. Where no model is asked for, a part of the picture is
    // coded with each to find out.
    virtual std::vector<const char*> rival_models(const EncoderOptions& options, const PictureView& x) const {
        (void)options, (void)x;
        return {};
    }
    // Instead of Proof::kDefault.
    virtual Proof default_proof(int effort) const {
        (void)effort;
        return Proof::kFull;
    }
    // Whether large pictures are cut into strips where nobody says.
    virtual bool cuts_into_strips() const { return false; }
    // Whether pictures can be drawn from a model: there is a stage that another one follows.
    virtual bool draws_samples() const { return false; }

    // For the picture x, in the coded channels.
    virtual OptionChoice choose_options(const EncoderOptions& asked, const models::Model& model,
                                        const PictureView& x, Session& session) const {
        (void)model, (void)x, (void)session;
        return {asked};
    }
    // Sets what the header says of the method and its tiles, as far as that does not depend on the pixels.
    // Picture and method are there already.
    virtual void begin(container::Header& header, const EncoderOptions& options,
                       const models::Model& model) const = 0;
    // As many as Method::decoder_stages gives, for a file that begin() has begun. The model must outlive
    // them. Throws kInvalidArgument for options that the method does not have.
    virtual EncoderStages stages(const EncoderOptions& options, const models::Model& model) const = 0;

    // Of a method that keeps a file's bytes: a draft that lacks the checksums, and the picture that the file
    // shows, if it does.
    struct Kept {
        Draft draft;
        std::optional<Picture> picture;
    };
    enum class Care {
        kQuick,    // what most files need: the bytes may not come back
        kChecked,  // they do
        kWhole,    // and nothing in them is looked for
    };
    virtual Kept keep(std::span<const uint8_t> bytes, int effort, Care care, Session& session) const {
        (void)bytes, (void)effort, (void)care, (void)session;
        throw Error(ErrorCode::kInternal, "this codec keeps no files");
    }

  protected:
    ~EncoderMethod() = default;
};

// A draft whose header says all that does not depend on the
// pixels, but for the model's hash. x: in the coded channels.
Draft begin_draft(const Method& method, const models::Model& model, container::Kind kind,
                  const PictureKind& picture, const PictureView& x, const EncoderOptions& options);

// Whether the mixtures of a method that can adapt do so.
bool adapts(const EncoderOptions& options, const models::Model& model);

// For methods without a lossy layer: throws kInvalidArgument for options of one.
void refuse_lossy_options(const EncoderOptions& options, const Method& method);

}  // namespace residua::codec
