#include "app.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>

#include "interrupt.h"

namespace tool {

namespace {

uint64_t memory_limit_bytes(int64_t mib) {
    if (mib == 0) return UINT64_MAX;
    if (mib > 0) return static_cast<uint64_t>(mib) << 20;
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);
    return pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page) / 4 * 3
                                 : UINT64_MAX;
}

std::vector<uint8_t> read_pipe(uint64_t limit) {
    std::vector<uint8_t> bytes;
    uint8_t part[1 << 16];
    for (size_t count; (count = std::fread(part, 1, sizeof part, stdin)) > 0;) {
        if (bytes.size() + count > limit) throw Failure(kMemory, "the input is larger than the memory limit");
        bytes.insert(bytes.end(), part, part + count);
    }
    if (std::ferror(stdin)) throw Failure(kFileError, "cannot read standard input");
    return bytes;
}

}  // namespace

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

Input::Input(residua::context& context, const std::string& path, uint64_t limit) {
    if (path == "-")
        pipe_ = read_pipe(limit);
    else
        file_ = context.read_file(path);
}

App::App(const Options& options)
    : options_(options),
      memory_limit_(memory_limit_bytes(options.memory_limit_mib)),
      show_progress_(!options.quiet && isatty(STDERR_FILENO)) {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.threads = options.threads;
    settings.memory_limit = memory_limit_ == UINT64_MAX ? 0 : memory_limit_;
    settings.log = on_log;
    settings.progress = on_progress;
    settings.user = this;
    {
        const SignalsHeld held;  // on the library's threads, so that this one's are enough
        context_ = std::make_unique<residua::context>(settings);
    }
    catch_interrupts();
    load_models();
}

void App::load_models() {
    std::vector<std::string> files = options_.model_files;
    // RESIDUA_MODELS: folders, separated by ':', whose .rsm files are added.
    const char* variable = std::getenv("RESIDUA_MODELS");
    std::string folders = variable ? variable : "";
    for (size_t begin = 0; begin < folders.size();) {
        const size_t end = std::min(folders.find(':', begin), folders.size());
        const std::string folder = folders.substr(begin, end - begin);
        begin = end + 1;
        std::error_code error;
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder, error))
            if (entry.path().extension() == ".rsm") found.push_back(entry.path().string());
        if (error) throw Failure(kFileError, "cannot read the folder '" + folder + "' (from RESIDUA_MODELS)");
        std::sort(found.begin(), found.end());
        files.insert(files.end(), found.begin(), found.end());
    }
    for (const std::string& path : files) {
        const residua::buffer bytes = context_->read_file(path);
        try {
            context_->add_model(bytes.data(), bytes.size());
        } catch (const residua::error& error) {
            throw Failure(exit_code(error), path + ": " + error.what());
        }
    }
    load_installed_models();
}

// One that cannot be used must not keep the others from being used, or itself from being removed.
void App::load_installed_models() {
    std::vector<std::string> found;
    std::error_code error;
    if (!std::getenv("XDG_DATA_HOME") && !std::getenv("HOME")) return;
    for (const auto& entry : std::filesystem::directory_iterator(installed_models_folder(), error))
        if (entry.path().extension() == ".rsm") found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    for (const std::string& path : found) {
        try {
            const residua::buffer bytes = context_->read_file(path);
            context_->add_model(bytes.data(), bytes.size());
        } catch (const residua::error& failure) {
            std::fprintf(stderr, "residua: %s is left out: %s\n", path.c_str(), failure.what());
        }
    }
}

int App::for_each_input(const std::function<void(const std::string&)>& action) {
    int result = kSuccess;
    for (const std::string& path : options_.inputs) {
        set_subject(path == "-" ? "standard input" : path);
        try {
            action(path);
        } catch (const std::exception& failure) {
            clear_progress();
            const ExitCode code = exit_code(failure);
            const char* text =
                dynamic_cast<const std::bad_alloc*>(&failure) ? "out of memory" : failure.what();
            std::fprintf(stderr, "residua: %s: %s\n", subject_.c_str(), text);
            if (result == kSuccess) result = code;
            if (code == kInterrupted) return code;
        }
        clear_progress();
    }
    return result;
}

PictureInput App::open_picture(const std::string& path) {
    PictureInput picture(path, {memory_limit_, options_.page, interrupted});
    std::string lost;
    for (const std::string& item : picture.description().lost) lost += (lost.empty() ? "" : ", ") + item;
    if (!lost.empty()) warning("not kept: " + lost);
    for (const std::string& note : picture.description().notes) message(note);
    return picture;
}

image_io::Image App::read_image(const std::string& path) {
    PictureInput picture = open_picture(path);
    image_io::Image image{picture.description(), {}};
    image_io::check_memory(image.pixel_bytes(), memory_limit_);
    image.pixels.resize(image.pixel_bytes());
    picture.read(image.height, image.pixels.data());
    return image;
}

std::string App::output_path(const std::string& input, const std::string& extension, OutputName name) const {
    std::string path = options_.output;
    if (name == OutputName::kStem) {
        if (path == "-" || (path.empty() && input == "-"))
            throw Failure(kUsage, "several pictures are written: give the beginning of their names with -o");
        if (!path.empty()) path += extension;
    }
    if (path.empty() && input == "-") path = input;
    if (path.empty()) {
        std::filesystem::path beside = input;
        beside.replace_extension(extension);
        if (!options_.directory.empty())
            beside = std::filesystem::path(options_.directory) / beside.filename();
        path = beside.string();
        if (path == input) throw Failure(kUsage, "the output would be the input; give -o");
    }
    if (path == "-") {
        if (isatty(STDOUT_FILENO))
            throw Failure(kUsage, "will not write a binary file to the terminal; give -o");
        return path;
    }
    check_place(path);
    std::error_code error;
    if (!options_.directory.empty()) std::filesystem::create_directories(options_.directory, error);
    return path;
}

void App::check_place(const std::string& path) const {
    std::error_code error;
    if (!options_.force && std::filesystem::is_regular_file(path, error))
        throw Failure(kFileError, "'" + path + "' exists already; use --force to overwrite it");
}

void App::write(const std::string& path, const void* data, size_t size) {
    FileOutput output(*context_, path, options_.force);
    output.write(data, size);
    output.commit();
}

void App::message(const std::string& text) const {
    if (options_.quiet) return;
    clear_progress();
    std::fprintf(stderr, "%s: %s\n", subject_.c_str(), text.c_str());
}

void App::detail(const std::string& text) const {
    if (options_.verbose) message(text);
}

void App::warning(const std::string& text) const { message("note: " + text); }

void App::clear_progress() const {
    if (shown_percent_ >= 0) std::fprintf(stderr, "\r\033[K");
    shown_percent_ = -1;
}

int App::on_progress(void* user, double fraction) {
    const auto& app = *static_cast<const App*>(user);
    const int percent = static_cast<int>(fraction * 100);
    if (app.show_progress_ && percent != app.shown_percent_) {
        constexpr int kBar = 30;
        const int filled = percent * kBar / 100;
        std::fprintf(
            stderr, "\r\033[K[%s%s] %3d %% %s", std::string(static_cast<size_t>(filled), '#').c_str(),
            std::string(static_cast<size_t>(kBar - filled), '.').c_str(), percent, app.subject_.c_str());
        std::fflush(stderr);
        app.shown_percent_ = percent;
    }
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
