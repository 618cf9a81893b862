// error: conversion from .double. to non-scalar type .*parallax::Price.
#include "core/price.hpp"

namespace parallax {
#ifdef PLX_WRONG
const Price kPrice = 63012.5;
#else
const Price kPrice = Price::from_raw(6301250);
#endif
}  // namespace parallax
