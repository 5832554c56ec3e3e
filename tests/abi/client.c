/* A program of version 0.1: compiled against that release's headers, linked with today's library.
 * Arguments: the folder of the golden files, a path to write to. */
#include <residua/research.h>
#include <residua/residua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                             \
    do {                                                                                             \
        if (!(condition)) {                                                                          \
            fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, residua_last_error(context)); \
            return 1;                                                                                \
        }                                                                                            \
    } while (0)

enum { WIDTH = 33, HEIGHT = 21 };

static residua_context* context = NULL;
static int allocations = 0, frees = 0, tasks = 0, reports = 0, visits = 0;

static void* allocate(void* user, size_t bytes, size_t alignment) {
    ++*(int*)user;
    return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}
static void release(void* user, void* pointer) {
    (void)user;
    ++frees;
    free(pointer);
}
static int report(void* user, double fraction) {
    ++*(int*)user;
    return fraction < 0 || fraction > 1;
}
static void run(void* user, void (*task)(void* data, size_t index), void* data, size_t count) {
    size_t i;
    ++*(int*)user;
    for (i = 0; i < count; ++i) task(data, i);
}

static int read_rows(void* user, uint32_t y, uint32_t rows, void* pixels) {
    memcpy(pixels, (const uint8_t*)user + y * WIDTH, rows * WIDTH);
    return 0;
}
struct memory {
    uint8_t bytes[1 << 16];
    size_t size, position;
};
static int write_bytes(void* user, const void* data, size_t size) {
    struct memory* to = user;
    if (size > sizeof to->bytes - to->size) return 1;
    memcpy(to->bytes + to->size, data, size);
    to->size += size;
    return 0;
}
static int64_t read_bytes(void* user, void* data, size_t size) {
    struct memory* from = user;
    if (size > from->size - from->position) size = from->size - from->position;
    memcpy(data, from->bytes + from->position, size);
    from->position += size;
    return (int64_t)size;
}
static int begin(void* user, const residua_image* picture) {
    (void)user;
    return picture->width != WIDTH || picture->height != HEIGHT || picture->colour != RESIDUA_COLOUR_GREY ||
           picture->bits != 8 || picture->pixels != NULL || picture->metadata_count != 1;
}
static int take_rows(void* user, uint32_t y, uint32_t rows, const void* pixels) {
    return memcmp((const uint8_t*)user + y * WIDTH, pixels, rows * WIDTH) != 0;
}

static void take_line(void* user, residua_log_level level, const char* message) {
    (void)user;
    (void)level;
    (void)message;
}
static void visit(void* user, const residua_olm_sample* sample) {
    *(int*)user += sample->inputs != NULL && sample->input_count > 0 && sample->plane == 0;
}

static int visit_stage(void* user, const residua_stage_bits* stage) {
    size_t i, count = (size_t)stage->width * stage->height * stage->channels;
    for (i = 0; i < count; ++i) *(double*)user += stage->bits[i];
    return strcmp(stage->name, "picture") != 0 || stage->tile_columns == 0;
}

static residua_status read_golden(const char* folder, const char* name, residua_buffer* bytes) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return residua_file_read(context, path, bytes);
}
static int add_golden_model(const char* folder, const char* name, residua_model_info* info) {
    residua_buffer model = {0};
    CHECK(read_golden(folder, name, &model) == RESIDUA_OK);
    CHECK(residua_model_add(context, model.data, model.size, info) == RESIDUA_OK);
    residua_buffer_free(&model);
    return 0;
}

static int names(void) {
    CHECK(strlen(residua_version()) >= strlen("0.1.0"));
    CHECK(residua_version_number() >= RESIDUA_VERSION_NUMBER);
    CHECK(strcmp(residua_status_name(RESIDUA_CORRUPT), "corrupt") == 0);
    CHECK(strcmp(residua_cpu(), "none") != 0);
    CHECK(residua_channels(RESIDUA_COLOUR_RGB, 1) == 4);
    CHECK(residua_codec_can_decode("olm") == 1 && residua_codec_can_decode("none such") == 0);
    CHECK(residua_codec_can_encode("olm") == residua_can_encode() && residua_codec_can_encode(NULL) == 0);
    CHECK(residua_model_count(NULL) == 0 && residua_peak_memory(NULL) == 0);
    return 0;
}

