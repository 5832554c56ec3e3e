// Inside of the C API: the context, and how exceptions become status codes.
#pragma once

#include <residua/residua.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "api/message.h"
#include "api/structures.h"
#include "base/memory.h"
#include "base/session.h"
#include "base/thread_pool.h"
#include "codec/limits.h"
#include "models/registry.h"

struct residua_context {
    explicit residua_context(const residua_settings& given);

    const residua_settings settings;
    // Shared with what the caller holds, which may outlive the context.
    const std::shared_ptr<residua::Allocator> memory;
    residua::Allocator& allocator = *memory;
    residua::ThreadPool threads;
    residua::models::Registry models;
    const std::function<void(residua::LogLevel, const std::string&)> log;
    residua::codec::Limits limits;
    residua::api::Message error;
    std::array<double, residua::kWorks> seconds = {};  // of the last call that coded
};

namespace residua::api {

// The status and the message of the exception that is being handled.
residua_status status_of_exception(Message& error) noexcept;

// Runs `action`; whatever it throws becomes a status and a message. Nothing is allocated here, so that
// nothing can be thrown outside of the try block either.
template <typename Action>
residua_status guarded(Message& error, const Action& action) noexcept {
    try {
        error.clear();
        action();
        return RESIDUA_OK;
    } catch (...) {
        return status_of_exception(error);
    }
}

// The same for a call on a context, which may be null.
template <typename Action>
residua_status call(residua_context* context, const Action& action) noexcept {
    return context ? guarded(context->error, action) : RESIDUA_INVALID_ARGUMENT;
}

// Reports to the context's callback.
std::function<bool(double)> progress_of(const residua_context& context);

// Runs `action` with a session whose progress goes to the context's callback.
template <typename Action>
residua_status session_call(residua_context* context, const Action& action) noexcept {
    return call(context, [&] {
        Progress progress(progress_of(*context));
        WorkClock clock;
        Session session{context->allocator, context->threads, progress, context->log, &clock};
        context->seconds = {};
        action(session);
        context->seconds = clock.all();
    });
}

// Throws kInvalidArgument with that message unless `condition` holds.
void require(bool condition, const char* message);

std::span<const uint8_t> bytes_of(const void* data, size_t size);

}  // namespace residua::api
