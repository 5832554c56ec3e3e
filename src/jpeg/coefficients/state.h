// The memory of one band's coder: what it learns, and the tables that it reads.
#pragma once

#include <cstdlib>
#include <memory>
#include <vector>

#include "jpeg/coefficients/layout.h"
#include "jpeg/coefficients/model.h"

namespace residua::jpeg {

const Tables& tables();

// The two sets of a model's beginnings: luma's, and chroma's.
inline constexpr int kClasses = 2;

// What the components of a picture share: Cb and Cr learn together.
constexpr int model_of(int component) { return component == 0 ? 0 : component < 3 ? 1 : 2; }
constexpr int class_of(int component) { return model_of(component) == 1 ? 1 : 0; }

ComponentPlan plan_of(const ComponentShape& shape, int component);

// Models of the AC (for an effort), or banks of the DC, of as many components. Memory that no decision comes to is
// never touched.
class State {
  public:
    static State of_ac(int components, Effort effort);
    static State of_dc(int components);

    Model& model(int component) { return models_[static_cast<size_t>(model_of(component))]; }
    RowMemory* rows(size_t columns);
    int16_t* errors(size_t columns);

  private:
    struct Free {
        void operator()(void* p) const { std::free(p); }
    };
    template <class T>
    T* take(size_t count);
    struct Shape;
    void make(Bank& bank, const Shape& shape);
    void fill_model(Model& model, int effort, int model_class);

    std::vector<std::unique_ptr<void, Free>> memory_;
    Model models_[3] = {};
};

}  // namespace residua::jpeg
