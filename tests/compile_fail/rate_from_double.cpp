// error: conversion from .double. to non-scalar type .*parallax::Rate.
#include "core/amount.hpp"

namespace parallax {
#ifdef PLX_WRONG
inline const Rate kRate = 0.001;
#else
inline const Rate kRate = Rate::basis_points(10);
#endif
}  // namespace parallax
