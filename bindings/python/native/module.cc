// The extension residua._native: contexts. What users call is written in Python above it (residua/__init__.py).
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "context.h"
#include "failure.h"

namespace nb = nanobind;
using namespace nb::literals;
using residua_python::Context;
using residua_python::EncodeArguments;
using residua_python::Entries;
using residua_python::InputArray;
using residua_python::InputPicture;
using Text = std::optional<std::string>;

namespace {

void bind_encoding(nb::class_<Context>& context) {
    context.def(
        "encode",
        [](Context& self, const InputArray& array, const Text& colour, std::optional<int> bits,
           const Entries& metadata, const Text& model, const Text& codec, int effort, int proof,
           uint32_t strip_height, nb::object progress) {
            return self.encode(InputPicture(array, colour, bits, metadata),
                               {model, codec, effort, proof, strip_height}, std::move(progress));
        },
        "array"_a, nb::kw_only(), "colour"_a.none(), "bits"_a.none(), "metadata"_a, "model"_a.none(),
        "codec"_a.none(), "effort"_a, "proof"_a, "strip_height"_a, "progress"_a.none(), "As residua.encode.");
    context.def(
        "encode_file",
        [](Context& self, const InputArray& array, const nb::bytes& path, bool overwrite, const Text& colour,
           std::optional<int> bits, const Entries& metadata, const Text& model, const Text& codec, int effort,
           int proof, uint32_t strip_height, nb::object progress) {
            self.encode_file(InputPicture(array, colour, bits, metadata),
                             {model, codec, effort, proof, strip_height},
                             std::string(path.c_str(), path.size()), overwrite, std::move(progress));
        },
        "array"_a, "path"_a, nb::kw_only(), "overwrite"_a, "colour"_a.none(), "bits"_a.none(), "metadata"_a,
        "model"_a.none(), "codec"_a.none(), "effort"_a, "proof"_a, "strip_height"_a, "progress"_a.none(),
        "As residua.save with the name of a file.");
    context.def("encode_jpeg", &Context::encode_jpeg, "jpeg"_a, nb::kw_only(), "effort"_a,
                "progress"_a.none(), "As residua.encode_jpeg.");
}

// What stubgen cannot know of arrays: they have any type of samples.
#define RESIDUA_GIVES_PIXELS(arguments) \
    nb::sig("def " arguments ", *, progress: object | None) -> numpy.typing.NDArray[typing.Any]")

void bind_decoding(nb::class_<Context>& context) {
    context.def("decode", &Context::decode, "data"_a, nb::kw_only(), "progress"_a.none(),
                "As residua.decode.", RESIDUA_GIVES_PIXELS("decode(self, data: object"));
    context.def(
        "decode_region", &Context::decode_region, "data"_a, "x"_a, "y"_a, "width"_a, "height"_a,
        nb::kw_only(), "progress"_a.none(), "As residua.decode_region.",
        RESIDUA_GIVES_PIXELS("decode_region(self, data: object, x: int, y: int, width: int, height: int"));
    context.def("preview", &Context::preview, "data"_a, nb::kw_only(), "progress"_a.none(),
                "As residua.preview.", RESIDUA_GIVES_PIXELS("preview(self, data: object"));
    context.def("verify", &Context::verify, "data"_a, nb::kw_only(), "progress"_a.none(),
                "As residua.verify.");
    context.def("decode_jpeg", &Context::decode_jpeg, "data"_a, nb::kw_only(), "progress"_a.none(),
                "As residua.decode_jpeg.");
    context.def("inspect", &Context::inspect, "data"_a, "What residua.info says, by its names.");
    context.def("metadata", &Context::metadata, "data"_a, "As residua.metadata.");
    context.def("replace_metadata", &Context::replace_metadata, "data"_a, "metadata"_a,
                "As residua.replace_metadata.");
}

}  // namespace

NB_MODULE(_native, module) {
    residua_python::register_failures();
    module.doc() = "The library's calls; residua has them as functions.";
    nb::class_<Context> context(module, "Context",
                                "A context of the library: one call at a time, others wait for it.");
    context.def(nb::init<size_t, uint64_t>(), nb::kw_only(), "threads"_a = 0, "memory_limit"_a = 0);
    bind_encoding(context);
    bind_decoding(context);
    context.def("models", &Context::models, "A description of each model.");
    context.def("add_model", &Context::add_model, "data"_a, "Adds a model file; returns its description.");

    module.def("version", &residua_version, "The library's version.");
    module.def("cpu", &residua_cpu, "The kernels in use.");
    module.def(
        "status_name", [](int status) { return residua_status_name(static_cast<residua_status>(status)); },
        "status"_a, "The name of a status.");
    module.def("can_encode", &residua_codec_can_encode, "codec"_a,
               "1 where this build encodes by that codec.");
    module.def("can_decode", &residua_codec_can_decode, "codec"_a,
               "1 where this build decodes that codec's files.");
    module.def(
        "is_jpeg",
        [](nb::handle data) {
            const residua_python::InputBytes bytes(data);
            return residua_jpeg_is_kept(bytes.data(), bytes.size()) != 0;
        },
        "data"_a, "As residua.is_jpeg.");
}
