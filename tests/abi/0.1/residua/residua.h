/*
 * Residua: learned lossless image compression. Pictures and files; research.h has what only those need who
 * study or train the codecs, residua.hpp is a thin C++ face. A first program:
 *
 *     residua_context *context;
 *     residua_context_create(NULL, &context);
 *     residua_image image = {.struct_size = sizeof image, .pixels = rgb,
 *                            .width = w, .height = h, .colour = RESIDUA_COLOUR_RGB};
 *     residua_buffer file = {0};
 *     if (residua_encode(context, &image, NULL, &file) != RESIDUA_OK)
 *         fprintf(stderr, "%s\n", residua_last_error(context));
 *     ...
 *     residua_buffer_free(&file);
 *     residua_context_destroy(context);
 *
 * Rules that hold everywhere:
 *
 *  - Structures that may grow begin with struct_size. Set it to the structure's size and all that you do not
 *    use to zero, which means "the default": `{.struct_size = sizeof x, ...}` or RESIDUA_INIT. A library that
 *    is newer than your header gives the fields that you do not have their defaults, and does not write them.
 *    An older one takes your structure as long as what it does not know is zero, and otherwise returns
 *    RESIDUA_UNSUPPORTED. A struct_size that no header ever had, and a reserved field that is not zero, are
 *    RESIDUA_INVALID_ARGUMENT. docs/abi.md has the whole promise.
 *
 *  - A function that returns a residua_status either succeeds (RESIDUA_OK) and fills its outputs, or fails
 *    and sets its outputs to empty (zero bytes): there is then nothing to free. Any of them may return
 *    RESIDUA_INVALID_ARGUMENT (a rule stated here is broken; a pointer is NULL where that is not allowed),
 *    RESIDUA_OUT_OF_MEMORY or RESIDUA_INTERNAL; what else it may return stands beside it. Later versions may
 *    return further numbers: treat them as failures.
 *
 *  - What a call returns in a residua_buffer or residua_image belongs to the caller, who frees it once, on
 *    any thread, at any time: also while the context is at work, and after it was destroyed.
 *
 *  - A context serves one call at a time. Different contexts may be used by different threads at once.
 *
 *  - Strings are UTF-8 and end with a zero byte.
 *
 *  - No function writes to standard output or error, changes the locale, ends the process or throws. The
 *    functions that you give to the library must not throw either, nor leave it by longjmp, nor use the
 *    context that calls them.
 */
#ifndef RESIDUA_RESIDUA_H
#define RESIDUA_RESIDUA_H

#include <stddef.h>
#include <stdint.h>

#if defined(RESIDUA_STATIC) || !(defined(__GNUC__) || defined(__clang__))
#define RESIDUA_API
#else
#define RESIDUA_API __attribute__((visibility("default")))
#endif

/* A structure that is empty but for its struct_size: residua_image image = RESIDUA_INIT(residua_image);
 * For static objects in C, write {.struct_size = sizeof(residua_image)} instead. */
#ifdef __cplusplus
extern "C++" {
template <typename T>
inline T residua_init() {
    T empty = T();
    empty.struct_size = sizeof(T);
    return empty;
}
}
#define RESIDUA_INIT(type) residua_init<type>()
#else
#define RESIDUA_INIT(type) ((type){.struct_size = sizeof(type)})
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header. */
#define RESIDUA_VERSION_MAJOR 0
#define RESIDUA_VERSION_MINOR 1
#define RESIDUA_VERSION_PATCH 0
#define RESIDUA_VERSION_NUMBER \
    (RESIDUA_VERSION_MAJOR * 1000000 + RESIDUA_VERSION_MINOR * 1000 + RESIDUA_VERSION_PATCH)

/* The largest width and the largest height that this version codes, in pixels. */
#define RESIDUA_MAX_SIDE 2147483647

/* ---- Status -------------------------------------------------------------------------------------------- */

typedef enum residua_status {
    RESIDUA_OK = 0,
    RESIDUA_INVALID_ARGUMENT = 1, /* the caller broke a rule stated here */
    RESIDUA_UNSUPPORTED = 2,      /* well-formed, but not something this version or build can code */
    RESIDUA_CORRUPT = 3,          /* the bytes are not a valid file, or a checksum differs */
    RESIDUA_TRUNCATED = 4,        /* the bytes end too early */
    RESIDUA_MODEL_MISSING = 5,    /* the file names a model that this context does not have */
    RESIDUA_MEMORY_LIMIT = 6,     /* residua_settings.memory_limit or one of residua_limits would be exceeded,
                                     or one array would be larger than this machine can address */
    RESIDUA_OUT_OF_MEMORY = 7,    /* the machine, or the caller's allocate function, has no more memory */
    RESIDUA_IO = 8,               /* reading or writing a file failed, or a caller's function for it */
    RESIDUA_CANCELLED = 9,        /* the progress callback asked to stop */
    RESIDUA_INTERNAL = 10         /* a defect of Residua itself; nothing wrong was written */
} residua_status;

