#include "export/attach_q.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "data/codec.h"
#include "export/export_q.h"

namespace residua::train {

void run_attach(const AttachSettings& settings) {
    std::ifstream in(settings.model, std::ios::binary);
    if (!in) throw std::runtime_error(settings.model + ": cannot be opened");
    const std::vector<uint8_t> model{std::istreambuf_iterator<char>(in), {}};
    const auto bytes = with_q_classifier(model, q_classifier_section(settings.run));
    residua::context context;
    const residua_model_info info =
        context.add_model(bytes.data(), bytes.size());  // as any user would load it
    write_whole_file(settings.out, bytes);
    std::printf("%s: %zu bytes, %zu more, model %s\n", settings.out.c_str(), bytes.size(),
                bytes.size() - model.size(), hash_text(info.hash).c_str());
}

}  // namespace residua::train
