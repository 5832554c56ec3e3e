// Files that are written piece by piece.
#include "api/api.h"
#include "base/file_io.h"

struct residua_file {
    residua_file(const char* path, bool overwrite) : writer(path, overwrite) {}

    residua::FileWriter writer;
    std::string error;
};

extern "C" {

residua_status residua_file_create(residua_context* context, const char* path, int overwrite,
                                   residua_file** file) {
    using namespace residua;
    if (file) *file = nullptr;
    return api::call(context, [&] {
        api::require(path && file, "no path or no place for the file was given");
        *file = new residua_file(path, overwrite != 0);
    });
}

residua_status residua_file_append(residua_file* file, const void* data, size_t size) {
    using namespace residua;
    if (!file) return RESIDUA_INVALID_ARGUMENT;
    return api::guarded(file->error, [&] { file->writer.append(api::bytes_of(data, size)); });
}

residua_status residua_file_commit(residua_file* file) {
    if (!file) return RESIDUA_INVALID_ARGUMENT;
    return residua::api::guarded(file->error, [&] { file->writer.commit(); });
}

const char* residua_file_error(const residua_file* file) { return file ? file->error.c_str() : ""; }

void residua_file_close(residua_file* file) { delete file; }

}  // extern "C"
