// error: conversion from .int. to non-scalar type
#include "core/ids.hpp"

namespace parallax {
#ifdef PLX_WRONG
constexpr InstrumentId kId = 1;
#else
constexpr InstrumentId kId{1};
#endif
}  // namespace parallax
