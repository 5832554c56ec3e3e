#include "plan.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "app.h"
#include "places.h"

namespace tool {

namespace {

namespace fs = std::filesystem;
using FileId = std::pair<dev_t, ino_t>;

std::optional<struct stat> status_of(const std::string& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return status;
}

std::optional<FileId> file_at(const std::string& path) {
    struct stat status;
    if ((path == "-" ? ::fstat(STDOUT_FILENO, &status) : ::stat(path.c_str(), &status)) != 0 ||
        !S_ISREG(status.st_mode))
        return std::nullopt;
    return FileId(status.st_dev, status.st_ino);
}

std::string quoted(const std::string& path) { return path == "-" ? "standard output" : "'" + path + "'"; }
std::string input_name(const Job& job) { return job.input == "-" ? "standard input" : "'" + job.input + "'"; }

// What a run writes, by whom, and what it reads. Finds what must not be.
class Writing {
  public:
    // What is read, by its name in messages.
    void reads(const std::string& path, const std::string& name, bool is_file, const FileId& id) {
        if (is_file) read_ids_.try_emplace(id, name);
        if (path != "-") read_keys_.try_emplace(places_.key(path), name);
    }
    void writes(const std::string& path, const std::string& by) { written_.push_back({path, by}); }

    // Throws Failure where the output is an input.
    void check_inputs(const std::string& path, const std::string& by) {
        const auto id = file_at(path);
        const auto same = id ? read_ids_.find(*id) : read_ids_.end();
        if (same != read_ids_.end()) refuse_input(path, by, same->second);
        if (path == "-") return;
        const auto there = read_keys_.find(places_.key(path));
        if (there != read_keys_.end()) refuse_input(path, by, there->second);
    }
    // Throws Failure where two outputs have one place.
    void check_outputs() {
        check_keys([&](const std::string& path) { return path == "-" ? path : places_.key(path); });
        // Trying the folders only where it matters.
        std::set<std::string> small;
        for (const auto& [path, by] : written_)
            if (path != "-" && !small.insert(small_letters(places_.key(path))).second)
                return check_keys([&](const std::string& other) {
                    return other == "-" ? other : places_.folded(places_.key(other));
                });
    }
    // Throws Failure where two outputs are one file already.
    void check_files() const {
        std::map<FileId, const std::pair<std::string, std::string>*> files;
        for (const auto& entry : written_) {
            const auto id = file_at(entry.first);
            if (!id || entry.first == "-") continue;
            const auto [found, is_new] = files.try_emplace(*id, &entry);
            if (!is_new)
                throw Failure(kUsage, "'" + found->second->first + "' and '" + entry.first +
                                          "' are one file, and both " + found->second->second + " and " +
                                          entry.second + " would be written to it; nothing was written");
        }
    }

  private:
    [[noreturn]] static void refuse_input(const std::string& path, const std::string& by,
                                          const std::string& input) {
        throw Failure(kUsage, "the output " + quoted(path) + " of " + by + " would overwrite the input " +
                                  input + "; give another name by -o, or a folder by -d");
    }
    template <typename Key>
    void check_keys(Key key) {
        std::map<std::string, const std::pair<std::string, std::string>*> keys;
        for (const auto& entry : written_) {
            const auto [found, is_new] = keys.try_emplace(key(entry.first), &entry);
            if (is_new) continue;
            throw Failure(kUsage, found->second->second + " and " + entry.second +
                                      " would both be written to " + quoted(entry.first) +
                                      "; nothing was written. Rename one, or use different folders (-d)");
        }
    }

