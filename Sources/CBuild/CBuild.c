#include "CBuild.h"

const char *gammaplane_build_commit(void) { return GAMMAPLANE_COMMIT; }