/* The functions of this section never fail and may be called at any time, on any thread. */

/* The library's version, "MAJOR.MINOR.PATCH". Never NULL; static. */
RESIDUA_API const char* residua_version(void);

/* The library's version, in the form of RESIDUA_VERSION_NUMBER. */
RESIDUA_API uint32_t residua_version_number(void);

/* The name of a status, such as "corrupt". Never NULL; static; "unknown" for other numbers. */
RESIDUA_API const char* residua_status_name(residua_status status);

/* 1 when this build can encode, 0 for a decoder-only build,
 * whose encoding functions return RESIDUA_UNSUPPORTED. */
RESIDUA_API int residua_can_encode(void);

/* 1 when this build can encode pictures or files by that codec ("olm", "scc", "l3c", "jpeg", "rc"), or decode its
 * files; otherwise 0, also for NULL and for names of no codec. A build without libx265, which is GPL, cannot
 * encode "rc"; one without libde265 cannot decode it, either. Asked to all the same, it returns
 * RESIDUA_UNSUPPORTED. */
RESIDUA_API int residua_codec_can_encode(const char* codec);
RESIDUA_API int residua_codec_can_decode(const char* codec);

/* The kernels in use: "scalar", on x86-64 "avx2", "avxvnni" or "avx512vnni", on 64-bit Arm "neon" or
 * "neondot", in WebAssembly "simd128"; "none" when RESIDUA_CPU asks for what is not there.
 * The environment variable RESIDUA_CPU, holding one of these words, overrides the automatic choice (never
 * the result: all give the same files and pixels). Never NULL; static. */
RESIDUA_API const char* residua_cpu(void);

/* ---- Context ------------------------------------------------------------------------------------------- */

typedef struct residua_context residua_context;

typedef enum residua_log_level {
    RESIDUA_LOG_WARNING = 0,
    RESIDUA_LOG_INFO = 1,
    RESIDUA_LOG_DEBUG = 2
} residua_log_level;

typedef struct residua_settings {
    size_t struct_size;

    /* Into how many parts work is divided: threads, the calling one included. 0: one per hardware thread. At
     * most 256. Where the system gives fewer threads, the context goes on with those (and logs a warning).
     * Results never depend on it. */
    size_t threads;

    /* Upper bound, in bytes, of the memory that this context holds at any time: its own buffers exactly, the
     * HEVC library's by a safe estimate, and what the caller has not yet freed. Models (some MB) are not
     * counted. 0: no limit. A call that needs more returns RESIDUA_MEMORY_LIMIT before it allocates. */
    uint64_t memory_limit;

    /* Memory callbacks, both or neither. allocate returns memory aligned to `alignment` (a power of two, at
     * most 64) or NULL; free gets what allocate returned. They may be called on any thread, from several at
     * once, until the context is destroyed and the last buffer and picture from it is freed, whichever comes
     * last. All memory whose size depends on a picture comes from here, except the HEVC library's own. */
    void* (*allocate)(void* memory_user, size_t bytes, size_t alignment);
    void (*free)(void* memory_user, void* pointer);
    void* memory_user; /* passed to both */

    /* Called with one line of text, without a line end, on the thread that called the library. NULL: no log.
     * residua_context_create calls it, too. */
    void (*log)(void* user, residua_log_level level, const char* message);

    /* Called from time to time on the thread that called the library, with the share of the work done, 0…1,
     * which never falls within one call. A return value other than 0 cancels: the call ends soon with
     * RESIDUA_CANCELLED. NULL: no reports. */
    int (*progress)(void* user, double fraction);
    void* user; /* passed to log and progress */

    /* The caller's own threads: calls task(data, index) once for each index in [0, count), on any threads, at
     * the same time or one after the other, and returns when all have returned. `count` is `threads` at
     * most; a call of the library calls run many times, each some microseconds to seconds long. NULL: the
     * context starts threads of its own. Either way the HEVC libraries of codec "rc" (libx265 and libde265)
     * start theirs, `threads` of them, for the length of a call. Results never depend on it. */
    void (*run)(void* run_user, void (*task)(void* data, size_t index), void* data, size_t count);
    void* run_user; /* passed to run */
} residua_settings;

