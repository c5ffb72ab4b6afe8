#include "CPlatform.h"

#include <signal.h>

int platform_catch_signal(int signal, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NODEFER};
  sigemptyset(&action.sa_mask);
  return sigaction(signal, &action, NULL);
}