/* None is left afterwards. */
static int limits(void) {
    residua_limits most = {.struct_size = sizeof most, .pixels = 1, .metadata = 1, .strips = 1};
    CHECK(residua_set_limits(context, &most) == RESIDUA_OK);
    most.struct_size = 3;
    CHECK(residua_set_limits(context, &most) == RESIDUA_INVALID_ARGUMENT);
    CHECK(residua_set_limits(context, NULL) == RESIDUA_OK);
    return 0;
}

static int files(const char* path) {
    residua_file* file = NULL;
    residua_buffer bytes = {0};
    CHECK(residua_file_write(context, path, "old", 3, 1) == RESIDUA_OK);
    CHECK(residua_file_create(context, path, 0, &file) == RESIDUA_IO && file == NULL);
    CHECK(strlen(residua_last_error(context)) > 0);
    CHECK(residua_file_create(context, path, 1, &file) == RESIDUA_OK);
    CHECK(residua_file_append(file, "new ", 4) == RESIDUA_OK);
    CHECK(residua_file_append(file, "bytes", 5) == RESIDUA_OK);
    CHECK(strncmp(residua_file_temporary(file), path, strlen(path)) == 0);
    CHECK(residua_file_commit(file) == RESIDUA_OK && strcmp(residua_file_error(file), "") == 0);
    residua_file_close(file);
    CHECK(residua_file_read(context, path, &bytes) == RESIDUA_OK);
    CHECK(bytes.size == 9 && memcmp(bytes.data, "new bytes", 9) == 0);
    residua_buffer_free(&bytes);
    return 0;
}

static int models(const residua_model_info* added) {
    const size_t count = residua_model_count(context);
    residua_model_info info = {.struct_size = sizeof info};
    residua_research_model_info details = {.struct_size = sizeof details};
    CHECK(count > 0);
    CHECK(residua_model_describe(context, count - 1, &info) == RESIDUA_OK);
    CHECK(info.hash == added->hash && strcmp(info.name, added->name) == 0 && info.file_size > 0);
    CHECK(residua_model_describe(context, count, &info) == RESIDUA_INVALID_ARGUMENT);
    CHECK(residua_research_model(context, added->hash, &details) == RESIDUA_OK);
    CHECK(details.default_q == 0 && details.default_bit_depth == 0);
    return 0;
}

static int previews(const char* folder) {
    residua_buffer scales = {0}, lossy = {0}, bpg = {0};
    residua_image image = {.struct_size = sizeof image};
    residua_model_info info = {.struct_size = sizeof info};
    residua_research_times times = {.struct_size = sizeof times};
    if (add_golden_model(folder, "l3c.rsm", &info)) return 1;
    CHECK(read_golden(folder, "l3c.rsd", &scales) == RESIDUA_OK);
    CHECK(residua_preview(context, scales.data, scales.size, &image) == RESIDUA_OK);
    CHECK(residua_research_last_times(context, &times) == RESIDUA_OK && times.network > 0);
    CHECK(image.pixels != NULL && image.width > 0 && image.owner != NULL);
    residua_image_free(&image);
    CHECK(read_golden(folder, "rc.rsd", &lossy) == RESIDUA_OK);
    CHECK(residua_preview_bpg(context, lossy.data, lossy.size, &bpg) == RESIDUA_OK);
    CHECK(bpg.size > 4 && memcmp(bpg.data, "BPG\373", 4) == 0);
    residua_buffer_free(&bpg);
    CHECK(residua_preview_bpg(context, scales.data, scales.size, &bpg) == RESIDUA_UNSUPPORTED);
    CHECK(bpg.data == NULL && bpg.size == 0);
    residua_buffer_free(&scales);
    residua_buffer_free(&lossy);
    return 0;
}

static int research(void) {
    static uint8_t pixels[WIDTH * HEIGHT], layer[WIDTH * HEIGHT];
    static uint16_t fine[WIDTH * HEIGHT];
    residua_image image = {.struct_size = sizeof image}, drawn = {.struct_size = sizeof drawn};
    residua_sample_options options = {.struct_size = sizeof options, .codec = "l3c", .effort = 1, .seed = 7};
    uint64_t size = 0;
    size_t i;
    for (i = 0; i < sizeof pixels; ++i) pixels[i] = (uint8_t)(i * i / 5);
    image.pixels = pixels;
    image.width = WIDTH;
    image.height = HEIGHT;
    image.colour = RESIDUA_COLOUR_GREY;
    options.model = "golden-l3c";
    CHECK(residua_sample(context, &image, &options, &drawn) == RESIDUA_OK);
    CHECK(drawn.width == WIDTH && drawn.height == HEIGHT && drawn.pixels != NULL);
    residua_image_free(&drawn);
    CHECK(residua_olm_samples(context, &image, "olm-fast", visit, &visits) == RESIDUA_OK);
    CHECK(visits == WIDTH * HEIGHT);
    if (!residua_codec_can_encode("rc")) return 0;
    CHECK(residua_lossy_layer(context, &image, 20, 8, 1, layer, &size) == RESIDUA_OK && size > 0);
    CHECK(residua_lossy_layer_fine(context, &image, 20, 8, 1, fine, NULL) == RESIDUA_OK);
    for (i = 0; i < sizeof layer; ++i) CHECK(layer[i] == (fine[i] + 32) / 64);
    return 0;
}

