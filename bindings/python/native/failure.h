// A failed call of the library as an exception of Python.
#pragma once

#include <nanobind/nanobind.h>
#include <residua/residua.h>

#include <exception>
#include <string>

namespace residua_python {

// Becomes residua.errors.by_status(status), with the message.
class Failure : public std::exception {
  public:
    Failure(residua_status status, std::string message) : status_(status), message_(std::move(message)) {}
    const char* what() const noexcept override { return message_.c_str(); }
    residua_status status() const { return status_; }

  private:
    residua_status status_;
    std::string message_;
};

// Text of the library for Python; bytes that are no UTF-8 (of a path, say) are escaped.
nanobind::object text(const char* bytes);

// Makes Python see each Failure so.
void register_failures();

}  // namespace residua_python
