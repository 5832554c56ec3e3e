/* The public headers serve C programs, and the library what needs no model. */
#include <residua/research.h>
#include <residua/residua.h>
#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                            \
    do {                                                            \
        if (!(condition)) {                                         \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
            return 1;                                               \
        }                                                           \
    } while (0)

int main(void) {
    residua_context* context = NULL;
    residua_settings settings = RESIDUA_INIT(residua_settings);
    residua_buffer buffer = {NULL, 0, NULL};
    residua_image image = RESIDUA_INIT(residua_image);
    static residua_info info = {.struct_size = sizeof info};
    residua_encode_options options = {.struct_size = sizeof options, .effort = 1};
    residua_research_options research = RESIDUA_INIT(residua_research_options);
    options.research = &research;

    CHECK(strcmp(residua_version(), "0.1.0") == 0);
    CHECK(residua_version_number() == RESIDUA_VERSION_NUMBER && RESIDUA_VERSION_NUMBER == 1000);
    CHECK(strcmp(residua_status_name(RESIDUA_CORRUPT), "corrupt") == 0);

    settings.threads = 257;
    CHECK(residua_context_create(&settings, &context) == RESIDUA_INVALID_ARGUMENT);
    CHECK(context == NULL && residua_last_error(NULL)[0] != '\0');
    settings.threads = 2;
    settings.struct_size = 0;
    CHECK(residua_context_create(&settings, &context) == RESIDUA_INVALID_ARGUMENT);
    CHECK(strstr(residua_last_error(NULL), "struct_size") != NULL);
    settings.struct_size = sizeof settings;
    CHECK(residua_context_create(&settings, &context) == RESIDUA_OK);
    CHECK(residua_last_error(context)[0] == '\0');

    CHECK(residua_decode(context, "not a file", 10, &image) == RESIDUA_CORRUPT);
    CHECK(image.pixels == NULL && residua_last_error(context)[0] != '\0');
    CHECK(residua_decode(context, NULL, 0, &image) == RESIDUA_CORRUPT);
    CHECK(residua_inspect(context, "\x89RSD\x01", 5, &info) == RESIDUA_TRUNCATED);
    CHECK(residua_file_read(context, "/no such folder/file", &buffer) == RESIDUA_IO);
    CHECK(residua_encode(context, NULL, &options, &buffer) == RESIDUA_INVALID_ARGUMENT);
    CHECK(residua_decode(NULL, "", 0, &image) == RESIDUA_INVALID_ARGUMENT);
    residua_buffer_free(&buffer);
    residua_image_free(&image);
    residua_context_destroy(context);
    residua_context_destroy(NULL);
    return 0;
}
