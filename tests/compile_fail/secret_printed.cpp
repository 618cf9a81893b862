// error: use of deleted function .*operator<<
#include <iostream>

#include "ports/secret.hpp"

namespace parallax::ports {
#ifdef PLX_WRONG
void show(const Secret& secret) { std::cout << secret; }
#else
void show(const Secret& secret) { std::cout << secret.size(); }
#endif
}  // namespace parallax::ports
