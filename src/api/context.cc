#include <new>
#include <string>
#include <string_view>

#include "api/api.h"
#include "base/cpu.h"
#include "stages/methods.h"
#ifdef RESIDUA_ENCODER
#include "stages/enc_method.h"
#endif

#define RESIDUA_STRING(x) #x
#define RESIDUA_VERSION_TEXT(major, minor, patch) \
    RESIDUA_STRING(major) "." RESIDUA_STRING(minor) "." RESIDUA_STRING(patch)

namespace residua {

namespace {

constexpr size_t kMaxThreads = 256;

// Null where there is none of that name.
const codec::Method* find_method(const char* name) {
    for (const codec::Method* method : codec::methods())
        if (name && std::string_view(name) == method->name()) return method;
    return nullptr;
}

#define RESIDUA_SAME(status, code) \
    static_assert(static_cast<int>(status) == static_cast<int>(ErrorCode::code))
RESIDUA_SAME(RESIDUA_OK, kOk);
RESIDUA_SAME(RESIDUA_INVALID_ARGUMENT, kInvalidArgument);
RESIDUA_SAME(RESIDUA_UNSUPPORTED, kUnsupported);
RESIDUA_SAME(RESIDUA_CORRUPT, kCorrupt);
RESIDUA_SAME(RESIDUA_TRUNCATED, kTruncated);
RESIDUA_SAME(RESIDUA_MODEL_MISSING, kModelMissing);
RESIDUA_SAME(RESIDUA_MEMORY_LIMIT, kMemoryLimit);
RESIDUA_SAME(RESIDUA_OUT_OF_MEMORY, kOutOfMemory);
RESIDUA_SAME(RESIDUA_IO, kIo);
RESIDUA_SAME(RESIDUA_CANCELLED, kCancelled);
RESIDUA_SAME(RESIDUA_INTERNAL, kInternal);
#undef RESIDUA_SAME

static_assert(static_cast<int>(RESIDUA_LOG_DEBUG) == static_cast<int>(LogLevel::kDebug));

thread_local api::Message create_error;

residua_settings checked(const residua_settings& settings) {
    api::require(settings.threads <= kMaxThreads, "threads must be 0 to 256");
    api::require(!settings.allocate == !settings.free, "set both memory callbacks or neither");
    return settings;
}

}  // namespace

namespace api {

residua_status status_of_exception(Message& error) noexcept {
    try {
        throw;
    } catch (const Error& failure) {
        error.set(failure.what());
        return static_cast<residua_status>(failure.code());
    } catch (const std::bad_alloc&) {
        error.set("out of memory");
        return RESIDUA_OUT_OF_MEMORY;
    } catch (const std::exception& failure) {
        error.set("internal error: ", failure.what());
        return RESIDUA_INTERNAL;
    } catch (...) {
        error.set("internal error: something was thrown that is no std::exception");
        return RESIDUA_INTERNAL;
    }
}

std::function<bool(double)> progress_of(const residua_context& context) {
    const residua_settings& settings = context.settings;
    if (!settings.progress) return nullptr;
    return [&settings](double fraction) { return settings.progress(settings.user, fraction) == 0; };
}

void require(bool condition, const char* message) {
    if (!condition) throw Error(ErrorCode::kInvalidArgument, message);
}

std::span<const uint8_t> bytes_of(const void* data, size_t size) {
    require(data || size == 0, "no bytes were given");
    return {static_cast<const uint8_t*>(data), size};
}

}  // namespace api
}  // namespace residua

residua_context::residua_context(const residua_settings& given)
    : settings(residua::checked(given)),
      memory(std::make_shared<residua::Allocator>(given.memory_limit, given.allocate, given.free,
                                                  given.memory_user)),
      threads(static_cast<int>(given.threads), {given.run, given.run_user}),
      models(residua::codec::model_methods()),
      log([this](residua::LogLevel level, const std::string& message) {
          if (settings.log)
              settings.log(settings.user, static_cast<residua_log_level>(level), message.c_str());
      }) {
    residua::active_isa();  // so that a wrong RESIDUA_CPU is reported by residua_context_create
    if (threads.missing() > 0)
        log(residua::LogLevel::kWarning, "the system gives no more threads: going on with " +
                                             std::to_string(threads.size()) + " instead of " +
                                             std::to_string(threads.size() + threads.missing()));
}

extern "C" {

const char* residua_version(void) {
    return RESIDUA_VERSION_TEXT(RESIDUA_VERSION_MAJOR, RESIDUA_VERSION_MINOR, RESIDUA_VERSION_PATCH);
}

uint32_t residua_version_number(void) { return RESIDUA_VERSION_NUMBER; }

const char* residua_status_name(residua_status status) {
    switch (status) {
        case RESIDUA_OK:
            return "ok";
        case RESIDUA_INVALID_ARGUMENT:
            return "invalid argument";
        case RESIDUA_UNSUPPORTED:
            return "unsupported";
        case RESIDUA_CORRUPT:
            return "corrupt";
        case RESIDUA_TRUNCATED:
            return "truncated";
        case RESIDUA_MODEL_MISSING:
            return "model missing";
        case RESIDUA_MEMORY_LIMIT:
            return "memory limit";
        case RESIDUA_OUT_OF_MEMORY:
            return "out of memory";
        case RESIDUA_IO:
            return "input/output";
        case RESIDUA_CANCELLED:
            return "cancelled";
        case RESIDUA_INTERNAL:
            return "internal";
    }
    return "unknown";
}

int residua_can_encode(void) {
#ifdef RESIDUA_ENCODER
    return 1;
#else
    return 0;
#endif
}

int residua_codec_can_encode(const char* codec) {
#ifdef RESIDUA_ENCODER
    const residua::codec::Method* method = residua::find_method(codec);
    return method && method->encoder()->available();
#else
    (void)codec;
    return 0;
#endif
}

int residua_codec_can_decode(const char* codec) {
    const residua::codec::Method* method = residua::find_method(codec);
    return method && method->can_decode();
}

const char* residua_cpu(void) {
    try {
        return residua::isa_name(residua::active_isa());
    } catch (...) {
        return "none";
    }
}

residua_status residua_context_create(const residua_settings* settings, residua_context** context) {
    using residua::create_error;
    if (context) *context = nullptr;
    return residua::api::guarded(create_error, [&] {
        residua::api::require(context, "no place for the context was given");
        *context = new residua_context(residua::api::read(settings));
    });
}

void residua_context_destroy(residua_context* context) { delete context; }

residua_status residua_set_limits(residua_context* context, const residua_limits* limits) {
    using namespace residua;
    return api::call(context, [&] {
        const residua_limits given = api::read(limits);
        context->limits = {given.pixels, given.metadata, given.strips};
    });
}

const char* residua_last_error(const residua_context* context) {
    return context ? context->error.c_str() : residua::create_error.c_str();
}

uint64_t residua_peak_memory(const residua_context* context) {
    return context ? context->allocator.peak() : 0;
}

}  // extern "C"
