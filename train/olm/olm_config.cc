#include "olm/olm_config.h"

#include <sstream>
#include <stdexcept>

namespace residua::train {

namespace {

std::string text_of(const std::vector<int>& numbers) {
    std::string text;
    for (const int number : numbers) text.append(text.empty() ? "" : " ").append(std::to_string(number));
    return text;
}

std::vector<int> numbers_of(const Description& description, const std::string& key) {
    const auto found = description.find(key);
    if (found == description.end()) throw std::runtime_error("not a checkpoint of OLM (no '" + key + "')");
    std::istringstream text(found->second);
    std::vector<int> numbers;
    for (int number; text >> number;) numbers.push_back(number);
    return numbers;
}

}  // namespace

Description OlmConfig::description() const {
    return {{"codec", "olm"},
            {"experts", experts},
            {"widths", text_of(widths)},
            {"components", std::to_string(components)},
            {"bits", std::to_string(bits)},
            {"inputs", text_of(inputs)}};
}

OlmConfig OlmConfig::of(const Description& description) {
    OlmConfig config;
    // Checkpoints from before there were several sets do not say it.
    if (const auto found = description.find("experts"); found != description.end())
        config.experts = found->second;
    config.widths = numbers_of(description, "widths");
    config.components = number_of(description, "components");
    // As for the experts; they have 8.
    if (description.contains("bits")) config.bits = number_of(description, "bits");
    config.inputs = numbers_of(description, "inputs");
    return config;
}

OlmConfig olm_preset(const std::string& name) {
    OlmConfig config;
    config.experts = name;
    if (name == "olm" || name == "olm-deep") return config;
    if (name == "olm-fast") {
        config.widths = {64, 48, 32};
        config.components = 4;
        return config;
    }
    if (name == "olm-light") {
        config.widths = {32, 32, 16};
        config.bits = 7;
        config.components = 3;
        return config;
    }
    if (name == "olm-mid") {
        config.widths = {96, 96, 48};
        config.bits = 7;
        return config;
    }
    if (name == "olm-best") {
        config.widths = {192, 192, 96};
        return config;
    }
    throw std::invalid_argument("unknown preset '" + name +
                                "'; there are: olm-light, olm-fast, olm-mid, olm, olm-deep and olm-best");
}

}  // namespace residua::train
