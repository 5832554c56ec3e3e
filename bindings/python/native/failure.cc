#include "failure.h"

#include <cstring>

namespace residua_python {

namespace nb = nanobind;

namespace {

// The classes are Python's own: they derive from its exceptions, which stubs can show.
void raise(const Failure& failure) {
    const nb::object kind =
        nb::module_::import_("residua.errors").attr("by_status")(static_cast<int>(failure.status()));
    PyErr_SetObject(kind.ptr(), text(failure.what()).ptr());
}

}  // namespace

nb::object text(const char* bytes) {
    PyObject* decoded =
        PyUnicode_DecodeUTF8(bytes, static_cast<Py_ssize_t>(std::strlen(bytes)), "backslashreplace");
    if (!decoded) throw nb::python_error();
    return nb::steal(decoded);
}

void register_failures() {
    nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
        try {
            std::rethrow_exception(pointer);
        } catch (const Failure& failure) {
            try {
                raise(failure);
            } catch (nb::python_error& error) {
                error.restore();
            }
        }
    });
}

}  // namespace residua_python
