/* The clocks of a program, moved: what it reads is the machine's, and ahead of it by as many seconds as a file says at
   that moment, on the wall clock and on the one that never goes back. So it is as if that much time had passed, and a
   wall clock that leaps by itself is another matter.

   MOVED_CLOCK  the file: a number of eight bytes */

#define _GNU_SOURCE
#include <errno.h>
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

static int is_moved(clockid_t clock) {
    return (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC) && ahead;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && is_moved(clock)) now->tv_sec += *ahead;
    return done;
}

/* Who sleeps until a time, as Python does, named it by the clock that is moved: by the machine's it would be hours away.
   It is looked at again and again, because it may be moved meanwhile. */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *left) {
    const int64_t second = 1000000000, pause = second / 50;
    if (!(flags & TIMER_ABSTIME) || !is_moved(clock))
        return syscall(SYS_clock_nanosleep, clock, flags, request, left) == 0 ? 0 : errno;
    for (;;) {
        struct timespec now;
        if (clock_gettime(clock, &now) != 0) return errno;
        int64_t nanos = (request->tv_sec - now.tv_sec) * second + request->tv_nsec - now.tv_nsec;
        if (nanos <= 0) return 0;
        struct timespec slice = {0, nanos < pause ? nanos : pause};
        if (syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &slice, NULL) != 0) return errno;
    }
}