/*
 * Makes a context. `settings` may be NULL (defaults) and is copied.
 *
 * Returns RESIDUA_OK; RESIDUA_INVALID_ARGUMENT (also: a number out of range, one memory callback without the
 * other); RESIDUA_UNSUPPORTED (RESIDUA_CPU asks for what this processor lacks). On failure *context is NULL
 * and residua_last_error(NULL) tells why.
 */
RESIDUA_API residua_status residua_context_create(const residua_settings* settings,
                                                  residua_context** context);

/* How large a file may be that is decoded. 0: no limit, which is the default of all. */
typedef struct residua_limits {
    size_t struct_size;
    uint64_t pixels;   /* width times height */
    uint64_t metadata; /* bytes, of all entries together; not of those within a kept JPEG */
    uint64_t strips;
} residua_limits;

/*
 * From now on a file that is larger than that is refused by every call that decodes it, or gives its
 * metadata, with RESIDUA_MEMORY_LIMIT and before any work: its head says it all. Its pixels also bound the
 * time: decoding takes at most so long a pixel, whatever the bytes are. For memory there is
 * residua_settings.memory_limit. What a file has, residua_inspect tells, which has no limits.
 *
 * NULL: none. Returns RESIDUA_OK; RESIDUA_INVALID_ARGUMENT; RESIDUA_UNSUPPORTED.
 */
RESIDUA_API residua_status residua_set_limits(residua_context* context, const residua_limits* limits);

/* Ends a context. NULL is allowed. No call on it may be
 * under way. Buffers and pictures from it stay valid. */
RESIDUA_API void residua_context_destroy(residua_context* context);

/* One sentence for a person about the last failed call on this context, at most 1023 bytes; "" when the last
 * call succeeded. With NULL: about the last failed residua_context_create on this thread. Valid until the
 * next call. Never NULL. Frees do not change it. */
RESIDUA_API const char* residua_last_error(const residua_context* context);

/* The most memory, in bytes, that the context has held at once, counted as for memory_limit. May be asked
 * while a call is under way. 0 for NULL. */
RESIDUA_API uint64_t residua_peak_memory(const residua_context* context);

/* ---- Bytes and pictures -------------------------------------------------------------------------------- */

/* Bytes from the library. */
typedef struct residua_buffer {
    uint8_t* data; /* may be written to; NULL when empty */
    size_t size;   /* bytes */
    void* owner;   /* the library's; leave it alone */
} residua_buffer;

/* Frees what a call returned and sets it to empty, on any
 * thread (see above). NULL and empty buffers are allowed. */
RESIDUA_API void residua_buffer_free(residua_buffer* buffer);

/* Something that comes with a picture, kept byte for byte and not interpreted. "icc": an ICC profile; "exif":
 * an Exif block, from its TIFF header on ("II*\0" or "MM\0*"); "xmp": an XMP packet (UTF-8 XML). What other
 * names mean is the caller's affair; the command line tool's are "FORMAT:KEY", such as "png:tEXt" or
 * "tiff:305" (docs/metadata.md). A name is 1 to 255 characters '!' … '~'; it may come several times, and the
 * order is kept. This structure never grows. */
typedef struct residua_metadata {
    const char* name;
    const void* data; /* may be NULL where size is 0 */
    size_t size;      /* bytes */
} residua_metadata;

typedef enum residua_colour {
    RESIDUA_COLOUR_GREY = 1, /* one colour channel */
    RESIDUA_COLOUR_RGB = 2,  /* three: R, G, B */
    RESIDUA_COLOUR_CMYK = 3  /* four: C, M, Y, K, as the file had them, inverted or not */
} residua_colour;

/* How many channels a pixel has: those of the colour, one more with alpha. 0 for an unknown colour. */
RESIDUA_API uint32_t residua_channels(uint32_t colour, uint32_t alpha);

/*
 * A picture: rows from top to bottom, channels interleaved. A sample of at most 8 bits is a uint8_t, one of
 * more is a uint16_t in the machine's byte order; its value lies below 2^bits.
 *
 * The codecs "olm" and "scc" code all that is described here, up to RESIDUA_MAX_SIDE, in rows of at most 2^30 − 1
 * samples. The papers' codecs, "rc" and "l3c", code 8 bits, grey and RGB, without alpha, up to sides of 65535;
 * for all else they return RESIDUA_UNSUPPORTED.
 */
