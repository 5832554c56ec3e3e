// residua decode and residua preview: .rsd files to pictures.
#include <optional>
#include <residua/research.hpp>

#include "app.h"
#include "picture.h"
#include "timing.h"

namespace tool {

namespace {

bool is_bpg(const std::string& path) { return path.size() > 4 && path.ends_with(".bpg"); }

}  // namespace

int decode(const Options& options) {
    App app(options);
    Timing timing(app);
    const int code = app.for_each_input([&](const std::string& path) {
        const std::string output = app.output_path(path, extension_of(options));
        format_of(options, output);  // refuses an unknown extension before the work
        FileInput file(path);
        FileOutput out(app.context(), output, options.force);  // the functions below may not use the context
        std::optional<PictureOutput> picture;                  // from the first rows on
        app.context().decode_rows(
            [&](void* data, size_t size) { return file.read(data, size); }, file.size(),
            [&](const residua_image& image) { picture.emplace(app, out, image, output); },
            [&](uint32_t, uint32_t rows, const void* pixels) { picture->write(rows, pixels); });
        timing.note();
        finish(app, out, output);
    });
    timing.write();
    return code;
}

int preview(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const bool bpg = options.format == "bpg" || is_bpg(options.output);
        const std::string output = app.output_path(path, ".preview" + extension_of(options));
        if (!bpg) format_of(options, output);
        const Input file = app.read(path);
        if (bpg) {
            const residua::buffer stream =
                residua::research::preview_bpg(app.context(), file.data(), file.size());
            app.write(output, stream.data(), stream.size());
            if (output != "-") app.detail("-> " + output);
        } else {
            const residua::image image = app.context().preview(file.data(), file.size());
            write_image(app, image.get(), output);
        }
    });
}

}  // namespace tool
