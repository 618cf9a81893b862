#include "testing/allocations.hpp"

#include "services/scanner/testing.hpp"

namespace parallax::scanner {

std::uint64_t Desk::allocation_count() { return parallax::allocations(); }

}  // namespace parallax::scanner