typedef struct residua_image {
    size_t struct_size;
    void* pixels;      /* encoding only reads them; above 8 bits aligned to 2 */
    uint32_t width;    /* pixels, at least 1 */
    uint32_t height;   /* pixels, at least 1 */
    uint32_t bits;     /* of a sample, 1…16; 0 means 8. The library never returns 0. */
    uint32_t colour;   /* residua_colour; there is no default */
    uint32_t alpha;    /* 0: none; 1: a channel of opacity, the last of each pixel, not multiplied into the
                          others */
    uint32_t reserved; /* 0 */
    size_t stride;     /* bytes from a row to the next, at least those of a row; 0 means exactly that */
    const residua_metadata* metadata; /* metadata_count entries; NULL when there are none */
    size_t metadata_count;
    void* owner; /* the library's: NULL in a picture that the caller makes; otherwise leave it alone */
} residua_image;

/* Frees a picture that a call of this library returned, its metadata too,
 * on any thread (see above), and sets it to empty. NULL, empty pictures and
 * those that the caller made are allowed; of the last nothing is freed. */
RESIDUA_API void residua_image_free(residua_image* image);

/* Reads a whole file into *buffer. Returns RESIDUA_OK, RESIDUA_IO or RESIDUA_MEMORY_LIMIT. */
RESIDUA_API residua_status residua_file_read(residua_context* context, const char* path,
                                             residua_buffer* buffer);

/* Writes a whole file: first a temporary one in the same folder, which is renamed
 * when it is complete and on disk, so that `path` never holds half a file. An
 * existing file is replaced only when overwrite is not 0; its mode stays, and its
 * owner where that is allowed. A symbolic link stays, too: what it leads to is
 * written. Returns RESIDUA_OK, or RESIDUA_IO (also when the file exists and
 * overwrite is 0; nothing has then changed). */
RESIDUA_API residua_status residua_file_write(residua_context* context, const char* path, const void* data,
                                              size_t size, int overwrite);

/*
 * A file that is written piece by piece, in the same way: residua_file_create makes
 * the temporary one, residua_file_append adds bytes to it, residua_file_commit gives
 * it its name, and residua_file_close ends it, which throws it away unless it was
 * committed. A path that is no regular file (a device, a pipe) is written directly.
 *
 * A file depends on no context once it is created: it may be used in
 * the callbacks of a call on the same one, by one thread at a time.
 */
typedef struct residua_file residua_file;

/* Returns RESIDUA_OK or RESIDUA_IO (also when the file
 * exists and overwrite is 0); on failure *file is NULL. */
RESIDUA_API residua_status residua_file_create(residua_context* context, const char* path, int overwrite,
                                               residua_file** file);
/* Both return RESIDUA_OK or RESIDUA_IO; after a failure the file can only be closed. */
RESIDUA_API residua_status residua_file_append(residua_file* file, const void* data, size_t size);
RESIDUA_API residua_status residua_file_commit(residua_file* file);
/* As residua_last_error, for the last call with this file. */
RESIDUA_API const char* residua_file_error(const residua_file* file);
/* The name of the temporary file, for who must remove it where the process ends without residua_file_close,
 * such as a handler of signals. "" for a path that is written directly, for one that was committed, and for
 * NULL. Never NULL; valid until residua_file_commit or residua_file_close. */
RESIDUA_API const char* residua_file_temporary(const residua_file* file);
/* NULL is allowed. */
RESIDUA_API void residua_file_close(residua_file* file);

/* ---- Models -------------------------------------------------------------------------------------------- */

typedef struct residua_model_info {
    size_t struct_size;
    uint64_t hash;           /* identity: XXH3-64 of the model file */
    const char* name;        /* such as "olm" */
    const char* codec;       /* the method it serves: "rc", "l3c", "olm" or "scc" */
    const char* description; /* all of the file's "key=value" lines */
    size_t file_size;        /* bytes of the model file */
    int32_t built_in;        /* 1: part of the library; 0: added with residua_model_add */
    uint32_t reserved;       /* 0 */
} residua_model_info;

/* How many models the context has. They are numbered from 0: those of the library by their names, then those
 * that were added. residua_encode_options says which one is taken where none is named. 0 for NULL. */
RESIDUA_API size_t residua_model_count(const residua_context* context);

/* Describes model `index`. Its strings live as long as the context. Returns RESIDUA_OK or
 * RESIDUA_INVALID_ARGUMENT (also: no such index). */
