// A context of the library as Python's: one call at a time, without the interpreter's lock, with progress and signals.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include "arrays.h"

namespace residua_python {

// What encode() can be told; the fields are those of residua_encode_options.
struct EncodeArguments {
    std::optional<std::string> model, codec;
    int effort = 0;
    int proof = 0;
    uint32_t strip_height = 0;

    residua_encode_options options() const;  // refers to this
};

using Described = nb::typed<nb::dict, nb::str, nb::any>;
using DescribedList = nb::typed<nb::list, Described>;

class Context {
  public:
    Context(size_t threads, uint64_t memory_limit);
    ~Context();
    Context(const Context&) = delete;

    nb::bytes encode(const InputPicture& picture, const EncodeArguments& arguments, nb::object progress);
    void encode_file(const InputPicture& picture, const EncodeArguments& arguments, const std::string& path,
                     bool overwrite, nb::object progress);
    OutputArray decode(nb::handle data, nb::object progress);
    OutputArray decode_region(nb::handle data, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                              nb::object progress);
    OutputArray preview(nb::handle data, nb::object progress);
    void verify(nb::handle data, nb::object progress);
    nb::bytes encode_jpeg(nb::handle jpeg, int effort, nb::object progress);
    nb::bytes decode_jpeg(nb::handle data, nb::object progress);
    Described inspect(nb::handle data);
    OutputEntries metadata(nb::handle data);
    nb::bytes replace_metadata(nb::handle data, const Entries& metadata);
    DescribedList models();
    Described add_model(nb::handle data);

  private:
    class Use;  // the right to call the library
    // call(raw context) without the interpreter's lock, by one thread at a time. Throws what the progress
    // function or a signal's handler raised, or a Failure.
    template <typename Call>
    void run(const nb::object& progress, Call call);

    static int report(void* user, double fraction);
    void ask_python(double fraction);

    residua_context* raw_ = nullptr;
    const pid_t process_;
    std::mutex busy_;
    std::atomic<std::thread::id> caller_{};

    // Of the call under way.
    nb::handle progress_;
    std::exception_ptr raised_;
    std::chrono::steady_clock::time_point asked_;
};

}  // namespace residua_python
