#include "stages/enc_method.h"

namespace residua::codec {

Draft begin_draft(const Method& method, const models::Model& model, container::Kind kind,
                  const PictureKind& picture, const PictureView& x, const EncoderOptions& options) {
    Draft draft;
    container::Header& header = draft.header;
    header.method = &method;
    header.set_kind(kind);
    header.picture = picture;
    header.width = x.width;
    header.height = x.height;
    method.encoder()->begin(header, options, model);
    draft.streams.resize(static_cast<size_t>(header.coded_stages()));
    return draft;
}

bool adapts(const EncoderOptions& options, const models::Model& model) {
    return options.adaptation == Adaptation::kDefault ? model.adapts : options.adaptation == Adaptation::kOn;
}

void refuse_lossy_options(const EncoderOptions& options, const Method& method) {
    const std::string name = method.name();
    if (options.q != 0 || options.bit_depth != 0)
        throw Error(ErrorCode::kInvalidArgument,
                    "the codec " + name + " has no lossy layer whose q or bit_depth could be chosen");
    if (options.tau == Tau::kOn)
        throw Error(ErrorCode::kInvalidArgument, "the codec " + name + " has no tau that could be on");
}

}  // namespace residua::codec