RESIDUA_API residua_status residua_model_describe(residua_context* context, size_t index,
                                                  residua_model_info* info);

/* Adds a model file (".rsm") from memory; the bytes are copied. `info` may be NULL. A model that is already
 * there is not added twice. Returns RESIDUA_OK, RESIDUA_CORRUPT or RESIDUA_TRUNCATED (not a valid model), or
 * RESIDUA_UNSUPPORTED (made for a later version). */
RESIDUA_API residua_status residua_model_add(residua_context* context, const void* data, size_t size,
                                             residua_model_info* info);

/* ---- Encoding ------------------------------------------------------------------------------------------ */

typedef enum residua_proof {
    RESIDUA_PROOF_DEFAULT = 0, /* RESIDUA_PROOF_FULL; with OLM at efforts 1 to 6 RESIDUA_PROOF_FAST */
    /* The written bytes are parsed, RC's lossy layer decoded and compared, and every entropy-coded symbol
     * read back from them, against the distributions that the encoder had computed. With OLM the decoder's
     * search must find each symbol at both ends of its interval, and the planes are made a picture again as
     * the written bytes say and compared: all that a decoder does but to run the experts and heads a second
     * time, on the same samples in the same order. */
    RESIDUA_PROOF_FAST = 1,
    /* The written bytes are decoded from nothing else, as any decoder would, and the pixels compared. */
    RESIDUA_PROOF_FULL = 2
} residua_proof;

struct residua_research_options; /* in research.h */

typedef struct residua_encode_options {
    size_t struct_size;

    /* Which model: its name, its hash as 16 hexadecimal digits, or a unique beginning of the hash of at least
     * four digits. It is taken at every effort. NULL: OLM's is chosen by `effort`; RC's is "rc-coarse",
     * without adaptation "rc-small"; of other codecs, and where there is no model of that name, the first one
     * for `codec` that the context has. */
    const char* model;

    /* The method: "olm" (experts that learn the picture while it is coded: photographs), "scc" (colours that their
     * neighbours suggest: screens, drawings, text), "rc" (a BPG lossy layer and its residual) or "l3c" (learned
     * scales, coarse to fine). NULL: that of `model`; when no model is named, "rc" where `research` asks for
     * something that it alone has, otherwise "olm" or "scc", as suits the picture: a look at it decides, or
     * coding a part of it both ways; and what both would make larger than its samples is stored as they are. A
     * model of another method is RESIDUA_INVALID_ARGUMENT. */
    const char* codec;

    /* 1 (fastest) … 9 (smallest file); 0: 5.
     * OLM, where no model is named: which model, and decoding takes as long as encoding: 1 and 2 "olm-light",
     * 3 "olm-fast", 4 to 6 "olm-mid" (of more than 8 bits "olm" or "olm-deep"), 7 and 8 "olm", 9 "olm-best".
     * SCC: 1 to 3 fast, 4 to 6 the default, 7 to 9 dense; decoding takes as long as encoding.
     * RC: how long the HEVC library looks for a good lossy layer, from 7 on with several Q; decoding takes
     * the same time for all. L3C has nothing to choose and is the same for all. */
    int32_t effort;

    int32_t proof; /* residua_proof */

    /* Rows of a strip. A picture that is higher becomes a file of strips, each a file by itself, so that its
     * encoder and its decoder need the memory of one strip (residua_encode_rows). A multiple of 16; with a
     * number that is not below the picture's height it is not cut. 0: OLM cuts pictures of more than 12 ·
     * 2^20 pixels into strips of at most 8 · 2^20 (but of 16 rows at least); the other codecs cut none, since
     * their networks see the whole picture. */
    uint32_t strip_height;

    uint32_t reserved; /* 0 */

    /* What RC and L3C can be told beyond this; NULL: nothing. Read during the call. */
    const struct residua_research_options* research;
} residua_encode_options;

/*
 * Compresses a picture. `options` may be NULL. An RGB picture whose channels are all equal is stored as grey,
 * and still decoded as RGB. Success means that the proof was made: *file decodes to exactly these pixels.
 *
 * Returns RESIDUA_OK; RESIDUA_INVALID_ARGUMENT; RESIDUA_UNSUPPORTED (a kind of picture or of metadata that
 * this version does not code, or a codec that this build cannot encode: residua_codec_can_encode);
 * RESIDUA_MODEL_MISSING; RESIDUA_MEMORY_LIMIT; RESIDUA_OUT_OF_MEMORY; RESIDUA_CANCELLED; RESIDUA_INTERNAL (the
 * proof failed). *file is the caller's, who frees it with residua_buffer_free.
 */
