// error: conversion from .int. to non-scalar type .*parallax::Nanos.
#include "core/time.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr Nanos kSpan = 5;
#else
constexpr Nanos kSpan{5};
#endif
}  // namespace parallax