    Places places_;
    std::map<FileId, std::string> read_ids_;
    std::map<std::string, std::string> read_keys_;
    std::vector<std::pair<std::string, std::string>> written_;  // path, by what
};

void check_folders(const Options& options) {
    if (const auto status = status_of(options.output);
        options.output != "-" && (options.output.ends_with('/') || (status && S_ISDIR(status->st_mode))))
        throw Failure(kUsage, "'" + options.output + "' is a folder; use -d to write into it");
    if (const auto status = status_of(options.directory);
        !options.directory.empty() && status && !S_ISDIR(status->st_mode))
        throw Failure(kUsage, "'" + options.directory + "' is no folder");
}

// What the options name beside inputs and outputs. `writes`: takes each that will be written.
template <typename Writes>
void for_own_files(const Options& options, Writes writes) {
    if (!options.report.empty()) writes(options.report, "--report");
    if (!options.timing.empty()) writes(options.timing, "--timing");
    if (!options.map.empty()) writes(options.map, "--map");
    if (!options.heat_map.empty()) writes(options.heat_map, "--heatmap");
}

Writing writing_of(const Options& options, const std::vector<Job>& jobs) {
    Writing writing;
    for (const Job& job : jobs) writing.reads(job.input, input_name(job), job.id != FileId(), job.id);
    const auto also = [&](const std::string& path) {
        if (const auto id = file_at(path); id && path != "-")
            writing.reads(path, "'" + path + "'", true, *id);
    };
    for (const std::string& model : options.model_files) also(model);
    if (!options.against.empty()) also(options.against);
    for_own_files(options, [&](const std::string& path, const char* option) {
        writing.check_inputs(path, option);
        writing.writes(path, option);
    });
    return writing;
}

// One whose output is there already.
void settle(const Options& options, Job& job, const struct stat& output) {
    job.there = true;
    if (options.force || options.replace) return;
    if (!options.skip_existing)
        return job.fail(kFileError, "'" + job.output +
                                        "' exists already; use --force to overwrite it, or "
                                        "--skip-existing to leave out what is done");
    const bool coded = fs::path(job.output).extension() != ".rsd" || is_coded_file(job.output);
    if (!coded)
        return job.fail(kFileError, "'" + job.output +
                                        "' exists already and is no Residua file; use --force "
                                        "to overwrite it");
    job.outcome.status = Status::kSkipped;
    const auto input = status_of(job.input);
    if (job.regular && input &&
        std::pair(input->st_mtim.tv_sec, input->st_mtim.tv_nsec) >
            std::pair(output.st_mtim.tv_sec, output.st_mtim.tv_nsec))
        job.outcome.note = "left out, though it is newer than '" + job.output + "'; --force makes that again";
}

}  // namespace

std::string output_of(const Options& options, const Job& job, const std::string& extension) {
    if (!options.output.empty()) return options.output;
    if (job.input == "-" || !job.regular) {
        if (options.directory.empty()) return "-";
        throw Failure(kUsage, input_name(job) + " has no name for a file in '" + options.directory +
                                  "'; give one by -o");
    }
    fs::path path = job.input;
    if (!options.directory.empty())
        path = fs::path(options.directory) /
               (job.place.empty() ? fs::path(job.input).filename() : fs::path(job.place));
    return path.replace_extension(extension).string();
}

Plan make_plan(const Options& options, const Work& work) {
    Inputs inputs = find_inputs(options.inputs, work.inputs, options.recursive, options.replace);
    Plan plan{std::move(inputs.jobs), inputs.left_out.size(), std::move(inputs.left_out)};
    Writing writing = writing_of(options, plan.jobs);
    if (!work.extension.empty()) check_folders(options);
    for (Job& job : plan.jobs) {
        if (!job.open() || work.extension.empty()) continue;
        // Of "encode * --skip-existing", begun again.
        if (options.skip_existing && work.inputs == InputKind::kPictures && job.regular &&
            is_coded_file(job.input)) {
            job.outcome.status = Status::kSkipped;
            continue;
        }
        const bool jpeg = work.jpegs && job.regular && keeps_jpeg(job.input);
        job.output = output_of(options, job, jpeg ? ".jpg" : work.extension);
        const std::string by = input_name(job);
        if (job.output == "-") {
            if (isatty(STDOUT_FILENO))
                throw Failure(kUsage, "will not write a binary file to the terminal; give -o");
        } else if (const auto output = status_of(job.output); output && S_ISDIR(output->st_mode)) {
            job.fail(kFileError, "'" + job.output + "' is a folder");
        } else if (output && S_ISREG(output->st_mode)) {
            settle(options, job, *output);
        }
        // Where nothing is written, only an output that is its own input is a mistake.
        if (job.outcome.status != Status::kSkipped || file_at(job.output) == job.id)
            writing.check_inputs(job.output, by);
        writing.writes(job.output, by);
    }
    writing.check_outputs();
    Writing overwriting;
    for (const Job& job : plan.jobs)
        if (job.open() && !job.output.empty()) overwriting.writes(job.output, input_name(job));
    overwriting.check_files();
    return plan;
}

void check_places(const Options& options, const std::string& suffix) {
    const Inputs inputs = find_inputs(options.inputs, InputKind::kPictures, false, false);
    Writing writing = writing_of(options, inputs.jobs);
    for (const Job& job : inputs.jobs) {
        if (!job.open() || suffix.empty()) continue;
        const std::string output = output_of(options, job, suffix);
        writing.check_inputs(output, input_name(job));
        writing.writes(output, input_name(job));
    }
    writing.check_outputs();
}

}  // namespace tool
