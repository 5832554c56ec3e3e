#include "context.h"

#include <nanobind/stl/string.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>

#include "failure.h"

namespace residua_python {

namespace {

// How often a call without a progress function looks for signals, such as that of Ctrl-C.
constexpr std::chrono::milliseconds kBetweenSignals{50};

std::string hash_text(uint64_t hash) {
    char text[17];
    std::snprintf(text, sizeof text, "%016" PRIx64, hash);
    return text;
}

const char* name_of_colour(uint32_t colour) {
    return colour == RESIDUA_COLOUR_CMYK ? "cmyk" : colour == RESIDUA_COLOUR_RGB ? "rgb" : "grey";
}

Described description_of(const residua_model_info& info) {
    Described model;
    model["name"] = text(info.name);
    model["hash"] = hash_text(info.hash);
    model["codec"] = text(info.codec);
    model["description"] = text(info.description);
    model["file_size"] = info.file_size;
    model["built_in"] = info.built_in != 0;
    return model;
}

}  // namespace

residua_encode_options EncodeArguments::options() const {
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.model = model ? model->c_str() : nullptr;
    options.codec = codec ? codec->c_str() : nullptr;
    options.effort = effort;
    options.proof = proof;
    options.strip_height = strip_height;
    return options;
}

// Forgets in its end whose call it was.
class Context::Use {
  public:
    explicit Use(Context& context) : context_(context), lock_(context.busy_) {
        context_.caller_ = std::this_thread::get_id();
    }
    ~Use() { context_.caller_ = std::thread::id(); }