RESIDUA_API residua_status residua_encode(residua_context* context, const residua_image* image,
                                          const residua_encode_options* options, residua_buffer* file);

/* A picture that comes by rows. The fields are those of
 * residua_image; the metadata must stay until the call ends. */
typedef struct residua_row_source {
    size_t struct_size;
    uint32_t width, height, bits, colour, alpha;
    uint32_t reserved; /* 0 */
    const residua_metadata* metadata;
    size_t metadata_count;

    /* Fills `pixels` with the rows y, …, y + rows − 1, without gaps: rows · width · channels samples. Every
     * row is asked for once, from top to bottom, on the thread that called the library. Returns 0; any other
     * value ends the call with RESIDUA_IO. */
    int (*read)(void* user, uint32_t y, uint32_t rows, void* pixels);
    void* user;
} residua_row_source;

/* What takes a file's bytes, in order. */
typedef struct residua_byte_sink {
    size_t struct_size;
    /* On the thread that called the library. Returns 0; any other value ends the call with RESIDUA_IO. */
    int (*write)(void* user, const void* data, size_t size);
    void* user;
} residua_byte_sink;

/*
 * Compresses a picture that need not be in memory as a whole: the
 * same bytes as residua_encode. Of a picture that is cut into strips
 * (residua_encode_options.strip_height) one strip is held at a time, otherwise all of it.
 *
 * `sink` gets a strip's bytes after the proof that they decode to that strip. When the call fails, what it
 * got until then is no file and must be thrown away.
 *
 * Returns as residua_encode, or RESIDUA_IO.
 */
RESIDUA_API residua_status residua_encode_rows(residua_context* context, const residua_row_source* source,
                                               const residua_encode_options* options,
                                               const residua_byte_sink* sink);

/* residua_encode, then residua_file_write; returns as these two. */
RESIDUA_API residua_status residua_encode_file(residua_context* context, const residua_image* image,
                                               const residua_encode_options* options, const char* path,
                                               int overwrite);

/* ---- Decoding ------------------------------------------------------------------------------------------ */

/*
 * Decodes a file and checks every checksum, that of the pixels included. *image is the caller's, who frees it
 * with residua_image_free; its rows have no gaps. What *image held before is overwritten, not freed.
 *
 * Returns RESIDUA_OK; RESIDUA_CORRUPT; RESIDUA_TRUNCATED; RESIDUA_UNSUPPORTED (made by
 * a later version, or a codec that this build cannot decode); RESIDUA_MODEL_MISSING (the message names the
 * hash); RESIDUA_MEMORY_LIMIT; RESIDUA_OUT_OF_MEMORY; RESIDUA_CANCELLED.
 */
RESIDUA_API residua_status residua_decode(residua_context* context, const void* data, size_t size,
                                          residua_image* image);

/*
 * The same into the caller's memory. *image describes it: pixels, width, height, bits, colour and alpha as
 * the file has them (residua_inspect or residua_decode_head tells), and the stride; its metadata are not
 * used. It is only read. Bytes between the rows stay as they are.
 *
 * Returns as residua_decode; RESIDUA_INVALID_ARGUMENT where the memory does
 * not fit the file, before anything is written. After any other failure the
 * pixels are unspecified: of a file of strips the upper ones may be there.
 */
RESIDUA_API residua_status residua_decode_into(residua_context* context, const void* data, size_t size,
                                               const residua_image* image);

/*
 * A part of the picture: its columns x, …, x + width − 1 of the rows y, …, y + height − 1, without metadata.
 * Of a file of strips only those that the rows lie in are decoded, and what stands below them is not
 * looked at; of any other file all is decoded. What is decoded is checked as residua_decode does it.
 *
 * Frees and returns as residua_decode; RESIDUA_INVALID_ARGUMENT where the region
 * has no pixels or does not lie in the picture.
 */
RESIDUA_API residua_status residua_decode_region(residua_context* context, const void* data, size_t size,
                                                 uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                                                 residua_image* image);

/* The picture without its pixels (NULL): size, bits, colour, alpha, metadata. Needs no model. Frees and
 * returns as residua_decode. */
RESIDUA_API residua_status residua_decode_head(residua_context* context, const void* data, size_t size,
                                               residua_image* image);

/* residua_file_read, then residua_decode; returns as these two. */
RESIDUA_API residua_status residua_decode_file(residua_context* context, const char* path,
                                               residua_image* image);

