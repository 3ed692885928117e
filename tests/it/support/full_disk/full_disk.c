/* A disk that is full, for a program that this is loaded into: nothing more is written to files below one folder, for as
   long as a file is there that says so. What is there already can be read, renamed and removed.

   FULL_DISK_BELOW  the folder
   FULL_DISK_WHILE  the file */

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int is_full(int file) {
    const char *below = getenv("FULL_DISK_BELOW"), *says = getenv("FULL_DISK_WHILE");
    char link[64], path[4096];
    if (!below || !says || access(says, F_OK) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    size_t prefix = strlen(below);
    return strncmp(path, below, prefix) == 0 && path[prefix] == '/';
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (is_full(file)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, file, bytes, count);
}
