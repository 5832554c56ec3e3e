#include "export/attach_q.h"

#include "data/codec.h"
#include "export/export_q.h"
#include "weights/whole_file.h"

namespace residua::train {

void run_attach(const AttachSettings& settings) {
    const std::vector<uint8_t> model = read_whole_file(settings.model);
    const auto bytes = with_q_classifier(model, q_classifier_section(settings.run));
    write_model_file(settings.out, bytes, "it had " + std::to_string(model.size()) + " bytes before");
}

}  // namespace residua::train
