// What the commands share: settings from the command line, the library's context, files and pipes, messages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <residua/residua.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "console.h"
#include "image_io/image.h"
#include "job.h"
#include "plan.h"
#include "shared_threads.h"
#include "streams.h"

namespace tool {

class Failure : public std::runtime_error {
  public:
    Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    ExitCode code() const { return code_; }

  private:
    ExitCode code_;
};

// Of a picture, in pixels.
struct Region {
    uint32_t width = 0, height = 0, x = 0, y = 0;
};

// Of all commands.
struct Options {
    std::vector<std::string> inputs;
    std::string output;                        // -o
    std::string directory;                     // -d
    std::string format;                        // --to; empty: as the output's name says, or PNG
    std::string tiff_compression = "deflate";  // decode: that or none
    std::string against;
    std::string map;               // salvage; empty: none
    bool jpeg_pixels = false;      // encode: of a JPEG file, its pixels instead of its bytes
    uint32_t page = 0;             // of the pictures that are read; 0: the only one
    bool strip_metadata = false;   // encode, decode
    std::optional<Region> region;  // decode; none: the whole picture
    int scale = 0;                 // decode: sides are divided by 2^scale
    bool strict = false;           // encode, decode: what would be lost is an error
    bool force = false;
    bool recursive = false;      // encode, decode, verify
    bool skip_existing = false;  // encode, decode
    bool replace = false;        // encode
    std::string report;          // encode, decode, verify; empty: none
    bool quiet = false;
    bool verbose = false;
    int threads = 0;
    int64_t memory_limit_mib = -1;  // −1: three quarters of the machine's memory; 0: none
    std::vector<std::string> model_files;
    // Of .rsd files that are decoded; 0: no limit.
    uint64_t limit_megapixels = 4096, limit_metadata_mib = 256, limit_strips = 65536;
    std::string sandbox = "auto";  // decode, info, preview, verify: on, off or auto
    // encode, sample
    std::string codec;  // empty: that of the model, or the library's default
    std::string model;
    int q = 0;  // as the library takes it
    int bit_depth = 0;
    int effort = 5;
    bool fast_proof = false;        // encode
    bool full_proof = false;        // encode
    std::string tau;                // encode; empty: the library's default
    std::string adaptation;         // the same
    uint32_t strip_height = 0;      // encode; as the library takes it
    uint64_t seed = 0;              // sample
    uint32_t thumbnail_size = 256;  // thumbnail: pixels of the longer side
    std::string uri;                // thumbnail: of the file; empty: not written
    std::string timing;             // encode, decode; empty: nobody wants to know
    // explain
    std::string heat_map;        // empty: none
    std::string heat_map_stage;  // empty: all
    double heat_map_end = 0;     // bits per pixel; 0: what suits the picture
    bool json = false;           // info, too
    // metadata
    std::string name;                // of one entry
    std::string value_file;          // what it gets
    uint32_t index = 0;              // which of several, from 1; 0: there is one
    std::vector<std::string> names;  // patterns
    bool all = false;
    bool except = false;
};

// What one of several workers may use of what the run has.
struct Share {
    size_t worker;           // its number, from 0
    uint64_t memory;         // bytes; UINT64_MAX: no limit
    SharedThreads* threads;  // null: threads of its own, as many as the options say
    size_t at_one_file = 0;  // of the shared threads, at most
};

class App {
  public:
    explicit App(const Options& options);  // uses all that the run has
    App(const Options& options, std::shared_ptr<Console> console, const Share& share);
    App(const App&) = delete;

    const Options& options() const { return options_; }
    residua::context& context() { return *context_; }
    size_t worker() const { return share_.worker; }
    uint64_t memory_limit() const { return share_.memory; }  // bytes; UINT64_MAX: none

    // Calls action(path) for every input, names the input in messages, and goes on after a failure. Returns
    // the first failure's exit code. For commands that have no outputs or name them themselves; run_batch()
    // (batch.h) is for the others.
    int for_each_input(const std::function<void(const std::string& path)>& action);
    // The job's action, with its messages and its outcome. Messages wait in the outcome where `keep` is set.
    void attempt(Job& job, bool keep, const std::function<void()>& action);

    Input read(const std::string& path) { return Input(*context_, path, memory_limit()); }
    // Says what of the file cannot be kept.
    PictureInput open_picture(const std::string& path) {
        return open_picture(PictureSource(path, memory_limit()));
    }
    PictureInput open_picture(PictureSource source) { return open_picture(std::move(source), options_.page); }
    PictureInput open_picture(PictureSource source, uint32_t page);
    image_io::Image read_image(const std::string& path);  // as a whole

    // -o followed by the extension, or the input's name with it, beside the input or in -d. Throws Failure
    // when it exists and must not be overwritten, and for a pipe.
    std::string stem_output_path(const std::string& input, const std::string& extension) const;
    // Throws Failure when something is there that must not be overwritten.
    void check_place(const std::string& path) const;
    void write(const std::string& path, const void* data, size_t size);

    // To standard error; a message only without -q, a detail only with -v.
    void message(const std::string& text) const;
    void detail(const std::string& text) const;
    void warning(const std::string& text) const;
    // What is lost: with -q, too, and a Failure with --strict, which `remedy` goes with.
    void loss(const std::string& text, const std::string& remedy) const;

    // For --timing: where the library's last call spent its time.
    void note_times();
    // What the current input's outcome is to tell, beside what attempt() knows.
    Outcome& outcome() { return *outcome_; }

  private:
    static int on_progress(void* user, double fraction);
    static void on_log(void* user, residua_log_level level, const char* text);
    void say(const std::string& line) const;
    void load_models();

    const Options& options_;
    const std::shared_ptr<Console> console_;
    const Share share_;
    std::unique_ptr<residua::context> context_;
    std::string subject_;  // the current input's name
    Outcome none_;
    Outcome* outcome_ = &none_;
    bool keep_ = false;
};

// Throws Failure where a file has that name.
void check_not_there(const std::string& path);

// Threads and memory of the whole run.
size_t thread_count(const Options& options);
uint64_t memory_limit_of(const Options& options);

// What a caught exception means for the exit code.
ExitCode exit_code(const std::exception& failure);

int encode(const Options& options);
int decode(const Options& options);
int info(const Options& options);
int explain(const Options& options);
int verify(const Options& options);
int preview(const Options& options);
int salvage(const Options& options);
int thumbnail(const Options& options);
int sample(const Options& options);
int models(const Options& options);
int models_add(const Options& options);
int models_remove(const Options& options);
int metadata_list(const Options& options);
int metadata_get(const Options& options);
int metadata_set(const Options& options);
int metadata_strip(const Options& options);

// Where `residua models add` puts models, and every command finds them. Throws Failure when the environment
// names no place.
std::string installed_models_folder();
// 16 hexadecimal digits.
std::string hash_text(uint64_t hash);

}  // namespace tool