static int decode_released(const char* folder) {
    residua_buffer file = {0};
    residua_image image = {.struct_size = sizeof image}, into = {.struct_size = sizeof into};
    residua_info info = {.struct_size = sizeof info};
    residua_research_info parts = {.struct_size = sizeof parts};
    uint8_t* pixels;
    size_t bytes;
    double bits = 0;
    CHECK(read_golden(folder, "olm-fast.rsd", &file) == RESIDUA_OK);
    CHECK(residua_inspect(context, file.data, file.size, &info) == RESIDUA_OK);
    CHECK(strcmp(info.codec, "olm") == 0 && info.file_size == file.size && info.model_name != NULL);
    CHECK(residua_research_inspect(context, file.data, file.size, &parts) == RESIDUA_OK);
    CHECK(parts.residual_size > 0 && parts.tile_count > 0 && parts.bpsp > 0);
    CHECK(residua_explain(context, file.data, file.size, visit_stage, &bits) == RESIDUA_OK);
    CHECK(bits > 7.0 * parts.residual_size && bits < 9.0 * parts.residual_size);
    CHECK(residua_decode(context, file.data, file.size, &image) == RESIDUA_OK);
    CHECK(image.width == info.width && image.height == info.height && image.colour == info.colour);
    bytes = (size_t)image.width * image.height * residua_channels(image.colour, image.alpha);
    pixels = malloc(bytes);
    into.pixels = pixels;
    into.width = image.width;
    into.height = image.height;
    into.colour = image.colour;
    CHECK(residua_decode_into(context, file.data, file.size, &into) == RESIDUA_OK);
    CHECK(memcmp(pixels, image.pixels, bytes) == 0);
    free(pixels);
    residua_image_free(&image);
    CHECK(residua_decode_region(context, file.data, file.size, 1, 2, 3, 4, &image) == RESIDUA_OK);
    CHECK(image.width == 3 && image.height == 4);
    residua_image_free(&image);
    residua_buffer_free(&file);
    return 0;
}

