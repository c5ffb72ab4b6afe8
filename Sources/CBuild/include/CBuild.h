/// The commit that the program was built from, as `make build` found it; an empty string where none
/// was named.
const char *gammaplane_build_commit(void);
