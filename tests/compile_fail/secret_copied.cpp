// error: use of deleted function .*Secret
#include "ports/secret.hpp"

namespace parallax::ports {
#ifdef PLX_WRONG
Secret twice(const Secret& secret) { return secret; }
#else
Secret twice(const Secret& secret) { return Secret::copy_of(secret.reveal()); }
#endif
}  // namespace parallax::ports
