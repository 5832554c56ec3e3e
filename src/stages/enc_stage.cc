#include "stages/enc_stage.h"

namespace residua::codec {

void proof_failed(const std::string& what) {
    throw Error(ErrorCode::kInternal, "the written file does not decode to the picture (" + what +
                                          "); please report this, nothing was written");
}

}  // namespace residua::codec
