// error: conversion from .int. to non-scalar type .*parallax::Price.
#include "core/price.hpp"

namespace parallax {
#ifdef PLX_WRONG
const Price kPrice = 63012;
#else
const Price kPrice = Price::from_raw(63012);
#endif
}  // namespace parallax
