// error: conversion from .double. to non-scalar type .*parallax::Amount.
#include "core/amount.hpp"

namespace parallax {
#ifdef PLX_WRONG
inline const Amount kAmount = 0.1;
#else
inline const Amount kAmount = Amount::from_raw(100000000000000000);
#endif
}  // namespace parallax
