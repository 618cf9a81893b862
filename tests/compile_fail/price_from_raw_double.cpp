// error: conversion from .double. to .(std::int64_t|long int|int64_t)
#include "core/price.hpp"

#pragma GCC diagnostic error "-Wconversion"  // as every build does

namespace parallax {
#ifdef PLX_WRONG
inline double peer = 63012.5;
const Price kPrice = Price::from_raw(peer);
#else
inline std::int64_t peer = 6301250;
const Price kPrice = Price::from_raw(peer);
#endif
}  // namespace parallax