/* A file that comes in order. */
typedef struct residua_byte_source {
    size_t struct_size;
    /* Fills `data` with at most `size` bytes (1 or more) and returns how many; 0 at the end of the file. A
     * negative value ends the call with RESIDUA_IO. On the thread that called the library. */
    int64_t (*read)(void* user, void* data, size_t size);
    void* user;
    uint64_t size; /* bytes of the file, where that is known, and otherwise 0: saves memory and copies. At
                      most PTRDIFF_MAX. */
} residua_byte_source;

/* What takes a picture's rows. Both functions are called on the thread that called the library and return 0;
 * any other value ends the call with RESIDUA_IO. */
typedef struct residua_row_sink {
    size_t struct_size;
    /* Once, before the first rows: all of the picture but its pixels (NULL). Valid during the call. May be
     * NULL. Of a library that is older than your header, only the first struct_size bytes are there. */
    int (*begin)(void* user, const residua_image* picture);
    /* The rows y, …, y + rows − 1 without gaps, each row once, from top to bottom. */
    int (*rows)(void* user, uint32_t y, uint32_t rows, const void* pixels);
    void* user;
} residua_row_sink;

/*
 * Decodes a file by rows, and checks all that residua_decode checks. Of a file of strips one strip is held at
 * a time, any other one is decoded as a whole. `sink` may be NULL: then the file is checked and no more.
 *
 * `sink` gets a strip's rows after their checksum was found right. When the call fails, what it got until
 * then is the upper part of a picture whose rest is missing.
 *
 * Returns as residua_decode, or RESIDUA_IO.
 */
RESIDUA_API residua_status residua_decode_rows(residua_context* context, const residua_byte_source* source,
                                               const residua_row_sink* sink);

/*
 * Decodes a part of the picture by rows, as residua_decode_region has it, and holds no more of it at a time
 * than of one strip. Of a file of strips, those above the part are read and not decoded, those below it not
 * read. `begin` gets the whole picture's size and metadata; `rows` counts from the part's first row, and its
 * rows have the part's columns.
 *
 * Returns as residua_decode_rows; RESIDUA_INVALID_ARGUMENT where the region has
 * no pixels or does not lie in the picture, before anything is decoded.
 */
RESIDUA_API residua_status residua_decode_region_rows(residua_context* context,
                                                      const residua_byte_source* source, uint32_t x,
                                                      uint32_t y, uint32_t width, uint32_t height,
                                                      const residua_row_sink* sink);

/*
 * What is left of the picture in a damaged file, as large as it was. *map has one grey sample for each pixel:
 * 255 where it is as it was encoded, because the checksum of its strip's pixels is right, or that of its
 * tile's bytes; 128 where it is that of the file's preview (RC, L3C), which may be near; 0 where nothing is
 * known, and the pixel is a copy of the nearest that is, or grey. Strips are found wherever they are in the
 * bytes. Metadata come back where the head is whole; where the head of a file of strips is lost, so may be
 * rows at the picture's end.
 *
 * A file that is not damaged is decoded, and its map is all 255. Memory is that of the whole picture.
 *
 * Frees and returns as residua_decode, of both pictures; RESIDUA_CORRUPT where nothing is left to say how
 * large the picture was; RESIDUA_UNSUPPORTED of a kept JPEG file (residua_jpeg_encode).
 */
RESIDUA_API residua_status residua_salvage(residua_context* context, const void* data, size_t size,
                                           residua_image* image, residua_image* map);

/* Decodes a file, checks everything that residua_decode
 * checks, and gives no pixels back. Returns as residua_decode. */
RESIDUA_API residua_status residua_verify(residua_context* context, const void* data, size_t size);

/*
 * A preview of the picture, without its last and largest stage. Colour and (but for JPEG) size as the
 * picture's, metadata included. Frees and returns as residua_decode.
 *
 * RC: the lossy reconstruction x_l; neither the network nor the model is needed. L3C: the mean of the
 * picture's distribution, given z^(S) … z^(1); this needs the model.
 * OLM: RESIDUA_UNSUPPORTED, its files have one layer only. JPEG: an eighth of the width and height (rounded
 * up), from the DC coefficients alone. A file of strips: the previews of all, as one.
 */
RESIDUA_API residua_status residua_preview(residua_context* context, const void* data, size_t size,
                                           residua_image* image);

/* ---- JPEG files, byte for byte ------------------------------------------------------------------------- */

