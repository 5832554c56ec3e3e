#include "report.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "text.h"

namespace tool {

namespace {

const char* name_of(Status status) {
    switch (status) {
        case Status::kDone:
            return "done";
        case Status::kSkipped:
            return "skipped";
        case Status::kFailed:
            return "failed";
        case Status::kOpen:
        case Status::kNotBegun:
            break;
    }
    return "not begun";
}

const char* name_of_colour(uint32_t colour) {
    return colour == RESIDUA_COLOUR_GREY ? "grey" : colour == RESIDUA_COLOUR_CMYK ? "cmyk" : "rgb";
}

constexpr std::string_view kBegin = "{\"input\": ";

// A file's bytes without memory for them.
class MappedFile {
  public:
    explicit MappedFile(const std::string& path) {
        const int file = opened(path);
        struct stat status;
        if (file < 0) return;
        if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
            void* mapped =
                ::mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
            if (mapped != MAP_FAILED) {
                data = mapped;
                size = static_cast<size_t>(status.st_size);
            }
        }
        ::close(file);
    }
    ~MappedFile() {
        if (data) ::munmap(data, size);
    }
    MappedFile(const MappedFile&) = delete;

    void* data = nullptr;
    size_t size = 0;

  private:
    static int opened(const std::string& path) {
        try {
            return path.empty() ? -1 : open_to_read(path);
        } catch (const Failure&) {
            return -1;
        }
    }
};

}  // namespace

bool is_report(const std::string& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    const image_io::File file(std::fopen(path.c_str(), "rbe"));
    char bytes[kBegin.size()];
    return file && std::string_view(bytes, std::fread(bytes, 1, sizeof bytes, file.get())) == kBegin;
}

Report::Report(App& app, const Work& work) : inputs_(work.inputs) {
    const Options& options = app.options();
    if (options.report.empty()) return;
    const bool again = is_report(options.report);
    if (options.report != "-" && !again) app.check_place(options.report);
    file_.emplace(app.context(), options.report, options.force || again);
}

void Report::look_at(App& app, Job& job) const {
    if (!file_) return;
    const std::string& path = inputs_ == InputKind::kCoded ? job.input : job.output;
    const MappedFile file(path == "-" ? "" : path);
    if (!file.data) return;
    const residua_info info = app.context().inspect(file.data, file.size);
    if (inputs_ == InputKind::kPictures && !job.outcome.written) job.outcome.written = file.size;
    job.outcome.checksum = info.pixel_checksum;
    job.outcome.picture = PictureKind{info.width, info.height, info.bits, info.colour, info.alpha != 0};
}

void Report::add(const Job& job) {
    if (!file_) return;
    const Outcome& outcome = job.outcome;
    std::string line = std::string(kBegin) + json_string(job.input);
    const auto text = [&](const char* name, const std::string& value, bool known) {
        line += std::string(", \"") + name + "\": " + (known ? json_string(value) : "null");
    };
    const auto number = [&](const char* name, uint64_t value, bool known) {
        line += std::string(", \"") + name + "\": " + (known ? std::to_string(value) : "null");
    };
    text("output", job.output, !job.output.empty());
    text("status", name_of(outcome.status), true);
    text("error", outcome.error, outcome.status == Status::kFailed);
    number("exit_code", outcome.code, outcome.status == Status::kDone || outcome.status == Status::kFailed);
    number("input_bytes", job.bytes, job.bytes > 0);
    number("output_bytes", outcome.written.value_or(0), outcome.written.has_value());
    const PictureKind picture = outcome.picture.value_or(PictureKind());
    number("width", picture.width, outcome.picture.has_value());
    number("height", picture.height, outcome.picture.has_value());
    text("colour", name_of_colour(picture.colour), outcome.picture.has_value());
    line += std::string(", \"alpha\": ") + (!outcome.picture ? "null" : picture.alpha ? "true" : "false");
    number("bits", picture.bits, outcome.picture.has_value());
    text("pixel_checksum", hash_text(outcome.checksum.value_or(0)), outcome.checksum.has_value());
    char seconds[40];
    std::snprintf(seconds, sizeof seconds, ", \"seconds\": %.3f}\n", outcome.seconds);
    line += seconds;
    file_->write(line.data(), line.size());
}

void Report::finish() {
    if (file_) file_->commit();
}

}  // namespace tool
