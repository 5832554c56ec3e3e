// What Debian 12's Emscripten lacks of C++20: its library is libc++ 13, without std::bit_cast and the algorithms on
// ranges, which came with libc++ 14 and 15. Those that this project calls, over whole ranges. Builds for WebAssembly
// include this file before every other.
#pragma once

#ifdef __cplusplus
#include <version>

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 14000
namespace std {

template <class To, class From>
constexpr To bit_cast(const From& from) noexcept {
    return __builtin_bit_cast(To, from);
}

}  // namespace std
#endif

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 15000
#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace std::ranges {

template <class R, class F, class P = std::identity>
constexpr bool all_of(R&& range, F condition, P projection = {}) {
    return std::all_of(std::begin(range), std::end(range),
                       [&](auto&& e) { return std::invoke(condition, std::invoke(projection, e)); });
}
template <class R, class F, class P = std::identity>
constexpr bool any_of(R&& range, F condition, P projection = {}) {
    return std::any_of(std::begin(range), std::end(range),
                       [&](auto&& e) { return std::invoke(condition, std::invoke(projection, e)); });
}
template <class R, class F, class P = std::identity>
constexpr bool none_of(R&& range, F condition, P projection = {}) {
    return !ranges::any_of(range, condition, projection);
}
template <class R, class F, class P = std::identity>
constexpr auto count_if(R&& range, F condition, P projection = {}) {
    return std::count_if(std::begin(range), std::end(range),
                         [&](auto&& e) { return std::invoke(condition, std::invoke(projection, e)); });
}
template <class R, class F, class P = std::identity>
constexpr auto find_if(R&& range, F condition, P projection = {}) {
    return std::find_if(std::begin(range), std::end(range),
                        [&](auto&& e) { return std::invoke(condition, std::invoke(projection, e)); });
}
template <class R, class T, class P = std::identity>
constexpr auto find(R&& range, const T& value, P projection = {}) {
    return std::find_if(std::begin(range), std::end(range),
                        [&](auto&& e) { return std::invoke(projection, e) == value; });
}

template <class A, class B, class F = std::ranges::equal_to, class P = std::identity, class Q = std::identity>
constexpr bool equal(A&& a, B&& b, F same = {}, P of_a = {}, Q of_b = {}) {
    return std::equal(std::begin(a), std::end(a), std::begin(b), std::end(b), [&](auto&& x, auto&& y) {
        return std::invoke(same, std::invoke(of_a, x), std::invoke(of_b, y));
    });
}
template <class A, class B>
constexpr auto mismatch(A&& a, B&& b) {
    const auto pair = std::mismatch(std::begin(a), std::end(a), std::begin(b), std::end(b));
    struct Result {
        decltype(pair.first) in1;
        decltype(pair.second) in2;
    };
    return Result{pair.first, pair.second};
}

template <class R, class O>
constexpr auto copy(R&& range, O out) {
    struct Result {
        decltype(std::end(range)) in;
        O out;
    };
    return Result{std::end(range), std::copy(std::begin(range), std::end(range), out)};
}
template <class R, class T>
constexpr void fill(R&& range, const T& value) {
    std::fill(std::begin(range), std::end(range), value);
}
template <class R>
constexpr void reverse(R&& range) {
    std::reverse(std::begin(range), std::end(range));
}

template <class R, class C = std::ranges::less, class P = std::identity>
constexpr void sort(R&& range, C before = {}, P projection = {}) {
    std::sort(std::begin(range), std::end(range), [&](auto&& a, auto&& b) {
        return std::invoke(before, std::invoke(projection, a), std::invoke(projection, b));
    });
}
template <class R, class C = std::ranges::less, class P = std::identity>
void stable_sort(R&& range, C before = {}, P projection = {}) {
    std::stable_sort(std::begin(range), std::end(range), [&](auto&& a, auto&& b) {
        return std::invoke(before, std::invoke(projection, a), std::invoke(projection, b));
    });
}
template <class R, class C = std::ranges::less, class P = std::identity>
constexpr auto max_element(R&& range, C before = {}, P projection = {}) {
    return std::max_element(std::begin(range), std::end(range), [&](auto&& a, auto&& b) {
        return std::invoke(before, std::invoke(projection, a), std::invoke(projection, b));
    });
}
template <class R, class C = std::ranges::less, class P = std::identity>
constexpr auto min_element(R&& range, C before = {}, P projection = {}) {
    return std::min_element(std::begin(range), std::end(range), [&](auto&& a, auto&& b) {
        return std::invoke(before, std::invoke(projection, a), std::invoke(projection, b));
    });
}
template <class R, class T, class C = std::ranges::less, class P = std::identity>
constexpr auto lower_bound(R&& range, const T& value, C before = {}, P projection = {}) {
    return std::lower_bound(std::begin(range), std::end(range), value, [&](auto&& e, const T& v) {
        return std::invoke(before, std::invoke(projection, e), v);
    });
}
template <class R, class T, class C = std::ranges::less, class P = std::identity>
constexpr auto upper_bound(R&& range, const T& value, C before = {}, P projection = {}) {
    return std::upper_bound(std::begin(range), std::end(range), value, [&](const T& v, auto&& e) {
        return std::invoke(before, v, std::invoke(projection, e));
    });
}

}  // namespace std::ranges
#endif
#endif
