#include "app.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <thread>
#include <utility>

#include "interrupt.h"
#include "model_files.h"
#include "text.h"
#include "timing.h"

namespace tool {

size_t thread_count(const Options& options) {
    return options.threads > 0 ? static_cast<size_t>(options.threads)
                               : std::max(1u, std::thread::hardware_concurrency());
}

uint64_t memory_limit_of(const Options& options) {
    const int64_t mib = options.memory_limit_mib;
    if (mib == 0) return UINT64_MAX;
    if (mib > 0) return static_cast<uint64_t>(mib) << 20;
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);
    return pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page) / 4 * 3
                                 : UINT64_MAX;
}

ExitCode exit_code(const std::exception& failure) {
    if (const auto* own = dynamic_cast<const Failure*>(&failure)) return own->code();
    if (dynamic_cast<const std::bad_alloc*>(&failure)) return kMemory;
    if (const auto* image = dynamic_cast<const image_io::ImageError*>(&failure)) {
        switch (image->failure()) {
            case image_io::Failure::kUnsupported:
                return kUnsupported;
            case image_io::Failure::kMemory:
                return kMemory;
            case image_io::Failure::kDamaged:
                return kDamaged;
            case image_io::Failure::kInterrupted:
                return kInterrupted;
        }
    }
    if (const auto* error = dynamic_cast<const residua::error*>(&failure)) {
        switch (error->status()) {
            case RESIDUA_INVALID_ARGUMENT:
                return kUsage;
            case RESIDUA_UNSUPPORTED:
                return kUnsupported;
            case RESIDUA_CORRUPT:
            case RESIDUA_TRUNCATED:
                return kDamaged;
            case RESIDUA_MODEL_MISSING:
                return kModelMissing;
            case RESIDUA_MEMORY_LIMIT:
            case RESIDUA_OUT_OF_MEMORY:
                return kMemory;
            case RESIDUA_IO:
                return kFileError;
            case RESIDUA_CANCELLED:
                return kInterrupted;
            default:
                return kInternal;
        }
    }
    return kInternal;
}

void check_not_there(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error))
        throw Failure(kFileError, "'" + path + "' exists already; use --force to overwrite it");
}

App::App(const Options& options)
    : App(options, std::make_shared<Console>(!options.quiet), {0, memory_limit_of(options), nullptr}) {}

App::App(const Options& options, std::shared_ptr<Console> console, const Share& share)
    : options_(options), console_(std::move(console)), share_(share) {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.threads = static_cast<size_t>(options.threads);
    if (share.threads) {
        settings.threads = share.at_one_file;
        settings.run = SharedThreads::run;
        settings.run_user = share.threads;
    }
    settings.memory_limit = share.memory == UINT64_MAX ? 0 : share.memory;
    settings.log = on_log;
    settings.progress = on_progress;
    settings.user = this;
    {
        const SignalsHeld held;  // on the library's threads, so that this one's are enough
        context_ = std::make_unique<residua::context>(settings);
    }
    residua_limits limits = RESIDUA_INIT(residua_limits);
    limits.pixels = options.limit_megapixels * 1'000'000;
    limits.metadata = options.limit_metadata_mib << 20;
    limits.strips = options.limit_strips;
    context_->set_limits(limits);
    load_models();
}

// An installed one that cannot be used must not keep the others from being used, or itself from being
// removed.
void App::load_models() {
    for (const ModelFile& file : model_files(options_)) {
        std::string error = file.error;
        try {
            if (error.empty()) context_->add_model(file.bytes.data(), file.bytes.size());
        } catch (const residua::error& failure) {
            if (!file.installed) throw Failure(exit_code(failure), file.path + ": " + failure.what());
            error = failure.what();
        }
        if (!error.empty() && share_.worker == 0) say("residua: " + file.path + " is left out: " + error);
    }
}

