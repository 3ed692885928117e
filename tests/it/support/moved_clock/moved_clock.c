/* The clocks of a program, moved: what it reads is the machine's, and ahead of it by as many seconds as a file says at
   that moment, on the wall clock and on the one that never goes back. So it is as if that much time had passed, and a
   wall clock that leaps by itself is another matter.

   MOVED_CLOCK  the file: a number of eight bytes */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("MOVED_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) {
        perror("moved_clock");
        abort();
    }
    close(file);
    ahead = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC) && ahead) now->tv_sec += *ahead;
    return done;
}
