#include "stages/methods.h"

#include <array>
#include <tuple>

#include "stages/jpegfile/method.h"
#include "stages/l3c/method.h"
#include "stages/olm/method.h"
#include "stages/rc/method.h"
#include "stages/scc/method.h"

namespace residua::codec {

namespace {

// The list. A new method is a folder and a line here.
constexpr std::tuple<  //
    RcMethod,          //
    L3cMethod,         //
    OlmMethod,         //
    JpegFileMethod,    //
    SccMethod>
    kAll;

template <typename Part>
constexpr auto all_as() {
    return std::apply(
        [](const auto&... method) { return std::array<const Part*, sizeof...(method)>{&method...}; }, kAll);
}

constexpr auto kMethods = all_as<Method>();
constexpr auto kFileMethods = all_as<container::Method>();
constexpr auto kModelMethods = all_as<models::Method>();
constexpr std::array<const Method*, 2> kPreferred = {&std::get<OlmMethod>(kAll), &std::get<RcMethod>(kAll)};

}  // namespace

std::span<const Method* const> methods() { return kMethods; }
const Method& keeping_method() { return std::get<JpegFileMethod>(kAll); }
container::Methods file_methods() { return kFileMethods; }
models::Methods model_methods() { return kModelMethods; }
std::span<const Method* const> preferred_methods() { return kPreferred; }

const Method& method_named(const std::string& name) {
    std::string names;
    for (size_t i = 0; i < kMethods.size(); ++i) {
        if (name == kMethods[i]->name()) return *kMethods[i];
        names += std::string(i == 0 ? "" : i + 1 < kMethods.size() ? ", " : " and ") + kMethods[i]->name();
    }
    throw Error(ErrorCode::kInvalidArgument, "there is no codec '" + name + "'; there are " + names);
}

const Method& method_of(const container::Header& header) { return method_named(header.method->name()); }

const Method& method_of(const models::Registry::Entry& entry) {
    return method_named(models::Registry::method_of(entry).name());
}

container::File parse_file(std::span<const uint8_t> bytes) { return container::parse(bytes, kFileMethods); }

DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                             const models::Registry& models) {
    return method_of(file.header).decoder_stages(file, streams, models);
}

DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                             const models::Registry& models) {
    return method_of(file.header).preview_stages(file, streams, models);
}

}  // namespace residua::codec
