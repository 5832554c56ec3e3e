// Whole files, and files that are written piece by piece.
#include "api/pictures.h"
#include "base/file_io.h"

struct residua_file {
    residua_file(const char* path, bool overwrite) : writer(path, overwrite) {}

    residua::FileWriter writer;
    residua::api::Message error;
};

extern "C" {

residua_status residua_file_read(residua_context* context, const char* path, residua_buffer* buffer) {
    using namespace residua;
    api::empty(buffer);
    return api::call(context, [&] {
        api::require(path && buffer, "no path or no place for the bytes was given");
        api::hand_over(context, read_file(path, context->allocator), buffer);
    });
}

residua_status residua_file_write(residua_context* context, const char* path, const void* data, size_t size,
                                  int overwrite) {
    using namespace residua;
    return api::call(context, [&] {
        api::require(path, "no path was given");
        write_file(path, api::bytes_of(data, size), overwrite != 0);
    });
}

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

const char* residua_file_temporary(const residua_file* file) {
    return file ? file->writer.temporary().c_str() : "";
}

void residua_file_close(residua_file* file) { delete file; }

}  // extern "C"
