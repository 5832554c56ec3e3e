// residua decode and residua preview: .rsd files to pictures.
#include <optional>
#include <residua/research.hpp>

#include "batch.h"
#include "picture.h"

namespace tool {

namespace {

bool is_bpg(const std::string& path) { return path.size() > 4 && path.ends_with(".bpg"); }

}  // namespace

int decode(const Options& options) {
    return run_batch(options, {InputKind::kCoded, extension_of(options), "decoded"}, [&](App& app, Job& job) {
        format_of(options, job.output);  // refuses an unknown extension before the work
        FileInput file(job.input);
        // The functions below may not use the context.
        FileOutput out(app.context(), job.output, options.force, file.attributes());
        std::optional<PictureOutput> picture;  // from the first rows on
        app.context().decode_rows(
            [&](void* data, size_t size) { return file.read(data, size); }, file.size(),
            [&](const residua_image& image) { picture.emplace(app, out, image, job.output); },
            [&](uint32_t, uint32_t rows, const void* pixels) { picture->write(rows, pixels); });
        app.note_times();
        finish(app, out, job.output);
    });
}

int preview(const Options& options) {
    const Work work{InputKind::kCoded, ".preview" + extension_of(options), "previewed"};
    return run_batch(options, work, [&](App& app, Job& job) {
        const bool bpg = options.format == "bpg" || is_bpg(options.output);
        const std::string& output = job.output;
        if (!bpg) format_of(options, output);
        const Input file = app.read(job.input);
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
