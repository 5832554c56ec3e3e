// Which stages a model's codec has.
#include "stages/enc_tiles.h"
#include "stages/l3c/enc_l3c.h"
#include "stages/olm/enc_olm.h"
#include "stages/rc/enc_rc.h"

namespace residua::codec {

namespace {
bool is_l3c(const models::Registry::Entry& model) { return model.file.codec() == models::kL3cCodec; }
}  // namespace

Draft begin_draft(container::Kind kind, const PictureView& x, Adaptation adaptation,
                  const models::Registry& models, const models::Registry::Entry& model) {
    Draft draft;
    container::Header& header = draft.header;
    header.kind = kind;
    header.width = x.width;
    header.height = x.height;
    header.model_hash = model.file.hash;
    if (is_l3c(model)) {
        header.codec = container::Codec::kL3c;
        header.scales = models.l3c(model).scales;
    }
    if (model.file.codec() == models::kOlmCodec) header.codec = container::Codec::kOlm;
    header.adaptive = header.codec != container::Codec::kOlm && adaptation != Adaptation::kOff;
    choose_tiles(header);
    draft.streams.resize(static_cast<size_t>(header.coded_stages()));
    return draft;
}

EncoderStages encoder_stages(const EncoderOptions& options, const models::Registry& models,
                             const models::Registry::Entry& model) {
    const std::string& codec = model.file.codec();
    if (codec == models::kL3cCodec || codec == models::kOlmCodec) {
        if (options.q != 0 || options.bit_depth != 0)
            throw Error(ErrorCode::kInvalidArgument,
                        "the codec " + codec + " has no lossy layer whose q or bit_depth could be chosen");
        if (options.tau == Tau::kOn)
            throw Error(ErrorCode::kInvalidArgument, "the codec " + codec + " has no tau that could be on");
        if (!is_l3c(model) && options.adaptation == Adaptation::kOn)
            throw Error(
                ErrorCode::kInvalidArgument,
                "the codec " + codec + " has no mixtures that could be told to adapt: its own always do");
        return is_l3c(model) ? l3c_encoder_stages(models.l3c(model))
                             : olm_encoder_stages(models.olm(model), options.proof);
    }
    EncoderOptions complete = options;
    if (complete.q == 0) complete.q = model.file.default_q();
    if (complete.bit_depth == 0) complete.bit_depth = model.file.default_bit_depth();
    return rc_encoder_stages(complete, models.rc(model));
}

void proof_failed(const std::string& what) {
    throw Error(ErrorCode::kInternal, "the written file does not decode to the picture (" + what +
                                          "); please report this, nothing was written");
}

}  // namespace residua::codec