/*
 * Compresses the bytes of a JPEG file, a fifth to a quarter smaller, so that residua_jpeg_decode gives the same
 * bytes again: markers, metadata, thumbnails, what lies behind the picture, damage. Other bytes are kept, too,
 * with little gain or none; no file is larger than `size` + 64 bytes. Of `options`, which may be NULL, all but
 * the effort must be zero: 1 to 3 are light, 4 to 7 (0: 5) usual, 8 and 9 dense; decoding takes as long as
 * encoding. Success means that the proof was made: the file has been restored and compared.
 *
 * The other functions take such a file as any: they give the pixels, as libjpeg-turbo gives them by its defaults,
 * with the ICC profile, Exif and XMP that stand before its first scan. Where the JPEG is of a kind whose pixels are not given (12 bits, say), or bytes are no JPEG,
 * they return RESIDUA_UNSUPPORTED, and residua_info has no width.
 *
 * Returns RESIDUA_OK; RESIDUA_INVALID_ARGUMENT; RESIDUA_UNSUPPORTED (a decoder-only build);
 * RESIDUA_MEMORY_LIMIT; RESIDUA_CANCELLED; RESIDUA_INTERNAL (the proof failed). *file is the caller's, who frees
 * it with residua_buffer_free.
 */
RESIDUA_API residua_status residua_jpeg_encode(residua_context* context, const void* jpeg, size_t size,
                                               const residua_encode_options* options, residua_buffer* file);

/* The JPEG file again, compared with its checksum. Returns RESIDUA_OK; RESIDUA_CORRUPT; RESIDUA_TRUNCATED;
 * RESIDUA_UNSUPPORTED (the file holds a picture and no JPEG file, or was made by a later version);
 * RESIDUA_MEMORY_LIMIT; RESIDUA_CANCELLED. *jpeg is the caller's, who frees it with residua_buffer_free. */
RESIDUA_API residua_status residua_jpeg_decode(residua_context* context, const void* data, size_t size,
                                               residua_buffer* jpeg);

/* 1 where a file that begins with these bytes (64 are enough) keeps a JPEG file, as far as they say; otherwise 0.
 * Never fails. */
RESIDUA_API int residua_jpeg_is_kept(const void* data, size_t size);

/* ---- What a file says about itself --------------------------------------------------------------------- */

typedef struct residua_info {
    size_t struct_size;
    const char* codec;      /* "rc", "l3c", "olm", "scc" or "jpeg"; static */
    const char* model_name; /* of the context's model with that hash, NULL when it has none; lives as long as
                               the context */
    uint32_t format_version;
    uint32_t width, height, bits, colour, alpha; /* as residua_image, of the picture that will be decoded; all
                                                    0 where none will be (residua_jpeg_encode) */
    uint32_t strip_count;  /* how many strips the picture was cut into; 1 when it was not */
    uint32_t strip_height; /* rows of each but the last, which may have fewer */
    uint64_t model_hash;
    uint64_t file_size;      /* bytes */
    uint64_t metadata_size;  /* bytes of all metadata; residua_decode_head gives them */
    uint64_t pixel_checksum; /* XXH3-64 of the pixels as they are coded: one channel of an RGB picture that
                                is stored as grey. Of a file of strips: XXH3-64 of the strips' own ones, 8
                                bytes each, little-endian. */
} residua_info;

/* Reads and checks a file's structure: header, index and metadata, no pixels, no
 * model needed. Of a file of strips, codec and model are those of the first one.
 * Returns RESIDUA_OK, RESIDUA_CORRUPT, RESIDUA_TRUNCATED or RESIDUA_UNSUPPORTED. */
RESIDUA_API residua_status residua_inspect(residua_context* context, const void* data, size_t size,
                                           residua_info* info);

/*
 * The same file with other metadata: the `count` entries of `metadata` take the place of all that it has. What
 * the pixels are made of is copied as it is. The file's structure is checked as residua_inspect does it.
 *
 * Returns RESIDUA_OK; RESIDUA_CORRUPT; RESIDUA_TRUNCATED; RESIDUA_UNSUPPORTED (made by a later version, a
 * decoder-only build, or a file that keeps a JPEG, whose metadata are part of its bytes);
 * RESIDUA_MEMORY_LIMIT. *file is the caller's, who frees it with residua_buffer_free.
 */
RESIDUA_API residua_status residua_replace_metadata(residua_context* context, const void* data, size_t size,
                                                    const residua_metadata* metadata, size_t count,
                                                    residua_buffer* file);

#ifdef __cplusplus
}
#endif

#endif /* RESIDUA_RESIDUA_H */