void App::attempt(Job& job, bool keep, const std::function<void()>& action) {
    subject_ = job.name();
    outcome_ = &job.outcome;
    keep_ = keep;
    console_->begin(share_.worker, subject_, job.weight());
    const auto begun = std::chrono::steady_clock::now();
    try {
        action();
        if (job.open()) job.outcome.status = Status::kDone;
    } catch (const std::exception& failure) {
        const bool no_memory = dynamic_cast<const std::bad_alloc*>(&failure) != nullptr;
        job.fail(exit_code(failure), no_memory ? "out of memory" : failure.what());
    }
    job.outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    outcome_ = &none_;
}

int App::for_each_input(const std::function<void(const std::string&)>& action) {
    int result = kSuccess;
    console_->expect(options_.inputs.size(), options_.inputs.size());
    for (const std::string& path : options_.inputs) {
        Job job;
        job.input = path;
        attempt(job, false, [&] { action(path); });
        if (job.outcome.status == Status::kFailed) {
            say("residua: " + subject_ + ": " + job.outcome.error);
            if (result == kSuccess) result = job.outcome.code;
            if (job.outcome.code == kInterrupted) return kInterrupted;
        }
        console_->end(share_.worker);
    }
    return result;
}

PictureInput App::open_picture(PictureSource source, uint32_t page) {
    PictureInput picture(std::move(source), {memory_limit(), page, interrupted});
    std::string lost;
    for (const std::string& item : picture.description().lost) lost += (lost.empty() ? "" : ", ") + item;
    if (!lost.empty())
        loss("not kept: " + printable(lost), "without --strict, the rest of the picture is kept");
    for (const std::string& note : picture.description().notes) message(note);
    return picture;
}

image_io::Image App::read_image(const std::string& path) {
    PictureInput picture = open_picture(path);
    image_io::Image image{picture.description(), {}};
    image_io::check_memory(image.pixel_bytes(), memory_limit());
    image.pixels.resize(image.pixel_bytes());
    picture.read(image.height, image.pixels.data());
    return image;
}

std::string App::stem_output_path(const std::string& input, const std::string& extension) const {
    if (options_.output == "-" || (options_.output.empty() && input == "-"))
        throw Failure(kUsage, "several pictures are written: give the beginning of their names with -o");
    std::string path = options_.output + extension;
    if (options_.output.empty()) {
        std::filesystem::path beside = input;
        beside.replace_extension(extension);
        if (!options_.directory.empty())
            beside = std::filesystem::path(options_.directory) / beside.filename();
        path = beside.string();
    }
    check_place(path);
    for (const std::string& other : options_.inputs) {
        std::error_code error;
        if (other == path || std::filesystem::equivalent(other, path, error))
            throw Failure(kUsage, "the output '" + path + "' would overwrite an input; give -o");
    }
    if (!options_.directory.empty()) make_folder(options_.directory);
    return path;
}

void App::check_place(const std::string& path) const {
    if (!options_.force) check_not_there(path);
}

void App::write(const std::string& path, const void* data, size_t size) {
    FileOutput output(*context_, path, options_.force);
    output.write(data, size);
    output.commit();
}

void App::note_times() {
    if (!options_.timing.empty()) outcome_->timing = timing_line(*context_);
}

void App::say(const std::string& line) const {
    const std::string shown = printable(line) + "\n";
    if (keep_)
        outcome_->messages += shown;
    else
        console_->print(shown);
}

void App::message(const std::string& text) const {
    if (!options_.quiet) say((subject_.empty() ? "residua" : subject_) + ": " + text);
}

void App::detail(const std::string& text) const {
    if (options_.verbose) message(text);
}

void App::warning(const std::string& text) const { message("note: " + text); }

void App::loss(const std::string& text, const std::string& remedy) const {
    if (options_.strict) throw Failure(kUnsupported, text + "; " + remedy);
    say(subject_ + ": note: " + text);
}

int App::on_progress(void* user, double fraction) {
    const auto& app = *static_cast<const App*>(user);
    app.console_->progress(app.share_.worker, fraction);
    return interrupted();
}

void App::on_log(void* user, residua_log_level level, const char* text) {
    const auto& app = *static_cast<const App*>(user);
    if (level == RESIDUA_LOG_WARNING)
        app.warning(text);
    else
        app.detail(text);
}

}  // namespace tool