  private:
    Context& context_;
    const std::lock_guard<std::mutex> lock_;
};

Context::Context(size_t threads, uint64_t memory_limit) : process_(getpid()) {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.threads = threads;
    settings.memory_limit = memory_limit;
    settings.progress = report;
    settings.user = this;
    const residua_status status = residua_context_create(&settings, &raw_);
    if (status != RESIDUA_OK) throw Failure(status, residua_last_error(nullptr));
}

// The threads of a context do not exist in a process that was forked from its own: there nobody can end it.
Context::~Context() {
    if (process_ == getpid()) residua_context_destroy(raw_);
}

template <typename Call>
void Context::run(const nb::object& progress, Call call) {
    if (process_ != getpid())
        throw Failure(
            RESIDUA_INVALID_ARGUMENT,
            "this context was made before the process was forked; make another one in the new process");
    if (caller_ == std::this_thread::get_id())
        throw Failure(RESIDUA_INVALID_ARGUMENT, "a progress function may not use the context that calls it");
    residua_status status;
    std::string message;
    std::exception_ptr raised;
    {
        const nb::gil_scoped_release others_may_run;
        const Use use(*this);
        progress_ = progress.is_none() ? nb::handle() : nb::handle(progress);
        raised_ = nullptr;
        asked_ = std::chrono::steady_clock::now();
        status = call(raw_);
        if (status != RESIDUA_OK) message = residua_last_error(raw_);
        std::swap(raised, raised_);
    }
    if (raised) std::rethrow_exception(raised);
    if (status != RESIDUA_OK) throw Failure(status, message);
}

int Context::report(void* user, double fraction) {
    auto& context = *static_cast<Context*>(user);
    const auto now = std::chrono::steady_clock::now();
    if (!context.progress_.is_valid() && now - context.asked_ < kBetweenSignals) return 0;
    context.asked_ = now;
    try {
        context.ask_python(fraction);
        return 0;
    } catch (...) {
        context.raised_ = std::current_exception();
        return 1;
    }
}

void Context::ask_python(double fraction) {
    const nb::gil_scoped_acquire python;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (progress_.is_valid()) progress_(fraction);
}

nb::bytes Context::encode(const InputPicture& picture, const EncodeArguments& arguments,
                          nb::object progress) {
    residua::buffer file;
    const residua_encode_options options = arguments.options();
    run(progress,
        [&](residua_context* raw) { return residua_encode(raw, &picture.get(), &options, file.out()); });
    return bytes_of(file);
}

void Context::encode_file(const InputPicture& picture, const EncodeArguments& arguments,
                          const std::string& path, bool overwrite, nb::object progress) {
    const residua_encode_options options = arguments.options();
    run(progress, [&](residua_context* raw) {
        return residua_encode_file(raw, &picture.get(), &options, path.c_str(), overwrite);
    });
}

OutputArray Context::decode(nb::handle data, nb::object progress) {
    const InputBytes bytes(data);
    residua::image picture;
    run(progress,
        [&](residua_context* raw) { return residua_decode(raw, bytes.data(), bytes.size(), picture.out()); });
    return array_of(std::move(picture));
}

OutputArray Context::decode_region(nb::handle data, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                                   nb::object progress) {
    const InputBytes bytes(data);
    residua::image picture;
    run(progress, [&](residua_context* raw) {
        return residua_decode_region(raw, bytes.data(), bytes.size(), x, y, width, height, picture.out());
    });
    return array_of(std::move(picture));
}

OutputArray Context::preview(nb::handle data, nb::object progress) {
    const InputBytes bytes(data);
    residua::image picture;
    run(progress, [&](residua_context* raw) {
        return residua_preview(raw, bytes.data(), bytes.size(), picture.out());
    });
    return array_of(std::move(picture));
}

void Context::verify(nb::handle data, nb::object progress) {
    const InputBytes bytes(data);
    run(progress, [&](residua_context* raw) { return residua_verify(raw, bytes.data(), bytes.size()); });
}

nb::bytes Context::encode_jpeg(nb::handle jpeg, int effort, nb::object progress) {
    const InputBytes bytes(jpeg);
    residua::buffer file;
    EncodeArguments arguments;
    arguments.effort = effort;
    const residua_encode_options options = arguments.options();
    run(progress, [&](residua_context* raw) {
        return residua_jpeg_encode(raw, bytes.data(), bytes.size(), &options, file.out());
    });
    return bytes_of(file);
}

nb::bytes Context::decode_jpeg(nb::handle data, nb::object progress) {
    const InputBytes bytes(data);
    residua::buffer jpeg;
    run(progress, [&](residua_context* raw) {
        return residua_jpeg_decode(raw, bytes.data(), bytes.size(), jpeg.out());
    });
    return bytes_of(jpeg);
}

Described Context::inspect(nb::handle data) {
    const InputBytes bytes(data);
    residua_info info = RESIDUA_INIT(residua_info);
    run(nb::none(),
        [&](residua_context* raw) { return residua_inspect(raw, bytes.data(), bytes.size(), &info); });
    Described result;
    result["codec"] = info.codec;
    result["model"] = info.model_name ? text(info.model_name) : nb::none();
    result["model_hash"] = hash_text(info.model_hash);
    result["format_version"] = info.format_version;
    result["width"] = info.width;
    result["height"] = info.height;
    result["bits"] = info.bits;
    result["colour"] = info.colour ? nb::object(nb::str(name_of_colour(info.colour))) : nb::none();
    result["alpha"] = info.alpha != 0;
    result["channels"] = residua_channels(info.colour, info.alpha);
    result["strip_count"] = info.strip_count;
    result["strip_height"] = info.strip_height;
    result["file_size"] = info.file_size;
    result["metadata_size"] = info.metadata_size;
    result["pixel_checksum"] = hash_text(info.pixel_checksum);
    return result;
}

OutputEntries Context::metadata(nb::handle data) {
    const InputBytes bytes(data);
    residua::image head;
    run(nb::none(), [&](residua_context* raw) {
        return residua_decode_head(raw, bytes.data(), bytes.size(), head.out());
    });
    return entries_of(head.get());
}

nb::bytes Context::replace_metadata(nb::handle data, const Entries& metadata) {
    const InputBytes bytes(data);
    std::vector<residua_metadata> entries;
    for (const auto& [name, value] : metadata) entries.push_back({name.c_str(), value.data(), value.size()});
    residua::buffer file;
    run(nb::none(), [&](residua_context* raw) {
        return residua_replace_metadata(raw, bytes.data(), bytes.size(), entries.data(), entries.size(),
                                        file.out());
    });
    return bytes_of(file);
}

DescribedList Context::models() {
    std::vector<residua_model_info> all;
    run(nb::none(), [&](residua_context* raw) {
        all.assign(residua_model_count(raw), RESIDUA_INIT(residua_model_info));
        residua_status status = RESIDUA_OK;
        for (size_t i = 0; i < all.size() && status == RESIDUA_OK; ++i)
            status = residua_model_describe(raw, i, &all[i]);
        return status;
    });
    DescribedList result;
    for (const residua_model_info& info : all) result.append(description_of(info));
    return result;
}

Described Context::add_model(nb::handle data) {
    const InputBytes bytes(data);
    residua_model_info info = RESIDUA_INIT(residua_model_info);
    run(nb::none(),
        [&](residua_context* raw) { return residua_model_add(raw, bytes.data(), bytes.size(), &info); });
    return description_of(info);
}

}  // namespace residua_python
