/* Preloaded into a server: every fsync takes longer, once `slow_disk` was called. An ordinary disk on a fast one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static long delay_ns;

void slow_disk(long microseconds) { delay_ns = microseconds * 1000; }

static int after_a_while(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    struct timespec pause = {0, delay_ns};
    if (delay_ns) nanosleep(&pause, NULL);
    return real(fd);
}

int fsync(int fd) { return after_a_while("fsync", fd); }

int fdatasync(int fd) { return after_a_while("fdatasync", fd); }
