// The program residua.
#include <clocale>
#include <cstdio>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "app.h"
#include "command_line.h"
#include "command_options.h"
#include "text.h"

namespace {

// A tile's buffers go back to the system when they are freed. By itself glibc keeps more and more of them in its heaps,
// whose gaps then count as the program's memory: a third of it for a picture of 12 megapixels.
void return_large_buffers() {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

// What was printed may still wait to be written, or be lost: a full disk is no success. Of two failures the
// first one counts.
int written(int code) {
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
    if (code != tool::kSuccess) return code;
    std::fprintf(stderr, "residua: cannot write to standard output\n");
    return tool::kFileError;
}

}  // namespace

int main(int argc, char** argv) {
    return_large_buffers();
    std::setlocale(LC_ALL, "C");
    tool::make_files_private();
    tool::catch_interrupts();
    tool::Options options;
    tool::Command chosen = nullptr;
    CLI::App app;
    tool::add_commands(app, options, chosen);
    try {
        tool::check_names(argc, argv);
        app.parse(argc, argv);
        tool::check_together(options);
        return written(chosen(options));
    } catch (const CLI::ParseError& error) {
        return written(app.exit(error) == 0 ? tool::kSuccess : tool::kUsage);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "residua: %s\n", tool::printable(failure.what()).c_str());
        return tool::exit_code(failure);
    }
}
