#include "CPlatform.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

int platform_start_thread(void *(*body)(void *), void *argument) {
  pthread_t thread;
  const int error = pthread_create(&thread, NULL, body, argument);
  if (error == 0) pthread_detach(thread);
  return error;
}

static void *wait_for(void *gate) {
  pthread_mutex_lock(gate);
  pthread_mutex_unlock(gate);
  return NULL;
}

int platform_try_threads(int count) {
  pthread_t *threads = calloc(count > 0 ? count : 1, sizeof(pthread_t));
  if (threads == NULL) return ENOMEM;
  pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&gate);
  int started = 0, error = 0;
  while (started < count && error == 0) {
    error = pthread_create(&threads[started], NULL, wait_for, &gate);
    if (error == 0) started += 1;
  }
  pthread_mutex_unlock(&gate);
  for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
  free(threads);
  return error;
}