static int encode_and_decode(const char* model, const char* path) {
    static uint8_t pixels[WIDTH * HEIGHT];
    static struct memory memory;
    residua_metadata metadata = {"icc", "a profile", 9}, comment = {"jpeg:COM", "words", 5};
    residua_encode_options options = {.struct_size = sizeof options, .model = model, .effort = 1};
    residua_research_options details = {.struct_size = sizeof details};
    residua_image image = {.struct_size = sizeof image}, back = {.struct_size = sizeof back},
                  map = {.struct_size = sizeof map};
    residua_row_source source = {.struct_size = sizeof source};
    residua_byte_sink sink = {sizeof sink, write_bytes, &memory};
    residua_byte_source bytes = {.struct_size = sizeof bytes, .read = read_bytes, .user = &memory};
    residua_row_sink rows = {sizeof rows, begin, take_rows, pixels};
    residua_buffer file = {0}, changed = {0};
    size_t i;
    for (i = 0; i < sizeof pixels; ++i) pixels[i] = (uint8_t)(i * i / 7);
    image.pixels = pixels;
    image.width = WIDTH;
    image.height = HEIGHT;
    image.colour = RESIDUA_COLOUR_GREY;
    image.metadata = &metadata;
    image.metadata_count = 1;
    options.research = &details;
    CHECK(residua_encode(context, &image, &options, &file) == RESIDUA_OK);
    CHECK(residua_verify(context, file.data, file.size) == RESIDUA_OK);
    CHECK(residua_salvage(context, file.data, file.size, &back, &map) == RESIDUA_OK);
    CHECK(back.width == WIDTH && map.width == WIDTH && ((const uint8_t*)map.pixels)[0] == 255);
    residua_image_free(&back);
    residua_image_free(&map);
    CHECK(residua_replace_metadata(context, file.data, file.size, &comment, 1, &changed) == RESIDUA_OK);
    CHECK(residua_decode_head(context, changed.data, changed.size, &back) == RESIDUA_OK);
    CHECK(back.metadata_count == 1 && strcmp(back.metadata[0].name, comment.name) == 0);
    residua_image_free(&back);
    residua_buffer_free(&changed);
    CHECK(residua_decode_head(context, file.data, file.size, &back) == RESIDUA_OK);
    CHECK(back.metadata_count == 1 && strcmp(back.metadata[0].name, "icc") == 0 &&
          back.metadata[0].size == 9);
    residua_image_free(&back);
    source.width = WIDTH;
    source.height = HEIGHT;
    source.colour = RESIDUA_COLOUR_GREY;
    source.metadata = &metadata;
    source.metadata_count = 1;
    source.read = read_rows;
    source.user = pixels;
    CHECK(residua_encode_rows(context, &source, &options, &sink) == RESIDUA_OK);
    CHECK(memory.size == file.size && memcmp(memory.bytes, file.data, file.size) == 0);
    CHECK(residua_decode_rows(context, &bytes, &rows) == RESIDUA_OK);
    CHECK(residua_decode_region_rows(context, &bytes, 0, 0, 0, 1, &rows) == RESIDUA_INVALID_ARGUMENT);
    residua_buffer_free(&file);
    CHECK(residua_encode_file(context, &image, &options, path, 1) == RESIDUA_OK);
    CHECK(residua_decode_file(context, path, &back) == RESIDUA_OK);
    CHECK(memcmp(back.pixels, pixels, sizeof pixels) == 0);
    residua_image_free(&back);
    image.bits = 99;
    CHECK(residua_encode(context, &image, &options, &file) == RESIDUA_INVALID_ARGUMENT);
    return 0;
}

/* Bytes that are no JPEG are kept, too. */
static int jpeg_files(void) {
    static const char text[] = "no picture, no picture, no picture, no picture, no picture, no picture";
    const residua_encode_options options = {.struct_size = sizeof options, .effort = 1};
    residua_buffer file = {0}, back = {0};
    CHECK(residua_jpeg_is_kept(text, sizeof text) == 0);
    CHECK(residua_jpeg_decode(context, text, sizeof text, &back) == RESIDUA_CORRUPT && back.data == NULL);
    if (!residua_can_encode()) {
        CHECK(residua_jpeg_encode(context, text, sizeof text, &options, &file) == RESIDUA_UNSUPPORTED);
        return 0;
    }
    CHECK(residua_jpeg_encode(context, text, sizeof text, &options, &file) == RESIDUA_OK);
    CHECK(residua_jpeg_is_kept(file.data, file.size) == 1);
    CHECK(residua_jpeg_decode(context, file.data, file.size, &back) == RESIDUA_OK);
    CHECK(back.size == sizeof text && memcmp(back.data, text, sizeof text) == 0);
    residua_buffer_free(&file);
    residua_buffer_free(&back);
    return 0;
}

int main(int count, char** arguments) {
    residua_settings settings = {.struct_size = sizeof settings, .threads = 2};
    residua_model_info info = {.struct_size = sizeof info};
    const char *folder, *path;
    if (count != 3) return 2;
    folder = arguments[1];
    path = arguments[2];
    settings.allocate = allocate;
    settings.free = release;
    settings.memory_user = &allocations;
    settings.progress = report;
    settings.log = take_line;
    settings.user = &reports;
    settings.run = run;
    settings.run_user = &tasks;
    CHECK(residua_context_create(&settings, &context) == RESIDUA_OK);
    if (names() || limits() || files(path)) return 1;
    if (add_golden_model(folder, "olm-fast.rsm", &info)) return 1;
    CHECK(strcmp(info.codec, "olm") == 0 && info.built_in == 0);
    if (models(&info) || decode_released(folder) || previews(folder) || jpeg_files()) return 1;
    if (residua_can_encode() && (encode_and_decode(info.name, path) || research())) return 1;
    CHECK(residua_peak_memory(context) > 0);
    CHECK(reports > 0 && tasks > 0 && allocations > 0);
    residua_context_destroy(context);
    context = NULL;
    CHECK(allocations == frees);
    remove(path);
    return 0;
}
